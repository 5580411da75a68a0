//! Which checks a selection names: an id, an id with a case, a folder, a specification, a pattern with `*`.

/// Whether one of the words selects a verdict. No word selects all.
pub fn matches(select: &[String], id: &str, case: Option<&str>) -> bool {
    select.is_empty() || select.iter().any(|word| one(word, id, case))
}

fn one(word: &str, id: &str, case: Option<&str>) -> bool {
    let (word, wanted) = word.split_once('#').map_or((word, None), |(word, case)| (word, Some(case)));
    let word = word.trim_start_matches("scenarios/").trim_end_matches(".toml").trim_end_matches('/');
    let case_fits = match (wanted, case) {
        (Some(wanted), Some(case)) => glob(wanted, case),
        _ => true,
    };
    let below = id.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    case_fits && (below || (word.contains('*') && glob(word, id)))
}

fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| glob(tail, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_selects_an_id_a_folder_a_case_or_a_pattern() {
        let id = "rfc6749/4.1.2/code-is-single-use";
        let table = [
            ("rfc6749", None, true),
            ("rfc6749/4.1", None, false),
            ("rfc6749/4.1.2/", None, true),
            ("scenarios/rfc6749/4.1.2/code-is-single-use.toml", None, true),
            ("rfc6749/4.1.2/code-is-single-use#a", Some("a"), true),
            ("rfc6749/4.1.2/code-is-single-use#a", Some("b"), false),
            ("*single*", None, true),
            ("rfc7636", None, false),
        ];
        for (word, case, expected) in table {
            assert_eq!(matches(&[word.to_owned()], id, case), expected, "{word} {case:?}");
        }
    }
}
