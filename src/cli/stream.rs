//! JSON lines while a run goes on: each verdict is written, masked, as soon as it is there.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::exit::Stop;
use super::output;
use crate::modes::check::Progress;
use crate::report::{Clean, end_line, start_line, verdict_line};
use crate::secret::{Redactor, Secrets};

/// Where the lines go, and what must not be in them.
pub struct Stream(Mutex<Writing>);

struct Writing {
    to: Box<dyn Write + Send>,
    secrets: Redactor,
    broken: Option<io::Error>,
}

impl Stream {
    /// Opens the file; `-` is standard output.
    pub fn open(path: &Path, secrets: &Secrets) -> Result<Self, Stop> {
        let to: Box<dyn Write + Send> = match path {
            path if output::is_standard_output(path) => Box::new(io::stdout()),
            path => Box::new(File::create(path)?),
        };
        Ok(Self(Mutex::new(Writing { to, secrets: secrets.redactor(), broken: None })))
    }

    /// Writes what happened.
    pub fn tell(&self, progress: &Progress<'_>) {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started(checks) => writing.line(&start_line(*checks)),
            Progress::Finished(check, secrets) => {
                writing.secrets.extend(secrets);
                let line = verdict_line(&Clean::verdict(check, &writing.secrets));
                writing.line(&line);
            }
        }
    }

    /// Writes the sum, and says when a line could not be written.
    pub fn end(self, clean: &Clean) -> Result<(), Stop> {
        let mut writing = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        writing.line(&end_line(clean));
        writing.broken.map_or(Ok(()), |error| Err(error.into()))
    }
}

impl Writing {
    /// Flushed, so that who reads along sees it now.
    fn line(&mut self, line: &str) {
        let written = self.to.write_all(line.as_bytes()).and_then(|()| self.to.flush());
        let gone = |error: io::Error| (error.kind() != io::ErrorKind::BrokenPipe).then_some(error);
        self.broken = self.broken.take().or(written.err().and_then(gone));
    }
}
