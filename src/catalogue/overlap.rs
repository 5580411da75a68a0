//! Defects that more checks notice than those of their rules, and why that is right: `requirements/overlaps.toml`.

use serde::Deserialize;

/// Checks that are rightly red under defects that none of their rows names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedDefect {
    /// Names of defects.
    pub defects: Vec<String>,
    /// Ids of checks, folders of them, or patterns with `*`.
    pub checks: Vec<String>,
    /// Why these checks cannot but notice.
    pub reason: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SharedDefects {
    #[serde(default)]
    pub(super) overlap: Vec<SharedDefect>,
}
