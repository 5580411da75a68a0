//! Verdicts by specification and section, as the folders of the checks say.

use std::collections::BTreeMap;

use crate::outcome::{CheckOutcome, Verdict};

/// The verdicts of one section.
pub struct Section<'a> {
    /// The specification's folder, `rfc6749`.
    pub spec: String,
    /// The section, `4.1.2`.
    pub section: String,
    /// Its verdicts.
    pub checks: Vec<&'a CheckOutcome>,
}

/// Sections in the order of their numbers.
pub fn sections<'a>(checks: impl IntoIterator<Item = &'a CheckOutcome>) -> Vec<Section<'a>> {
    let mut folders: BTreeMap<_, Vec<&CheckOutcome>> = BTreeMap::new();
    for check in checks {
        folders.entry(place(&check.id)).or_default().push(check);
    }
    let section = |((spec, _, section), checks)| Section { spec, section, checks };
    folders.into_iter().map(section).collect()
}

/// Specification, section as numbers to sort by, section. `10.10` comes after `2.2`.
pub fn place(id: &str) -> (String, Vec<u32>, String) {
    let folder = id.rsplit_once('/').map_or("", |(folder, _)| folder);
    let (spec, section) = folder.split_once('/').unwrap_or((folder, ""));
    let numbers = section.split(['.', '/']).map(|number| number.parse().unwrap_or(u32::MAX)).collect();
    (spec.to_owned(), numbers, section.to_owned())
}

/// `rfc6749` is `RFC 6749`.
pub fn title(spec: &str) -> String {
    match spec.strip_prefix("rfc") {
        Some(number) if number.chars().all(|digit| digit.is_ascii_digit()) => format!("RFC {number}"),
        _ if spec.is_empty() => "Other checks".into(),
        _ => spec.to_owned(),
    }
}

/// Verdicts and the words for their number, as they are told.
pub const WORDS: &[(Verdict, &str)] = &[
    (Verdict::Pass, "passed"),
    (Verdict::Fail, "failed"),
    (Verdict::Warn, "warned"),
    (Verdict::Flaky, "flaky"),
    (Verdict::Blocked, "blocked"),
    (Verdict::Skipped, "skipped"),
];

/// How many of each there are, known deviations apart; what there is none of is left out.
pub fn counts<'a>(checks: impl IntoIterator<Item = &'a CheckOutcome>) -> Vec<(Option<Verdict>, &'static str, usize)> {
    let checks: Vec<&CheckOutcome> = checks.into_iter().collect();
    let of = |verdict| checks.iter().filter(|check| check.known.is_none() && check.verdict == verdict).count();
    let words = WORDS.iter().map(|(verdict, word)| (Some(*verdict), *word, of(*verdict)));
    let known = checks.iter().filter(|check| check.known.is_some()).count();
    words.chain([(None, "known", known)]).filter(|(.., count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_sorted_as_numbers() {
        let mut ids =
            ["rfc6749/10.10/a", "rfc6749/2.2/a", "rfc6749/4.1.2.1/a", "rfc6749/4.1.2/a", "x", "classic/token/a"];
        ids.sort_by_key(|id| place(id));
        assert_eq!(
            ids,
            ["x", "classic/token/a", "rfc6749/2.2/a", "rfc6749/4.1.2/a", "rfc6749/4.1.2.1/a", "rfc6749/10.10/a"]
        );
    }
}
