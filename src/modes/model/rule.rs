//! The rules of the model: what a history can show to be broken. Their words are data, in `rules.toml`.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "`rules.toml` says in a sentence what each of them is")]
pub enum Rule {
    GoodAuthorization,
    GoodCode,
    GoodRefreshToken,
    GoodAccessToken,
    GoodClientCredentials,
    GoodPassword,
    GoodRevocation,
    GoodIntrospection,
    RedirectUriIsRegistered,
    RedirectUriMayBeLeftOut,
    DenialGivesNothing,
    ScopeIsGranted,
    CodeWorksOnce,
    CodeEnds,
    CodeIsForItsClient,
    CodeIsForItsRedirectUri,
    CodeIsForItsVerifier,
    VerifierNeedsChallenge,
    ReplayEndsTokens,
    VainReplayEndsNothing,
    RefreshTokenIsForItsClient,
    RefreshKeepsScope,
    RefreshTokenEnds,
    ReplacedRefreshTokenIsDead,
    ReuseEndsFamily,
    ReuseEndsAccess,
    AccessTokenEnds,
    AccessTokenKeepsItsScope,
    RevokedIsDead,
    RevocationEndsAccess,
    OnlyTheOwnerRevokes,
    OtherGrantsStayGood,
    HintIsOnlyAHint,
    ClientAuthenticates,
    KindsDiffer,
    ValuesAreExact,
    UserSwitchedOff,
}

/// What is said about a rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The fact that holds on a conforming server.
    pub title: String,
    /// Rows of the catalogue.
    pub covers: Vec<String>,
    /// Why it matters.
    pub why: String,
    /// How a server is mended.
    pub fix: String,
}

impl Rule {
    /// Every rule with its words, in the order of the file.
    pub fn all() -> &'static IndexMap<Rule, Words> {
        static ALL: OnceLock<IndexMap<Rule, Words>> = OnceLock::new();
        let read = || toml::from_str(include_str!("rules.toml")).unwrap_or_else(|error| panic!("rules.toml: {error}"));
        ALL.get_or_init(read)
    }

    /// What is said about it.
    pub fn words(self) -> &'static Words {
        &Self::all()[&self]
    }

    /// Its name: `code-works-once`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_rule_has_words_and_rows_of_the_catalogue() {
        let catalogue = Catalogue::embedded().unwrap();
        assert_eq!(Rule::all().len(), Rule::UserSwitchedOff as usize + 1);
        for (rule, words) in Rule::all() {
            assert!(!words.covers.is_empty(), "{rule:?}");
            let unknown = words.covers.iter().find(|id| catalogue.row(id).is_none());
            assert_eq!(unknown, None, "{rule:?}");
        }
    }

    #[test]
    fn the_name_of_a_rule_is_its_key() {
        assert_eq!(Rule::ReuseEndsFamily.name(), "reuse-ends-family");
    }
}
