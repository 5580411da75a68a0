//! Secrets: values that must not reach a report or a log, in any encoding. Redaction replaces them by `***`.

use std::collections::BTreeSet;
use std::ops::Bound;

use base64::Engine as _;

/// What stands where a secret was.
pub const MASK: &str = "***";

/// A shorter beginning tells nothing.
const CUT: usize = 8;

/// A set of secret texts with their common encodings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    texts: BTreeSet<String>,
}

impl Secrets {
    /// Adds a secret. Texts under four characters are too common to be hidden and are left alone.
    pub fn add(&mut self, secret: &str) {
        if secret.chars().count() < 4 {
            return;
        }
        let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
        let hex = data_encoding::HEXLOWER.encode(secret.as_bytes());
        let json = serde_json::to_string(secret).unwrap_or_default().trim_matches('"').to_owned();
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret);
        let base64url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
        let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        self.texts.extend([secret.to_owned(), form, percent, hex, json, base64, base64url, html]);
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: &Secrets) {
        self.texts.extend(other.texts.iter().cloned());
    }

    /// The text with every secret masked, the longest first. A run collects thousands of them, so they are looked up.
    pub fn redact(&self, text: &str) -> String {
        let (mut redacted, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(letter) = rest.chars().next() {
            let (shown, length) = match self.longest_at_start(rest) {
                Some(secret) => (MASK, secret.len()),
                None => (&rest[..letter.len_utf8()], letter.len_utf8()),
            };
            redacted.push_str(shown);
            rest = &rest[length..];
        }
        redacted
    }

    /// Whether a text that was cut short may be the beginning of a secret.
    pub fn begins_with(&self, head: &str) -> bool {
        let next = self.texts.range::<str, _>((Bound::Included(head), Bound::Unbounded)).next();
        head.len() >= CUT && next.is_some_and(|secret| secret.starts_with(head))
    }

    /// The longest secret with which a text begins. In order, the last secret that is not after the text either is it, or
    /// shares with the text a beginning that is no shorter than it.
    fn longest_at_start(&self, text: &str) -> Option<&str> {
        let mut head = text;
        loop {
            let secret = self.texts.range::<str, _>((Bound::Unbounded, Bound::Included(head))).next_back()?;
            if head.starts_with(secret.as_str()) {
                return Some(secret);
            }
            let same = head.chars().zip(secret.chars()).take_while(|(left, right)| left == right);
            head = &head[..same.map(|(letter, _)| letter.len_utf8()).sum()];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let mut secrets = Secrets::default();
        secrets.add("s%p+e c\"é");
        for text in ["s%p+e c\"é", "s%25p%2Be+c%22%C3%A9", "s\\u", "cyVwK2UgYyLDqQ", "7325702b6520"] {
            let redacted = secrets.redact(&format!("a {text} b"));
            let hidden = !redacted.contains(text);
            assert_eq!(hidden, text != "s\\u" && text != "7325702b6520", "{redacted}");
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_known_as_such() {
        let mut secrets = Secrets::default();
        secrets.add("abcdefghijklmnop");
        let table = [("abcdefghij", true), ("abcdefghijklmnop", true), ("abcdefgx", false), ("abc", false)];
        for (head, known) in table {
            assert_eq!(secrets.begins_with(head), known, "{head}");
        }
    }

    #[test]
    fn the_longest_of_several_secrets_is_masked() {
        let mut secrets = Secrets::default();
        ["abcd", "abcdef", "abcdxyz", "abce"].into_iter().for_each(|secret| secrets.add(secret));
        assert_eq!(secrets.redact("abcdefg abcdxy abcdabcd abc é"), "***g ***xy ****** abc é");
    }
}
