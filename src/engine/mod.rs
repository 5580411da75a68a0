//! Performs a plan and records everything; judges nothing.

pub mod browser;
mod collect;
mod command;
mod driver;
mod hook;
mod make;
mod program;
mod redirect;
mod request;
mod run;
mod scope;
mod transcript;
mod varied;
mod webdriver;

pub use driver::in_words::in_words;
pub use run::{Browsers, Session, leaves_for_a_client, run, run_in};
pub use transcript::{StepRecord, Stop, StopKind, Transcript};
