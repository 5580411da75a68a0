//! Form-encoded parameters: RFC 6749 wants them decoded as UTF-8, empty ones treated as absent, and
//! doubled ones seen and refused, so a map will not do. What a parameter means is not known here.

use std::collections::HashSet;

/// The parameters of one query or one body, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
    malformed: Vec<String>,
}

impl Params {
    /// Reads a query or a form body. Broken pairs are set aside, see [`Params::malformed`].
    pub fn parse(text: &[u8]) -> Self {
        let mut params = Self::default();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = split_pair(pair);
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => params.pairs.push((name, value)),
                (name, _) => params.malformed.push(name.unwrap_or_default()),
            }
        }
        params
    }

    /// The first value of this name; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.literal(name).filter(|value| !value.is_empty())
    }

    /// The first value of this name, even an empty one.
    pub fn literal(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of this name, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.pairs.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether this parameter is there more than once, or cannot be decoded.
    pub fn is_unclear(&self, name: &str) -> bool {
        self.all(name).nth(1).is_some() || self.malformed.iter().any(|broken| broken == name)
    }

    /// The first name that is there more than once, other than `resource` (RFC 8707 section 2).
    pub fn repeated(&self) -> Option<&str> {
        let mut names = self.pairs.iter().map(|(name, _)| name.as_str());
        if self.pairs.len() <= FEW {
            let before = |index: usize, name: &str| self.pairs[..index].iter().any(|(known, _)| known == name);
            return names.enumerate().find(|(at, name)| before(*at, name) && *name != "resource").map(|(_, name)| name);
        }
        let mut seen = HashSet::new();
        names.find(|name| !seen.insert(*name) && *name != "resource")
    }

    /// Names of the pairs that are no percent-encoded UTF-8; empty where the name itself is broken.
    pub fn malformed(&self) -> &[String] {
        &self.malformed
    }

    /// The same parameters, followed by those of the other.
    #[must_use]
    pub fn joined(mut self, other: Self) -> Self {
        self.pairs.extend(other.pairs);
        self.malformed.extend(other.malformed);
        self
    }

    /// The same parameters with their names in lower case.
    #[must_use]
    pub fn with_lower_case_names(mut self) -> Self {
        self.pairs.iter_mut().for_each(|(name, _)| *name = name.to_lowercase());
        self
    }

    /// Every pair, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// So many names are compared with each other sooner than they are hashed.
const FEW: usize = 16;

/// Decodes one form-encoded name or value: plus is a space, a broken escape or broken UTF-8 is `None`.
pub fn decode(text: &[u8]) -> Option<String> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return std::str::from_utf8(text).ok().map(str::to_owned);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (pair, tail) = rest.split_at_checked(2)?;
                bytes.push(hex(pair[0])? << 4 | hex(pair[1])?);
                rest = tail;
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Form-encodes one name or value.
pub fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The same with every byte encoded.
pub fn encode_all(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn split_pair(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (&pair[..at], &pair[at + 1..]),
        None => (pair, &[]),
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_is_a_space_and_percent_pairs_are_utf8() {
        assert_eq!(decode(b"a+%2B%E2%82%AC").as_deref(), Some("a +\u{20ac}"));
    }

    #[test]
    fn broken_escapes_and_broken_utf8_are_set_aside_by_name() {
        let params = Params::parse(b"state=%&scope=%FF&x=%u0041&%=1&ok=1");
        assert_eq!(params.malformed(), ["state", "scope", "x", ""]);
        assert_eq!(params.get("ok"), Some("1"));
        assert!(params.is_unclear("state") && !params.is_unclear("ok"));
    }

    #[test]
    fn an_empty_parameter_is_absent_and_a_doubled_one_is_found() {
        let params = Params::parse(b"a=&b=1&b=1");
        assert_eq!(params.get("a"), None);
        assert_eq!(params.repeated(), Some("b"));
    }
}
