//! What the subcommands share: where the checks come from, and which of them the words on the command line name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::exit::Stop;
use crate::modes::matches;
use crate::scenario::{Check, Suite, nearest};

/// Where checks come from.
#[derive(Args)]
pub struct Scenarios {
    /// Take the checks of this folder or file in place of the built-in ones; flows it lacks are built in
    #[arg(long = "scenarios", value_name = "DIR")]
    paths: Vec<PathBuf>,
}

impl Scenarios {
    /// Loads them.
    pub fn load(&self) -> Result<Suite, Stop> {
        if self.paths.is_empty() {
            return Suite::embedded()
                .map_err(|error| Stop::internal(format!("the built-in scenarios are broken\n{error}")));
        }
        Ok(Suite::from_paths(&self.paths)?)
    }

    /// Words of the selection that name no check but a file or a folder are where checks come from.
    pub fn take_files(&mut self, select: &mut Vec<String>) -> Result<(), Stop> {
        if !select.iter().any(|word| Path::new(word).exists()) {
            return Ok(());
        }
        let suite = self.load()?;
        let unknown = |word: &str| !suite.checks().iter().any(|check| names(word, check));
        let files = select.extract_if(.., |word| Path::new(word.as_str()).exists() && unknown(word));
        self.paths.extend(files.map(PathBuf::from));
        Ok(())
    }

    /// The folders and files that were named.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

/// The checks that the words name. A word that names none is a slip, and a run that silently left it out would mislead.
pub fn selected<'a>(suite: &'a Suite, select: &[String]) -> Result<Vec<&'a Arc<Check>>, Stop> {
    for word in select {
        if !suite.checks().iter().any(|check| names(word, check)) {
            return Err(Stop::nothing_selected(format!("nothing is called `{word}`; {}", hint(suite, word))));
        }
    }
    let chosen: Vec<_> = suite.checks().iter().filter(|check| matches(select, &check.id, None)).collect();
    if chosen.is_empty() {
        return Err(Stop::nothing_selected("there are no checks"));
    }
    Ok(chosen)
}

fn names(word: &str, check: &Check) -> bool {
    let select = [word.to_owned()];
    if !word.contains('#') {
        return matches(&select, &check.id, None);
    }
    check.file.case.iter().any(|case| matches(&select, &check.id, Some(&case.name)))
}

/// What may have been meant.
fn hint(suite: &Suite, word: &str) -> String {
    let (id, case) = word.split_once('#').unwrap_or((word, ""));
    if let Some(check) = suite.check(id).filter(|_| !case.is_empty()) {
        let cases: Vec<&str> = check.file.case.iter().map(|case| case.name.as_str()).collect();
        return if cases.is_empty() {
            format!("{id} has no cases")
        } else {
            format!("its cases are {}", cases.join(", "))
        };
    }
    match suggestion(suite, id) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`grantcheck list` shows what there is".into(),
    }
}

/// A path is like another path; a single word is like a specification, or like the last part of an id.
fn suggestion<'a>(suite: &'a Suite, word: &str) -> Option<&'a str> {
    let ids = || suite.checks().iter().map(|check| check.id.as_str());
    if word.contains('/') {
        let folders = ids().flat_map(|id| id.match_indices('/').map(move |(at, _)| &id[..at]));
        return nearest(word, ids().chain(folders.filter(|folder| folder.contains('/'))));
    }
    let first = |id: &'a str| id.split('/').next().unwrap_or(id);
    let last = |id: &'a str| id.rsplit('/').next().unwrap_or(id);
    let near = nearest(word, ids().map(first).chain(ids().map(last)))?;
    ids().map(first).find(|spec| *spec == near).or_else(|| ids().find(|id| last(id) == near))
}
