//! Text from a target made harmless for a terminal: nothing in it moves a cursor, changes a colour or turns the
//! direction of writing.

/// One line: every control character is spelt out.
pub fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut line, letter| {
        match letter {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            letter if dangerous(letter) => line.push_str(&format!("\\u{{{:x}}}", u32::from(letter))),
            letter => line.push(letter),
        }
        line
    })
}

/// The first `limit` bytes, at a character's border, and how many bytes were left out.
pub fn cut(text: &str, limit: usize) -> (&str, usize) {
    let end = (0..=limit.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    (&text[..end], text.len() - end)
}

/// Control characters, and those that turn the direction of writing or begin a line.
pub fn dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_gets_through() {
        let hostile: String = (0..=0x2fff_u32).filter_map(char::from_u32).collect();
        assert!(!plain(&hostile).chars().any(dangerous));
        assert_eq!(plain("a\u{1b}[31mb\r\nc\u{202e}"), "a\\u{1b}[31mb\\r\\nc\\u{202e}");
    }

    #[test]
    fn a_cut_keeps_characters_whole() {
        assert_eq!(cut("aé", 2), ("a", 2));
        assert_eq!(cut("aé", 3), ("aé", 0));
    }
}
