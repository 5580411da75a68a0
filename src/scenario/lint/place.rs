//! Where in a file a word stands, so that a caret can point at it.

use std::ops::Range;

/// The word outside comments: where it stands for itself, else inside another; the first character when it is nowhere.
pub fn of(source: &str, word: &str) -> Range<usize> {
    let mut places = places(source, word);
    let alone = places.clone().find(|place| alone(source, place));
    alone.or_else(|| places.next()).unwrap_or(0..source.len().min(1))
}

/// The occurrence of this index.
pub fn nth(source: &str, word: &str, index: usize) -> Range<usize> {
    places(source, word).nth(index).unwrap_or_else(|| of(source, word))
}

fn places<'a>(source: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + Clone + 'a {
    let found = source.match_indices(word).filter(|(_, word)| !word.is_empty());
    found.map(|(at, word)| at..at + word.len()).filter(|place| !commented(source, place.start))
}

fn commented(source: &str, at: usize) -> bool {
    source[..at].rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'))
}

fn alone(source: &str, place: &Range<usize>) -> bool {
    let joins = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    !source[..place.start].ends_with(joins) && !source[place.end..].starts_with(joins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_itself_goes_before_one_inside_another_and_comments_do_not_count() {
        let source = "# code\nauthorization_code = 1\ncode = 2\n";
        assert_eq!(of(source, "code"), 30..34);
        assert_eq!(of(source, "authorization"), 7..20);
        assert_eq!(of(source, "nowhere"), 0..1);
        assert_eq!(nth(source, "code", 0), 21..25);
    }
}
