//! `target init`: looks at a server, takes flags or asks for what is missing, tries it, writes the file.

mod given;

use std::path::{Path, PathBuf};

use clap::Args;
use url::Url;

use super::super::exit::{Done, Exit, Stop};
use super::super::output;
use super::super::reach::Reach;
use super::ask::Ask;
use super::survey::{Survey, survey};
use crate::modes::draft::{Draft, look, settle};
use crate::modes::threads::on_this_thread;
use crate::report::{plain, quote};
use crate::scenario::Suite;
use crate::target::{Target, Tls};

use given::Given;

/// The arguments.
#[derive(Args)]
pub struct Init {
    /// The server: its issuer, or its metadata document
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    reach: Reach,
    /// The file to write; named for the host unless given, - is standard output
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a file that exists
    #[arg(long)]
    force: bool,
    /// Ask nothing, also at a terminal
    #[arg(long)]
    no_input: bool,
}

/// So often a draft is tried and mended.
const ROUNDS: usize = 4;

/// So many reasons for skips are told; the file comes first.
const REASONS: usize = 8;

impl Init {
    /// Looks, asks, tries, writes.
    pub fn execute(self) -> Done {
        let address = address(&self.url)?;
        let out = self.out.clone().unwrap_or_else(|| file_name(&address));
        self.ensure_new(&out)?;
        let mut tls = Tls::default();
        self.reach.add_to(&mut tls)?;
        let found = on_this_thread(look(&address, &tls)).map_err(|error| Stop::usage(error.to_string()))?;
        let notes: String = found.notes.iter().map(|note| format!("note: {}\n", plain(note))).collect();
        output::print_aside(&notes)?;
        let mut draft = Draft { tls: self.reach.lines(&out), ..found.draft };
        let grants = found.registers.then_some(found.grants.as_slice());
        self.given.fill(&mut draft, grants, &Ask::new(!self.no_input))?;
        if draft.endpoints.is_empty() && !draft.discovered {
            let help = "give them: --endpoint authorization=/authorize --endpoint token=/token";
            return Err(Stop::usage(format!("{address}: no metadata and no endpoint at the usual places; {help}")));
        }
        let survey = self.settled(&mut draft, &out)?;
        output::write(&out, &draft.text())?;
        let told = if output::is_standard_output(&out) { output::print_aside } else { output::print };
        told(&format!("{}\n{}", survey.text, next(&survey, &out)))?;
        Ok(if survey.works { Exit::Passed } else { Exit::Blocked })
    }

    /// Tries the draft and mends it, until nothing is left that could be mended.
    fn settled(&self, draft: &mut Draft, out: &Path) -> Result<Survey, Stop> {
        let suite = Suite::embedded()?;
        let mut rounds = 0;
        loop {
            let mut target = Target::from_toml(&out.display().to_string(), &draft.text())?;
            self.reach.add_to(&mut target.tls)?;
            if rounds == 0 {
                target.caution().iter().try_for_each(|words| output::warn(words))?;
            }
            let survey = on_this_thread(survey(Some(out), &mut target, &suite, 1, REASONS))?;
            rounds += 1;
            if rounds == ROUNDS || !settle(draft, &survey.trials, &survey.notes) {
                return Ok(survey);
            }
        }
    }

    fn ensure_new(&self, out: &Path) -> Result<(), Stop> {
        if out.exists() && !self.force && !output::is_standard_output(out) {
            return Err(Stop::usage(format!("{} exists; --force writes over it, --out names another", out.display())));
        }
        output::ensure_writable(out)
    }
}

/// The address as a URL; a host without a scheme is taken as a person means it.
fn address(text: &str) -> Result<Url, Stop> {
    let scheme =
        if ["localhost", "127.", "[::1]"].iter().any(|here| text.starts_with(here)) { "http" } else { "https" };
    let whole = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
    match Url::parse(&whole) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(url) => {
            Err(Stop::usage(format!("`{}` is no scheme that can be asked; give an http or https URL", url.scheme())))
        }
        Err(error) => Err(Stop::usage(format!("`{text}` is no URL: {error}"))),
    }
}

fn file_name(address: &Url) -> PathBuf {
    PathBuf::from(format!("{}.toml", address.host_str().unwrap_or("target").replace([':', '[', ']'], "_")))
}

fn next(survey: &Survey, out: &Path) -> String {
    let file = quote(&out.display().to_string());
    match survey.works {
        true => format!("Written: {file}. Next: grantcheck run -t {file}\n"),
        false => format!("Written: {file}. Mend what failed, then: grantcheck target check {file}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_a_person_means_it() {
        let read = |text| address(text).map(String::from).map_err(|stop| stop.message);
        assert_eq!(read("localhost:8080").unwrap(), "http://localhost:8080/");
        assert_eq!(read("[::1]:8080").unwrap(), "http://[::1]:8080/");
        assert_eq!(read("as.example/tenant").unwrap(), "https://as.example/tenant");
        assert!(read("ftp://as.example").unwrap_err().contains("ftp"));
        assert!(read("http://").unwrap_err().contains("no URL"));
    }
}
