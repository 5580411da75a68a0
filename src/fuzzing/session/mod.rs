//! Sessions: any requests, one after another, to one provider, watched by a witness.

mod credentials;
mod delivery;
mod found;
mod kept;
mod reading;
mod run;
mod steps;
mod witness;
mod written;

pub use found::{Found, filled};
pub use run::{NOW, Observer, Session, ask, provider, requests};
pub use steps::{session, step};
pub use written::{provider_request, written};
