//! Which flows a load is made of: names with weights, spread evenly over the turns.

use super::flow::names;
use crate::scenario::nearest;

/// Flows, each as often as its weight says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix(Vec<(String, u32)>);

impl Mix {
    /// Reads `NAME` or `NAME=WEIGHT`; none at all is the client credentials grant. `Err` is for the user.
    pub fn parse(words: &[String]) -> Result<Self, String> {
        if words.is_empty() {
            return Ok(Self(vec![("client-credentials".into(), 1)]));
        }
        let flows: Vec<(String, u32)> = words.iter().map(|word| weighed(word)).collect::<Result<_, _>>()?;
        match flows.iter().map(|(_, weight)| u64::from(*weight)).sum() {
            0 => Err("all weights are zero, so that there is nothing to do".into()),
            1..=MOST => Ok(Self(flows)),
            _ => Err(format!("the weights are more than {MOST} together")),
        }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Which flow each turn has, one round long: of those that are behind, the one that is most so.
    pub fn round(&self) -> Vec<usize> {
        let total: i64 = self.0.iter().map(|(_, weight)| i64::from(*weight)).sum();
        let mut credit = vec![0; self.0.len()];
        let turn = |_| {
            credit.iter_mut().zip(&self.0).for_each(|(credit, (_, weight))| *credit += i64::from(*weight));
            let most = (0..credit.len()).rev().max_by_key(|index| credit[*index]).unwrap_or_default();
            credit[most] -= total;
            most
        };
        (0..total).map(turn).collect()
    }
}

impl std::fmt::Display for Mix {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        let word = |(name, weight): &(String, u32)| match self.0.len() {
            1 => name.clone(),
            _ => format!("{name}={weight}"),
        };
        out.write_str(&self.0.iter().map(word).collect::<Vec<_>>().join(" "))
    }
}

const MOST: u64 = 10_000;

fn weighed(word: &str) -> Result<(String, u32), String> {
    let (name, weight) = word.split_once('=').unwrap_or((word, "1"));
    let weight = weight.parse().map_err(|_| format!("`{weight}` in `{word}` is no weight; write a whole number"))?;
    if names().any(|known| known == name) {
        return Ok((name.to_owned(), weight));
    }
    let help = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(format!("there is no flow `{name}`; {help}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mix(words: &[&str]) -> Result<Mix, String> {
        Mix::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_round_has_each_flow_as_often_as_it_weighs_and_spreads_them() {
        assert_eq!(mix(&["client-credentials=3", "code"]).unwrap().round(), [0, 0, 1, 0]);
        assert_eq!(mix(&[]).unwrap().round(), [0]);
    }

    #[test]
    fn slips_are_told() {
        assert!(mix(&["cod"]).unwrap_err().contains("did you mean `code`?"));
        assert!(mix(&["code=x"]).unwrap_err().contains("no weight"));
        assert!(mix(&["code=0"]).unwrap_err().contains("zero"));
    }
}
