//! Scopes, RFC 6749 section 3.3: a set of words in a fixed grammar, and which of them a client gets that
//! asks for some or for none.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::config::Client;
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Params, Provider};

/// A set of scope words, in the order of the request; `None` when there are none. Copies share the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Option<Arc<Vec<String>>>);

impl Scope {
    /// Reads a scope parameter; `None` when it breaks the grammar.
    pub fn parse(text: &str) -> Option<Self> {
        is_scope(text).then(|| Self::parse_loosely(text))
    }

    /// Reads a scope parameter without looking at the grammar.
    pub fn parse_loosely(text: &str) -> Self {
        text.split_whitespace().collect()
    }

    /// The words.
    pub fn words(&self) -> &[String] {
        self.0.as_ref().map_or(&[], |words| words.as_slice())
    }

    /// The words as one text.
    pub fn text(&self) -> Cow<'_, str> {
        match self.words() {
            [word] => word.into(),
            words => words.join(" ").into(),
        }
    }

    /// Whether it covers this word.
    pub fn has(&self, word: &str) -> bool {
        self.words().iter().any(|found| found == word)
    }

    /// Whether it covers nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it covers all of the other.
    pub fn covers(&self, other: &Self) -> bool {
        other.words().iter().all(|word| self.has(word))
    }

    /// What remains under this condition.
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        self.words().iter().map(String::as_str).filter(|word| keep(word)).collect()
    }
}

impl<'a> FromIterator<&'a str> for Scope {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        let mut distinct: Vec<String> = Vec::new();
        for word in words {
            if !distinct.iter().any(|known| known == word) {
                distinct.push(word.to_owned());
            }
        }
        Self((!distinct.is_empty()).then(|| Arc::new(distinct)))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(&self.text())
    }
}

fn is_scope(text: &str) -> bool {
    text.as_bytes().split(|byte| *byte == b' ').all(is_word)
}

fn is_word(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

/// The scope for this client: what it asks for (see [`named`]), or the default; unknown and forbidden words are refused.
pub fn requested(
    provider: &Provider,
    client: &Client,
    params: &Params,
    named: &Scope,
    unknown_granted: Defect,
) -> Result<Scope, Refusal> {
    let everything = || client.scopes.iter().map(String::as_str).collect::<Scope>();
    let Some(text) = params.get("scope") else {
        if params.literal("scope").is_some() && provider.breaks(Defect::EmptyScopeGrantsEverything) {
            return Ok(everything());
        }
        return default_scope(provider, client);
    };
    if provider.breaks(Defect::TokenCarriesEveryScope) {
        return Ok(everything());
    }
    let folded = provider.breaks(Defect::ScopeCaseFolded).then(|| text.to_lowercase());
    let text = folded.as_deref().unwrap_or(text);
    let well_formed = is_scope(text);
    if !well_formed && provider.breaks(Defect::MalformedScopeGranted) {
        return Ok(Scope::parse_loosely(text));
    }
    if !well_formed {
        return Err(Refusal::invalid_scope("the scope is malformed"));
    }
    let asked = if folded.is_some() { Scope::parse_loosely(text) } else { named.clone() };
    permitted(provider, client, asked, unknown_granted)
}

/// The scope that a request names; empty when it names none.
pub fn named(provider: &Provider, params: &Params) -> Scope {
    params.get("scope").map(|text| provider.scopes.one(text, Scope::parse_loosely)).unwrap_or_default()
}

fn permitted(provider: &Provider, client: &Client, asked: Scope, unknown_granted: Defect) -> Result<Scope, Refusal> {
    let known = |word: &str| provider.config.scopes.iter().any(|known| known == word);
    let allowed = |word: &str| known(word) && client.scopes.iter().any(|allowed| allowed == word);
    if provider.breaks(unknown_granted) && !asked.words().iter().all(|word| known(word)) {
        return Ok(asked);
    }
    if provider.breaks(Defect::ScopeNotLimitedPerClient) && asked.words().iter().all(|word| known(word)) {
        return Ok(asked);
    }
    if drops_silently(provider) {
        return Ok(asked.only(allowed));
    }
    if provider.takes(Liberty::UnknownScopeDropped) && asked.words().iter().any(|word| allowed(word)) {
        return Ok(asked.only(allowed));
    }
    if provider.breaks(Defect::ScopeOrderMatters) && !asked.words().is_sorted() {
        return Err(Refusal::invalid_scope("the scope is in an unknown order"));
    }
    if !asked.words().iter().all(|word| allowed(word)) {
        return Err(Refusal::invalid_scope("the scope is unknown or not for this client"));
    }
    Ok(asked)
}

fn drops_silently(provider: &Provider) -> bool {
    provider.breaks(Defect::ReducedScopeNotReported) || provider.breaks(Defect::ImplicitReducedScopeNotReported)
}

/// The scope of a request that names none.
pub fn default_scope(provider: &Provider, client: &Client) -> Result<Scope, Refusal> {
    let default: Scope = provider.config.default_scope.iter().map(String::as_str).collect();
    let scope = default.only(|word| client.scopes.iter().any(|allowed| allowed == word));
    if provider.breaks(Defect::OmittedScopeOtherError) {
        return Err(Refusal::missing("scope"));
    }
    if scope.is_empty() { Err(Refusal::invalid_scope("a scope is required")) } else { Ok(scope) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_by_single_spaces_and_hold_no_quote() {
        assert_eq!(Scope::parse("a b a").unwrap().to_string(), "a b");
        for bad in ["", " a", "a  b", "a\"", "a\\", "\u{e9}", "a\tb"] {
            assert_eq!(Scope::parse(bad), None, "{bad:?}");
        }
    }
}
