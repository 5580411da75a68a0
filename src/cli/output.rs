//! Where text goes: results to standard output, complaints to standard error, files where the user says.
//! Colours are left out when nobody would see them.

use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::exit::Stop;
use crate::report::plain;

/// Prints a result. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<(), Stop> {
    finish(anstream::stdout().lock().write_all(text.as_bytes()))
}

/// Prints a result where standard output is taken by another one.
pub fn print_aside(text: &str) -> Result<(), Stop> {
    finish(anstream::stderr().lock().write_all(text.as_bytes()))
}

/// Says what is wrong; what a target or a file says in it moves no cursor. Messages that point into a file say `error` by themselves.
pub fn complain(message: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let words = |line: &str| line.split('\t').map(plain).collect::<Vec<_>>().join("\t");
    let message = message.split('\n').map(words).collect::<Vec<_>>().join("\n");
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(anstream::stderr(), "{style}error{style:#}: {message}");
}

/// Says what is worth knowing before a result.
pub fn warn(message: &str) -> Result<(), Stop> {
    let style = anstyle::AnsiColor::Yellow.on_default().bold();
    print_aside(&format!("{style}warning{style:#}: {}\n", plain(message)))
}

/// Complains before a long run when a file cannot be written after it.
pub fn ensure_writable(path: &Path) -> Result<(), Stop> {
    if is_standard_output(path) {
        return Ok(());
    }
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(path);
    opened.map(drop).map_err(|error| cannot_write(path, &error))
}

/// Writes a file; `-` is standard output.
pub fn write(path: &Path, text: &str) -> Result<(), Stop> {
    if is_standard_output(path) {
        return print(text);
    }
    std::fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

/// Whether a file name stands for standard output.
pub fn is_standard_output(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn cannot_write(path: &Path, error: &io::Error) -> Stop {
    Stop::usage(format!("{} cannot be written: {error}", path.display()))
}

fn finish(written: io::Result<()>) -> Result<(), Stop> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
