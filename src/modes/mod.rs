//! The ways to drive the engine.

pub mod access;
pub mod baseline;
pub mod bench;
pub mod check;
mod connect;
pub mod draft;
mod facts;
pub mod fuzz;
mod known;
pub mod measured;
pub mod merge;
pub mod model;
mod patience;
pub mod prepare;
pub mod prove;
mod select;
mod setting;
pub mod threads;
pub mod trial;
pub mod verdict;
mod watch;

pub use connect::{connect, reference, served};
pub use select::matches;
