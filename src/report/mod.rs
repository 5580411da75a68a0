//! An outcome becomes text: the report for people, JSON for programs, `curl` lines for both. Nothing is printed here,
//! and nothing is reported that was not made [`Clean`] before.

mod clean;
mod coverage_page;
mod curl;
mod exchange;
mod finding;
mod json;
mod latency_plot;
mod layout;
mod load;
mod matrix_page;
mod plain;
mod shell;
mod terminal;

pub use clean::Clean;
pub use coverage_page::coverage_page;
pub use curl::curl;
pub use exchange::in_full as exchange_in_full;
pub use json::json;
pub use latency_plot::{latency_page, latency_plot};
pub use layout::{Column, bold, seconds, table, wrap};
pub use load::{duration, load};
pub use matrix_page::matrix_page;
pub use shell::quote;
pub use terminal::{Terminal, terminal};
