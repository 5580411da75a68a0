//! Loads the catalogue that came with the binary.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use thiserror::Error;

use super::overlap::{SharedDefect, SharedDefects};
use super::profile::Profiles;
use super::requirement::Requirement;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/requirements");

/// All rows, by id, and the words of `needs`.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    rows: Vec<Requirement>,
    index: BTreeMap<String, usize>,
    needs: BTreeMap<String, String>,
    pub(super) profiles: Profiles,
    overlaps: SharedDefects,
}

/// A catalogue file that cannot be read.
#[derive(Debug, Error)]
#[error("requirements/{file}: {message}")]
pub struct CatalogueError {
    file: String,
    message: String,
}

impl CatalogueError {
    /// About this file.
    pub(super) fn new(file: &str, message: String) -> Self {
        Self { file: file.to_owned(), message }
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    requirement: Vec<Requirement>,
    #[serde(default)]
    needs: BTreeMap<String, String>,
}

impl Catalogue {
    /// The catalogue that came with the binary.
    pub fn embedded() -> Result<Self, CatalogueError> {
        let mut catalogue = Self::default();
        for file in FILES.files().filter(|file| file.path().extension().is_some_and(|kind| kind == "toml")) {
            let name = file.path().display().to_string();
            let source = file.contents_utf8().unwrap_or_default();
            catalogue.add(&name, source).map_err(|message| CatalogueError { file: name, message })?;
        }
        catalogue.index = catalogue.rows.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect();
        Ok(catalogue)
    }

    /// The row of an id.
    pub fn row(&self, id: &str) -> Option<&Requirement> {
        self.index.get(id).map(|at| &self.rows[*at])
    }

    /// Every row, file by file.
    pub fn rows(&self) -> &[Requirement] {
        &self.rows
    }

    /// What a word of `needs` means.
    pub fn needs(&self, word: &str) -> Option<&str> {
        self.needs.get(word).map(String::as_str)
    }

    /// Every word of `needs`.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.needs.keys().map(String::as_str)
    }

    /// Defects that checks of other rules notice as well.
    pub fn overlaps(&self) -> &[SharedDefect] {
        &self.overlaps.overlap
    }

    fn add(&mut self, name: &str, source: &str) -> Result<(), String> {
        match name {
            "profiles.toml" => self.profiles = read(source)?,
            "overlaps.toml" => self.overlaps = read(source)?,
            _ => self.add_rows(name, read(source)?),
        }
        Ok(())
    }

    fn add_rows(&mut self, name: &str, file: File) {
        let stem = name.trim_end_matches(".toml");
        self.rows.extend(file.requirement.into_iter().map(|row| Requirement { file: stem.to_owned(), ..row }));
        self.needs.extend(file.needs);
    }
}

fn read<T: serde::de::DeserializeOwned>(source: &str) -> Result<T, String> {
    toml::from_str(source).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_references_exist() {
        let catalogue = Catalogue::embedded().unwrap();
        assert_eq!(catalogue.index.len(), catalogue.rows.len(), "an id comes twice");
        for row in &catalogue.rows {
            for other in row.same_as.iter().chain(&row.conflicts_with) {
                assert!(catalogue.row(other).is_some(), "{} names {other}", row.id);
            }
            for word in &row.needs {
                assert!(catalogue.needs(word).is_some(), "{} needs {word}", row.id);
            }
        }
    }
}
