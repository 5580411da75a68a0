//! Loads checks and flows, from the binary or from a folder, and reports every file that cannot be read.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::check::{CheckFile, FlowFile};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// A check with its id.
#[derive(Clone, Debug)]
pub struct Check {
    /// The path below `scenarios/` without its extension.
    pub id: String,
    /// The file's text.
    pub source: String,
    /// What it says.
    pub file: CheckFile,
}

/// A flow with its name.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The file's stem.
    pub name: String,
    /// The file's text.
    pub source: String,
    /// What it says.
    pub file: FlowFile,
}

/// All checks and flows, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    checks: Vec<Arc<Check>>,
    flows: Vec<Flow>,
}

/// The files that cannot be read, each with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LoadError(pub Vec<Unreadable>);

/// One file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The file.
    pub path: String,
    /// What is wrong, with the line and a caret.
    pub message: String,
}

impl Check {
    /// Reads one check. The error has the line and a caret.
    pub fn parse(id: String, source: String) -> Result<Self, String> {
        let file = toml::from_str(&source).map_err(|error| error.to_string())?;
        Ok(Self { id, source, file })
    }
}

impl Suite {
    /// The checks that came with the binary.
    pub fn embedded() -> Result<Self, LoadError> {
        let mut files = Vec::new();
        embedded(&EMBEDDED, &mut files);
        Self::read(files)
    }

    /// The checks below a folder, or in single files; flows that are not there come from the binary.
    pub fn from_paths(paths: &[PathBuf]) -> Result<Self, LoadError> {
        let mut files = Vec::new();
        for path in paths {
            collect(path, path, &mut files)?;
        }
        let mut suite = Self::read(files)?;
        for flow in Self::embedded()?.flows {
            if suite.flow(&flow.name).is_none() {
                suite.flows.push(flow);
            }
        }
        Ok(suite)
    }

    /// The flows of this suite with other checks.
    pub fn with_checks(&self, checks: Vec<Arc<Check>>) -> Self {
        Self { checks, flows: self.flows.clone() }
    }

    /// Every check.
    pub fn checks(&self) -> &[Arc<Check>] {
        &self.checks
    }

    /// Every flow.
    pub fn flows(&self) -> &[Flow] {
        &self.flows
    }

    /// The check of an id.
    pub fn check(&self, id: &str) -> Option<&Arc<Check>> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// The flow of a name.
    pub fn flow(&self, name: &str) -> Option<&Flow> {
        self.flows.iter().find(|flow| flow.name == name)
    }

    fn read(files: Vec<(String, String)>) -> Result<Self, LoadError> {
        let (mut suite, mut wrong) = (Self::default(), Vec::new());
        for (path, source) in files {
            let id = path.trim_end_matches(".toml").to_owned();
            let read = match id.strip_prefix("flows/") {
                Some(name) => flow(name, source).map(|flow| suite.flows.push(flow)),
                None => Check::parse(id, source).map(|check| suite.checks.push(Arc::new(check))),
            };
            wrong.extend(read.err().map(|message| Unreadable { path, message }));
        }
        wrong.extend(suite.flows.iter().filter(|flow| suite.reaches(flow, &flow.name, suite.flows.len())).map(endless));
        suite.checks.sort_by(|left, right| left.id.cmp(&right.id));
        if wrong.is_empty() { Ok(suite) } else { Err(LoadError(wrong)) }
    }

    /// Whether a flow uses another one, itself or through flows that it uses.
    fn reaches(&self, flow: &Flow, name: &str, depth: usize) -> bool {
        let mut used = flow.file.step.iter().filter_map(|step| step.flow.as_deref());
        depth > 0
            && used.any(|used| used == name || self.flow(used).is_some_and(|flow| self.reaches(flow, name, depth - 1)))
    }
}

fn flow(name: &str, source: String) -> Result<Flow, String> {
    let file = toml::from_str(&source).map_err(|error| error.to_string())?;
    Ok(Flow { name: name.to_owned(), source, file })
}

fn endless(flow: &Flow) -> Unreadable {
    Unreadable {
        path: format!("flows/{}.toml", flow.name),
        message: "the flow uses itself, so it would never end".into(),
    }
}

fn embedded(directory: &Dir<'_>, files: &mut Vec<(String, String)>) {
    for file in directory.files().filter(|file| file.path().extension().is_some_and(|kind| kind == "toml")) {
        let source = file.contents_utf8().unwrap_or_default().to_owned();
        files.push((file.path().display().to_string().replace('\\', "/"), source));
    }
    directory.dirs().for_each(|directory| embedded(directory, files));
}

fn collect(root: &Path, path: &Path, files: &mut Vec<(String, String)>) -> Result<(), LoadError> {
    let wrong = |error: std::io::Error| {
        LoadError(vec![Unreadable { path: path.display().to_string(), message: error.to_string() }])
    };
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path).map_err(wrong)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| collect(root, entry, files));
    }
    if path.extension().is_some_and(|kind| kind == "toml") || root == path {
        let source = std::fs::read_to_string(path).map_err(wrong)?;
        let below = path.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty()).unwrap_or(path);
        files.push((below.display().to_string().replace('\\', "/"), source));
    }
    Ok(())
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Unreadable { path, message } in &self.0 {
            writeln!(formatter, "{path}: {}", message.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Suite, LoadError> {
        Suite::read(files.iter().map(|(path, source)| ((*path).to_owned(), (*source).to_owned())).collect())
    }

    #[test]
    fn every_wrong_file_is_reported_with_line_and_caret() {
        let error =
            read(&[("a.toml", "title = 1"), ("b.toml", "tilte = \"x\""), ("flows/c.toml", "[[step]]\nsent = 1")])
                .unwrap_err();
        let text = error.to_string();
        assert_eq!(error.0.len(), 3, "{text}");
        for part in ["a.toml: ", "b.toml: ", "flows/c.toml: ", "unknown field `tilte`", "line 2", "^"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_flow_that_uses_itself_is_an_error() {
        let flow = |used: &str| format!("title = \"t\"\n[[step]]\nuse = \"{used}\"\n");
        let error = read(&[("flows/a.toml", &flow("b")), ("flows/b.toml", &flow("a"))]).unwrap_err();
        assert_eq!(error.0.len(), 2, "{error}");
    }

    #[test]
    fn a_file_of_ones_own_can_use_the_flows_of_the_binary() {
        let suite = Suite::from_paths(&[]).unwrap();
        assert!(suite.checks().is_empty() && suite.flow("code").is_some());
    }
}
