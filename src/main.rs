//! Parses the command line, calls one command and turns its result into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    grantcheck::cli::main().into()
}
