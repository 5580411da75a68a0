//! Which reports a run is written as, and where to. Formats are those of `crate::report`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Stop;
use super::output;
use crate::report::{Clean, FORMATS, Format, format};
use crate::scenario::nearest;

/// The options.
#[derive(Args)]
pub struct Reports {
    /// Also write the run as json, jsonl, junit, sarif, markdown, html, har, codequality or text, each to a file; - is standard output
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = wanted)]
    wanted: Vec<Wanted>,
    /// The same as --report json=FILE
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One report.
#[derive(Clone)]
pub struct Wanted {
    format: &'static str,
    path: PathBuf,
}

impl Reports {
    /// Complains before a long run when one of them could not be written after it.
    pub fn ensure_writable(&self) -> Result<(), Stop> {
        let paths: Vec<PathBuf> = self.all().map(|wanted| wanted.path).collect();
        if paths.iter().filter(|path| output::is_standard_output(path)).count() > 1 {
            return Err(Stop::usage("only one report can go to standard output"));
        }
        paths.iter().try_for_each(|path| output::ensure_writable(path))
    }

    /// Whether a report of this format is wanted.
    pub fn want(&self, name: &str) -> bool {
        self.all().any(|wanted| wanted.format == name)
    }

    /// Where the lines go that are written while the run goes on.
    pub fn lines(&self) -> Option<PathBuf> {
        self.all().find(|wanted| wanted.format == LINES).map(|wanted| wanted.path)
    }

    /// Whether standard output is taken.
    pub fn take_standard_output(&self) -> bool {
        self.all().any(|wanted| output::is_standard_output(&wanted.path))
    }

    /// Writes all of them; `live` are the lines written already.
    pub fn write(&self, clean: &Clean, live: bool) -> Result<(), Stop> {
        let written = |wanted: &Wanted| live && wanted.format == LINES;
        self.all().filter(|wanted| !written(wanted)).try_for_each(|wanted| {
            let make = format(wanted.format).map(|format| format.make);
            make.map_or(Ok(()), |make| output::write(&wanted.path, &make(clean)))
        })
    }

    fn all(&self) -> impl Iterator<Item = Wanted> {
        let json = self.json.iter().map(|path| Wanted { format: "json", path: path.clone() });
        self.wanted.iter().cloned().chain(json)
    }
}

/// The format that is written as the run goes.
const LINES: &str = "jsonl";

fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, path) = text.split_once('=').ok_or_else(|| format!("write FORMAT=FILE, such as html={text}.html"))?;
    let format = named(name)?;
    match path {
        "" => Err(format!("write the file after {name}=, or - for standard output")),
        path => Ok(Wanted { format: format.name, path: Path::new(path).to_owned() }),
    }
}

/// The format of this name; the error has the names there are.
pub fn named(name: &str) -> Result<&'static Format, String> {
    let names = || FORMATS.iter().map(|format| format.name);
    format(name).ok_or_else(|| match nearest(name, names()) {
        Some(near) => format!("there is no format `{name}`; did you mean `{near}`?"),
        None => format!("there is no format `{name}`; there are {}", names().collect::<Vec<_>>().join(", ")),
    })
}
