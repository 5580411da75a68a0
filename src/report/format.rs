//! The formats that a run can be written in, by name.

use super::clean::Clean;
use super::terminal::{Terminal, terminal};
use super::{code_quality, har, html, json, junit, lines, markdown, sarif};

/// A format.
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Who reads it.
    pub what: &'static str,
    /// Makes it.
    pub make: fn(&Clean) -> String,
}

/// All of them.
pub const FORMATS: &[Format] = &[
    Format { name: "json", what: "the saved run, which all others can be made from", make: json::json },
    Format { name: "jsonl", what: "a line of JSON a verdict, written as it comes", make: lines::lines },
    Format { name: "junit", what: "JUnit XML: a failure fails, what was blocked is an error", make: junit::junit },
    Format { name: "sarif", what: "SARIF 2.1.0 for code scanning", make: sarif::sarif },
    Format { name: "markdown", what: "a page for a job's summary", make: markdown::markdown },
    Format { name: "html", what: "one page that needs nothing else", make: html::html },
    Format { name: "har", what: "every exchange as an HTTP archive", make: har::har },
    Format { name: "codequality", what: "GitLab's code quality report", make: code_quality::code_quality },
    Format { name: "text", what: "what the terminal shows", make: text },
];

/// The one of this name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

fn text(clean: &Clean) -> String {
    anstream::adapter::strip_str(&terminal(clean, &Terminal::default())).to_string()
}
