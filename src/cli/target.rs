//! `target`: makes a target file, and says what one is good for before a run.

mod ask;
mod check;
mod init;
mod survey;

use clap::{Args, Subcommand};

use super::exit::{Done, HELP};

/// The arguments.
#[derive(Args)]
pub struct Target {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look at a server, try its clients and its login, and write a target file
    #[command(after_help = HELP)]
    Init(init::Init),
    /// Try what a target file says, and tell what would be skipped and how to enable it
    #[command(after_help = HELP)]
    Check(check::Check),
}

impl Target {
    /// Does it.
    pub fn execute(self) -> Done {
        match self.command {
            Command::Init(init) => init.execute(),
            Command::Check(check) => check.execute(),
        }
    }
}
