//! `${VARIABLE}` and `${VARIABLE:-default}` in the texts of a target file come from the environment.

/// A variable that is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unset {
    /// Its name.
    pub name: String,
    /// Where in the text it stands.
    pub at: usize,
}

/// Puts the values in place. They stand inside TOML strings, so quotes and backslashes are escaped.
pub fn interpolate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unset> {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(open) = text[at..].find("${").map(|place| place + at) {
        let Some(close) = text[open..].find('}').map(|place| place + open) else { break };
        result.push_str(&text[at..open]);
        let comment = text[..open].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'));
        let (name, default) = match text[open + 2..close].split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (&text[open + 2..close], None),
        };
        match lookup(name).or(default) {
            Some(value) => result.push_str(&escape(&value)),
            None if comment => result.push_str(&text[open..=close]),
            None => return Err(Unset { name: name.to_owned(), at: open }),
        }
        at = close + 1;
    }
    result.push_str(&text[at..]);
    Ok(result)
}

fn escape(value: &str) -> String {
    value
        .chars()
        .flat_map(|letter| match letter {
            '"' | '\\' => vec!['\\', letter],
            '\n' => vec!['\\', 'n'],
            '\r' => vec!['\\', 'r'],
            '\t' => vec!['\\', 't'],
            _ => vec![letter],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<String, Unset> {
        interpolate(text, &|name| (name == "SECRET").then(|| "a\"b\\c".to_owned()))
    }

    #[test]
    fn a_variable_becomes_its_value_and_a_default_stands_in() {
        assert_eq!(with("s = \"${SECRET}\""), Ok("s = \"a\\\"b\\\\c\"".into()));
        assert_eq!(with("p = \"${PORT:-80}\""), Ok("p = \"80\"".into()));
    }

    #[test]
    fn an_unset_variable_is_named_with_its_place() {
        assert_eq!(with("a = \"${NONE}\""), Err(Unset { name: "NONE".into(), at: 5 }));
        assert_eq!(with("# ${NONE}"), Ok("# ${NONE}".into()));
    }
}
