//! The command line: the only module that prints or reads arguments. One file a subcommand; nothing is judged here.

mod bench;
mod conduct;
pub mod coverage;
mod dispatch;
mod exit;
mod explain;
mod fuzz;
mod lint;
mod list;
mod measured;
mod model;
mod output;
mod progress;
mod prove;
mod reach;
mod report;
mod reports;
mod run;
mod saved;
mod selection;
mod serve;
mod stream;
mod target;
mod told;

pub use dispatch::main;
pub use exit::Exit;
