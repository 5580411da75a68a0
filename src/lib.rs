//! grantcheck tests OAuth 2.0 authorization servers: it replays scenario files against a server, and it proves on
//! a provider of its own that each of its checks can fail. `ARCHITECTURE.md` is the map.

pub mod caret;
pub mod catalogue;
pub mod cli;
pub mod conformance;
pub mod crypto;
pub mod edit;
pub mod engine;
pub mod exchange;
#[doc(hidden)]
pub mod fuzzing;
pub mod judge;
pub mod modes;
pub mod offer;
pub mod outcome;
pub mod plan;
pub mod report;
pub mod scenario;
pub mod secret;
pub mod target;
pub mod wire;

pub use conformance::{Conformance, Grantcheck};
