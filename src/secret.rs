//! Secrets: values that must not reach a report or a log, in any encoding. Redaction replaces them by `***`.

use std::collections::{BTreeSet, HashSet};
use std::ops::Bound;

use base64::Engine as _;

/// What stands where a secret was.
pub const MASK: &str = "***";

/// Shorter texts are too common to be hidden.
const SHORTEST: usize = 4;

/// A shorter beginning of a secret, at the end of a text that may have been cut there, tells nothing.
const CUT: usize = 8;

/// A shorter beginning of a secret within a text tells nothing, or is a common word.
const FRAGMENT: usize = 12;

/// A set of secret texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    texts: BTreeSet<String>,
}

/// Secrets in all their encodings, ready to be masked.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    known: BTreeSet<String>,
    texts: BTreeSet<String>,
    /// How each of them begins: most places of a text begin no secret, and are passed by quickly.
    starts: HashSet<[u8; SHORTEST]>,
}

impl Secrets {
    /// Adds a secret. Texts under four characters are too common to be hidden and are left alone.
    pub fn add(&mut self, secret: &str) {
        if secret.chars().count() >= SHORTEST {
            self.texts.insert(secret.to_owned());
        }
    }

    /// Adds all of another set.
    pub fn extend(&mut self, other: &Secrets) {
        self.texts.extend(other.texts.iter().cloned());
    }

    /// What masks them.
    pub fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.extend(self);
        redactor
    }
}

impl Redactor {
    /// Adds secrets with their encodings.
    pub fn extend(&mut self, secrets: &Secrets) {
        for secret in &secrets.texts {
            if self.known.insert(secret.clone()) {
                let texts = encoded(secret).into_iter().chain([secret.clone()]);
                let texts: Vec<String> = texts.filter(|text| text.chars().count() >= SHORTEST).collect();
                self.starts.extend(texts.iter().filter_map(|text| start(text)));
                self.texts.extend(texts);
            }
        }
    }

    /// The text with every secret masked, the longest first, also one that was cut short. A run collects thousands of them, so
    /// they are looked up.
    pub fn redact(&self, text: &str) -> String {
        let (mut redacted, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(letter) = rest.chars().next() {
            let secret = jwt_at_start(rest).max(self.secret_at_start(rest));
            let (shown, length) =
                if secret > 0 { (MASK, secret) } else { (&rest[..letter.len_utf8()], letter.len_utf8()) };
            redacted.push_str(shown);
            rest = &rest[length..];
        }
        redacted
    }

    /// How many bytes at the start of a text are a secret or the beginning of one. In order, what shares most with the text is
    /// next to it.
    fn secret_at_start(&self, text: &str) -> usize {
        if !start(text).is_some_and(|start| self.starts.contains(&start)) {
            return 0;
        }
        let whole = self.longest_at_start(text).map_or(0, str::len);
        let before = self.texts.range::<str, _>((Bound::Unbounded, Bound::Included(text))).next_back();
        let after = self.texts.range::<str, _>((Bound::Included(text), Bound::Unbounded)).next();
        let shared = before.into_iter().chain(after).map(|secret| shared(secret, text)).max().unwrap_or_default();
        let ends = is_cut(&text[shared..]);
        if shared >= FRAGMENT || (ends && shared >= CUT) { whole.max(shared) } else { whole }
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
            head = &head[..shared(secret, head)];
        }
    }
}

fn start(text: &str) -> Option<[u8; SHORTEST]> {
    text.as_bytes().first_chunk().copied()
}

/// How many bytes two texts have in common at their start.
fn shared(left: &str, right: &str) -> usize {
    let same = left.chars().zip(right.chars()).take_while(|(left, right)| left == right);
    same.map(|(letter, _)| letter.len_utf8()).sum()
}

/// Whether a text may have been cut before this rest of it.
fn is_cut(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('…') || rest.starts_with("...")
}

/// How many bytes at the start of a text look like a JWT, whoever made it.
fn jwt_at_start(text: &str) -> usize {
    if !text.starts_with("eyJ") {
        return 0;
    }
    let part = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let end = text.find(|letter| !part(letter)).unwrap_or(text.len());
    if text[..end].split('.').filter(|part| part.len() >= CUT).count() >= 2 { end } else { 0 }
}

/// How a secret may be written: in a form, a URL, JSON, HTML, hexadecimal, base32, base64 wherever it stands in what is encoded.
fn encoded(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let form: String = form_urlencoded::byte_serialize(bytes).collect();
    let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let space = form.replace('+', "%20");
    let lower = [&form, &percent, &space].map(|text| lower_hex(text));
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default().to_owned();
    let slashed = json.replace('/', "\\/");
    let ascii: String = json.chars().map(json_escape).collect();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quotes = [("&quot;", "&#39;"), ("&#34;", "&#39;"), ("&quot;", "&#x27;"), ("&quot;", "'"), ("\"", "'")];
    let htmls = quotes.map(|(double, single)| html.replace('"', double).replace('\'', single));
    let hexes = [&data_encoding::HEXLOWER, &data_encoding::HEXUPPER].map(|hex| hex.encode(bytes));
    let base32 = data_encoding::BASE32_NOPAD.encode(bytes);
    let texts = [form, percent, space, json, slashed, ascii].into_iter().chain(lower).chain(htmls);
    let texts: BTreeSet<String> = texts.chain([secret.to_owned()]).collect();
    let base64 = texts.iter().flat_map(|text| (0..3).flat_map(|before| base64_within(text.as_bytes(), before)));
    let base64: Vec<String> = base64.collect();
    texts.into_iter().chain(hexes).chain([base32]).chain(base64).collect()
}

/// `%2F` as `%2f`.
fn lower_hex(percent: &str) -> String {
    let mut parts = percent.split('%');
    let head = parts.next().unwrap_or_default().to_owned();
    parts.fold(head, |text, part| match part.split_at_checked(2) {
        Some((hex, rest)) => format!("{text}%{}{rest}", hex.to_ascii_lowercase()),
        None => format!("{text}%{part}"),
    })
}

/// What careful writers of JSON escape besides what they must.
fn json_escape(letter: char) -> String {
    let escaped = |unit: &u16| format!("\\u{unit:04x}");
    match letter {
        '<' | '>' | '&' | '\'' | '+' => escaped(&(letter as u16)),
        letter if letter.is_ascii() => letter.to_string(),
        letter => letter.encode_utf16(&mut [0; 2]).iter().map(escaped).collect(),
    }
}

/// The characters of base64 that depend on nothing but the secret, when so many bytes stand before it: with something after it, and
/// at the end.
fn base64_within(secret: &[u8], before: usize) -> Vec<String> {
    let whole = [&[0; 3][..before], secret].concat();
    let (start, end) = ([0, 2, 3][before], whole.len() * 8 / 6);
    let engines = [base64::engine::general_purpose::STANDARD_NO_PAD, base64::engine::general_purpose::URL_SAFE_NO_PAD];
    let within = |text: String| [text.get(start..end), text.get(start..)].map(|part| part.map(str::to_owned));
    engines.iter().flat_map(|engine| within(engine.encode(&whole))).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_masked_in_every_encoding() {
        let mut secrets = Secrets::default();
        secrets.add("s%p+e c\"é");
        let hidden = [
            "s%p+e c\"é",
            "s%25p%2Be+c%22%C3%A9",
            "s%25p%2be+c%22%c3%a9",
            "s%25p%2Be%20c%22%C3%A9",
            "s%p\\u002be c\\\"\\u00e9",
            "s%p+e c&quot;é",
            "s%p+e c&#34;é",
            "cyVwK2UgYyLDqQ",
            "7325702b65206322c3a9",
        ];
        for text in hidden {
            assert_eq!(secrets.redactor().redact(&format!("a {text} b")), "a *** b", "{text}");
        }
        assert_eq!(secrets.redactor().redact("s\\u 7325702"), "s\\u 7325702");
    }

    #[test]
    fn a_secret_within_base64_is_masked_wherever_it_stands() {
        use base64::engine::general_purpose::STANDARD;
        let mut secrets = Secrets::default();
        secrets.add("correct-horse-battery");
        for before in ["", "a", "ab", "abc", "client:"] {
            let text = STANDARD.encode(format!("{before}correct-horse-battery!"));
            let redacted = secrets.redactor().redact(&text);
            assert!(redacted.contains(MASK) && redacted.len() < before.len() * 2 + 10, "{redacted}");
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_masked() {
        let mut secrets = Secrets::default();
        secrets.add("abcdefghijklmnop");
        let table = [
            ("abcdefghij", "***"),
            ("x=abcdefghij…", "x=***…"),
            ("abcdefghij and more", "abcdefghij and more"),
            ("abcdefghijklm and more", "*** and more"),
            ("abcdefgx", "abcdefgx"),
            ("abc", "abc"),
        ];
        for (text, expected) in table {
            assert_eq!(secrets.redactor().redact(text), expected);
        }
    }

    #[test]
    fn what_looks_like_a_jwt_is_masked_whoever_made_it() {
        let secrets = Secrets::default();
        assert_eq!(secrets.redactor().redact("got eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0. there"), "got *** there");
        assert_eq!(secrets.redactor().redact("eyJhbGci is the beginning of one"), "eyJhbGci is the beginning of one");
    }

    #[test]
    fn the_longest_of_several_secrets_is_masked() {
        let mut secrets = Secrets::default();
        ["abcd", "abcdef", "abcdxyz", "abce"].into_iter().for_each(|secret| secrets.add(secret));
        assert_eq!(secrets.redactor().redact("abcdefg abcdxy abcdabcd abc é"), "***g ***xy ****** abc é");
    }
}
