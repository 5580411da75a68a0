//! The ways to drive the engine.

pub mod access;
pub mod bench;
pub mod check;
mod connect;
mod facts;
pub mod fuzz;
mod known;
pub mod model;
mod patience;
pub mod prepare;
pub mod prove;
mod select;
mod setting;
pub mod threads;
mod verdict;
mod watch;

pub use connect::{connect, reference, served};
pub use select::matches;
