//! The tests of other suites, each with the checks here that look at the same, or the reason why there is none.

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::load::CatalogueError;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/requirements/elsewhere");

/// Another suite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherSuite {
    /// Its name.
    pub suite: String,
    /// Its tests; one that it has for several documents may be here several times.
    #[serde(rename = "test")]
    pub tests: Vec<OtherTest>,
}

/// One of its tests: with checks, or with a file whose checks are still to come, or with an excuse.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherTest {
    /// Its name there.
    pub name: String,
    /// Ids of checks.
    #[serde(default)]
    pub checks: Vec<String>,
    /// A file of the catalogue.
    pub later: Option<String>,
    /// Why there is no check.
    pub excuse: Option<String>,
}

/// Every suite that was compared.
pub fn other_suites() -> Result<Vec<OtherSuite>, CatalogueError> {
    FILES
        .files()
        .map(|file| read(&file.path().display().to_string(), file.contents_utf8().unwrap_or_default()))
        .collect()
}

fn read(name: &str, source: &str) -> Result<OtherSuite, CatalogueError> {
    toml::from_str(source).map_err(|error| CatalogueError::new(&format!("elsewhere/{name}"), error.to_string()))
}
