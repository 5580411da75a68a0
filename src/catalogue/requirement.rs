//! One row of the catalogue.

use std::fmt;

use serde::Deserialize;

/// A rule that a specification places on a server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `rfc6749-4.1.2-code-single-use`.
    pub id: String,
    /// `RFC 6749`.
    pub spec: String,
    /// `4.1.2`.
    pub section: String,
    /// The keyword.
    pub level: Level,
    /// Who has to keep it.
    pub subject: String,
    /// Where it shows.
    pub endpoint: String,
    /// The rule in our words.
    pub says: String,
    /// How it is tested.
    pub test: String,
    /// What that takes.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The bug that breaks it.
    #[serde(default)]
    pub defect: String,
    /// Whether a test is possible.
    pub testable: Testable,
    /// Where its force comes from.
    pub basis: Option<Basis>,
    /// Whether the row was compared with the text.
    #[serde(default)]
    pub text_checked: bool,
    /// Rows that say the same.
    #[serde(default)]
    pub same_as: Vec<String>,
    /// Rows that demand the opposite.
    #[serde(default)]
    pub conflicts_with: Vec<String>,
    /// Why no check can cover it from outside, though it is testable in principle.
    #[serde(default)]
    pub excuse: String,
    /// The file's stem, `rfc6749`; filled when loaded.
    #[serde(skip)]
    pub file: String,
}

/// The keyword of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[allow(missing_docs)]
pub enum Level {
    #[serde(rename = "MUST")]
    Must,
    #[serde(rename = "MUST NOT")]
    MustNot,
    #[serde(rename = "SHOULD")]
    Should,
    #[serde(rename = "SHOULD NOT")]
    ShouldNot,
    #[serde(rename = "MAY")]
    May,
}

impl Level {
    /// A MUST weighs more than a SHOULD, and that more than a MAY; what forbids weighs as much as what commands.
    pub fn strength(self) -> u8 {
        match self {
            Self::Must | Self::MustNot => 2,
            Self::Should | Self::ShouldNot => 1,
            Self::May => 0,
        }
    }
}

/// Whether and how a rule can be tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Testable {
    Yes,
    Slow,
    TwoClients,
    Statistical,
    Partly,
    No,
}

/// Where a rule's force comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Basis {
    Keyword,
    Statement,
    Inherited,
    Advisory,
}

impl Requirement {
    /// Whether breaking it is a failure; everything else is a warning.
    pub fn must(&self) -> bool {
        matches!(self.level, Level::Must | Level::MustNot) && self.basis != Some(Basis::Advisory)
    }

    /// Whether a check is asked for.
    pub fn testable(&self) -> bool {
        self.testable != Testable::No
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Level::Must => "MUST",
            Level::MustNot => "MUST NOT",
            Level::Should => "SHOULD",
            Level::ShouldNot => "SHOULD NOT",
            Level::May => "MAY",
        })
    }
}
