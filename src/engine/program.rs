//! Runs a program that the target file names: a login, a hook.

use std::process::{Output, Stdio};
use std::time::Duration;

/// Longer than any scripted login or switch.
const LIMIT: Duration = Duration::from_secs(30);

/// What the program of these words left; `Err` says why it could not run to its end.
pub async fn output(words: &[String]) -> Result<Output, String> {
    output_within(words, None).await
}

/// The same with another limit.
pub async fn output_within(words: &[String], limit: Option<Duration>) -> Result<Output, String> {
    let limit = limit.unwrap_or(LIMIT);
    let (program, arguments) = words.split_first().ok_or("the command is empty")?;
    let running =
        tokio::process::Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(limit, running).await {
        Err(_) => Err(format!("`{program}` took longer than {} s", limit.as_secs())),
        Ok(output) => output.map_err(|error| format!("`{program}`: {error}")),
    }
}
