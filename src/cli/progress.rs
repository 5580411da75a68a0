//! Progress of a run: one line on standard error that is rewritten, and only when a person watches.

use std::collections::HashSet;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::{Mutex, PoisonError};

use crate::modes::check::Progress;

/// A line of words.
pub struct Status {
    watched: bool,
}

/// The line of a run.
pub struct Line {
    status: Status,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    total: usize,
    seen: HashSet<String>,
}

impl Status {
    /// A line that is drawn when standard error is a terminal.
    pub fn new() -> Self {
        Self { watched: stderr().is_terminal() }
    }

    /// Draws it.
    pub fn show(&self, text: &str) {
        if self.watched {
            let text: String = text.chars().take(78).collect();
            // A progress line that cannot be drawn is no loss.
            let _ = write!(stderr(), "\r\x1b[2K{text}").and_then(|()| stderr().flush());
        }
    }

    /// Removes it.
    pub fn clear(&self) {
        self.show("");
    }
}

impl Line {
    /// A line that is drawn when standard error is a terminal.
    pub fn new() -> Self {
        Self { status: Status::new(), state: Mutex::default() }
    }

    /// Draws what has happened.
    pub fn show(&self, progress: &Progress<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started(total) => state.total = *total,
            Progress::Finished(outcome, _) => {
                state.seen.insert(outcome.id.clone());
                self.status.show(&format!("{}/{} {}", state.seen.len(), state.total, outcome.id));
            }
        }
    }

    /// Removes the line.
    pub fn clear(&self) {
        self.status.clear();
    }
}
