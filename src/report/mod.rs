//! An outcome becomes text, one file a format: for people, for programs, for CI systems. Nothing is printed here, and nothing is
//! reported that was not made [`Clean`] before.

mod clean;
mod code_quality;
mod comparison;
mod coverage_page;
mod curl;
mod diff;
mod exchange;
mod finding;
mod format;
mod har;
mod html;
mod json;
mod junit;
mod latency_plot;
mod layout;
mod lines;
mod load;
mod markdown;
mod matrix_page;
mod plain;
mod sarif;
mod section;
mod shell;
mod terminal;

pub use clean::Clean;
pub use comparison::Comparison;
pub use coverage_page::coverage_page;
pub use curl::curl;
pub use diff::Diff;
pub use exchange::in_full as exchange_in_full;
pub use format::{FORMATS, Format, format};
pub use json::{Saved, json, read};
pub use latency_plot::{latency_page, latency_plot};
pub use layout::{Column, bold, seconds, table, uncoloured, wrap};
pub use lines::{end_line, start_line, verdict_line};
pub use load::{duration, load};
pub use matrix_page::matrix_page;
pub use plain::plain;
pub use shell::quote;
pub use terminal::{Terminal, terminal};
