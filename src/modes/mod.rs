//! The ways to drive the engine.

pub mod access;
pub mod check;
mod connect;
mod known;
pub mod prepare;
pub mod prove;
mod select;
mod verdict;
mod watch;

pub use connect::{connect, reference};
pub use select::matches;
