//! Questions to a person at a terminal. Where nobody sits there, nothing is asked and every answer is empty.

use std::io::{IsTerminal as _, Write as _, stderr, stdin};

/// Who is asked.
pub struct Ask {
    somebody: bool,
}

impl Ask {
    /// Asks when standard input is a terminal and questions are allowed.
    pub fn new(allowed: bool) -> Self {
        Self { somebody: allowed && stdin().is_terminal() }
    }

    /// The answer to a question; `None` when it is empty.
    pub fn text(&self, question: &str) -> Option<String> {
        if !self.somebody {
            return None;
        }
        // A question that cannot be written is not answered either.
        let _ = write!(stderr(), "{question}: ").and_then(|()| stderr().flush());
        let mut line = String::new();
        stdin().read_line(&mut line).ok()?;
        Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())
    }
}
