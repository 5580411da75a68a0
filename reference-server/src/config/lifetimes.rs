//! How long codes, tokens and sessions live, and how a file says so.

use serde::Deserialize;

/// How long things live.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetimes {
    /// Authorization codes.
    pub code: Lifetime,
    /// Access tokens.
    pub access_token: Lifetime,
    /// Refresh tokens.
    pub refresh_token: Lifetime,
    /// Browser sessions.
    pub session: Lifetime,
}

impl Default for Lifetimes {
    fn default() -> Self {
        let of = |seconds| Lifetime(Some(seconds));
        Self { code: of(60), access_token: of(3600), refresh_token: of(14 * 86_400), session: of(3600) }
    }
}

/// A number of seconds, or for ever (`0` or `"never"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime(pub Option<u64>);

impl Lifetime {
    /// The instant at which something made now ends, in Unix milliseconds.
    pub fn end(self, now: u64) -> u64 {
        self.0.map_or(u64::MAX, |seconds| now.saturating_add(seconds.saturating_mul(1000)))
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Spelling)
    }
}

struct Spelling;

impl serde::de::Visitor<'_> for Spelling {
    type Value = Lifetime;

    fn expecting(&self, text: &mut std::fmt::Formatter) -> std::fmt::Result {
        text.write_str("a number of seconds or \"never\"")
    }

    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Lifetime, E> {
        let seconds = u64::try_from(seconds).map_err(|_| E::custom("a lifetime is not negative"))?;
        Ok(Lifetime((seconds > 0).then_some(seconds)))
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Lifetime, E> {
        if word == "never" {
            Ok(Lifetime(None))
        } else {
            Err(E::invalid_value(serde::de::Unexpected::Str(word), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_never_last_for_ever_and_other_words_are_refused() {
        let read = |text: &str| toml::from_str::<Lifetimes>(&format!("code = {text}")).ok().map(|times| times.code.0);
        assert_eq!((read("0"), read("\"never\"")), (Some(None), Some(None)));
        assert_eq!((read("1"), read("60")), (Some(Some(1)), Some(Some(60))));
        assert_eq!((read("-1"), read("\"soon\"")), (None, None));
        let error = toml::from_str::<Lifetimes>("code = \"soon\"").unwrap_err();
        assert!(error.to_string().contains("a number of seconds or \"never\""), "{error}");
    }
}
