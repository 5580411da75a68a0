//! Words for a POSIX shell that a reader may paste.

use super::plain::dangerous;

/// One word, quoted when it has to be. Control characters are spelt out as `$'…'` does.
pub fn quote(text: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,~".contains(letter);
    if !text.is_empty() && text.chars().all(safe) && !text.starts_with('~') {
        return text.to_owned();
    }
    if text.chars().any(dangerous) {
        return format!("$'{}'", text.chars().map(spelt).collect::<String>());
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn spelt(letter: char) -> String {
    match letter {
        '\\' | '\'' => format!("\\{letter}"),
        '\n' => "\\n".into(),
        letter if dangerous(letter) => {
            let mut bytes = [0; 4];
            letter.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
        }
        letter => letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_when_they_must_be() {
        let table = [
            ("rfc6749/4.1.2/x", "rfc6749/4.1.2/x"),
            ("x#case", "'x#case'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
            ("a\u{1b}'", r"$'a\x1b\''"),
        ];
        for (text, expected) in table {
            assert_eq!(quote(text), expected);
        }
    }
}
