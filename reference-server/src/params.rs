//! Form-encoded parameters: RFC 6749 wants them decoded as UTF-8, empty ones treated as absent, and
//! doubled ones seen and refused, so a map will not do. What a parameter means is not known here.

use std::borrow::Cow;
use std::collections::HashSet;

/// A name and its value, decoded; what was sent without escapes is not copied.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The parameters of one query or one body, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params<'a> {
    pairs: Vec<Pair<'a>>,
    malformed: Vec<String>,
}

impl<'a> Params<'a> {
    /// Reads a query or a form body. Broken pairs are set aside, see [`Params::malformed`].
    pub fn parse(text: &'a [u8]) -> Self {
        let mut params = Self { pairs: Vec::with_capacity(8), malformed: Vec::new() };
        let source = Source { bytes: text, text: std::str::from_utf8(text).ok() };
        let mut begins = 0;
        while begins < text.len() {
            let pair = Extent::of_pair(text, begins);
            if pair.ends > begins {
                let name = source.part(begins, pair.name_ends, pair.escaped);
                let value = source.part(pair.value_begins, pair.ends, pair.escaped);
                params.keep(name, value);
            }
            begins = pair.ends + 1;
        }
        params
    }

    fn keep(&mut self, name: Option<Cow<'a, str>>, value: Option<Cow<'a, str>>) {
        match (name, value) {
            (Some(name), Some(value)) => self.pairs.push((name, value)),
            (name, _) => self.malformed.push(name.unwrap_or_default().into_owned()),
        }
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
    pub fn all<'p>(&'p self, name: &str) -> impl DoubleEndedIterator<Item = &'p str> {
        self.pairs.iter().filter(move |(found, _)| *found == name).map(|(_, value)| &**value)
    }

    /// Whether this parameter is there more than once, or cannot be decoded.
    pub fn is_unclear(&self, name: &str) -> bool {
        self.all(name).nth(1).is_some() || self.malformed.iter().any(|broken| broken == name)
    }

    /// The first name that is there more than once, other than `resource` (RFC 8707 section 2).
    pub fn repeated(&self) -> Option<&str> {
        let mut names = self.pairs.iter().map(|(name, _)| &**name);
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
        self.pairs.iter_mut().for_each(|(name, _)| *name = name.to_lowercase().into());
        self
    }

    /// Every pair, in order.
    pub fn pairs(&self) -> &[Pair<'a>] {
        &self.pairs
    }

    /// The same parameters, apart from the text that they were read from.
    pub fn into_owned(self) -> Params<'static> {
        let own = |(name, value): Pair| (name.into_owned().into(), value.into_owned().into());
        Params { pairs: self.pairs.into_iter().map(own).collect(), malformed: self.malformed }
    }
}

/// What is read, as text too when it is UTF-8 as a whole: that is less work than to look at each part.
struct Source<'a> {
    bytes: &'a [u8],
    text: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// A name or a value, decoded.
    fn part(&self, from: usize, to: usize, escaped: bool) -> Option<Cow<'a, str>> {
        match self.text.filter(|_| !escaped) {
            Some(text) => text.get(from..to).map(Cow::Borrowed),
            None => decode(&self.bytes[from..to]),
        }
    }
}

/// Where a pair stands, and whether anything in it is escaped: seen in one pass.
struct Extent {
    name_ends: usize,
    value_begins: usize,
    ends: usize,
    escaped: bool,
}

impl Extent {
    fn of_pair(text: &[u8], from: usize) -> Self {
        let (mut equals, mut ends, mut escaped) = (None, text.len(), false);
        for (at, byte) in (from..).zip(&text[from..]) {
            match byte {
                b'&' => {
                    ends = at;
                    break;
                }
                b'=' if equals.is_none() => equals = Some(at),
                b'+' | b'%' => escaped = true,
                _ => {}
            }
        }
        Self { name_ends: equals.unwrap_or(ends), value_begins: equals.map_or(ends, |at| at + 1), ends, escaped }
    }
}

/// So many names are compared with each other sooner than they are hashed.
const FEW: usize = 16;

/// Decodes one form-encoded name or value: plus is a space, a broken escape or broken UTF-8 is `None`.
pub fn decode(text: &[u8]) -> Option<Cow<'_, str>> {
    if !is_escaped(text) {
        return std::str::from_utf8(text).ok().map(Cow::Borrowed);
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
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Form-encodes one name or value.
pub fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The same with every byte encoded.
pub fn encode_all(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn is_escaped(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'+' | b'%'))
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
    fn a_letter_may_be_escaped_in_part_where_the_text_as_a_whole_is_no_utf8() {
        let params = Params::parse(b"a=\xe2%82%ac&b=%e2\x82\xac&c=\xe2&d&=1");
        assert_eq!(
            (params.get("a"), params.get("b"), params.literal("d")),
            (Some("\u{20ac}"), Some("\u{20ac}"), Some(""))
        );
        assert_eq!((params.malformed(), params.literal("")), (&["c".to_owned()][..], Some("1")));
    }

    #[test]
    fn an_empty_parameter_is_absent_and_a_doubled_one_is_found() {
        let params = Params::parse(b"a=&b=1&b=1");
        assert_eq!(params.get("a"), None);
        assert_eq!(params.repeated(), Some("b"));
    }

    #[test]
    fn a_doubled_one_is_found_among_many_and_resources_may_be_several() {
        let many: String = (0..FEW).map(|number| format!("p{number}=1&")).collect();
        for (more, repeated) in [("x=1", None), ("p3=1", Some("p3")), ("resource=a&resource=b", None)] {
            assert_eq!(Params::parse(format!("{many}{more}").as_bytes()).repeated(), repeated, "{more}");
        }
        assert_eq!(Params::parse(b"resource=a&resource=b").repeated(), None);
    }
}
