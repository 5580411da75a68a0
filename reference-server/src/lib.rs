//! A strict OAuth 2.0 provider in memory, to test conformance harnesses against.
//!
//! [`Provider::handle`] is one synchronous call: no socket, no clock, no ambient randomness. It keeps every
//! promise of the specifications it serves, unless its [`Conduct`] names one to break. It is not an identity
//! server: users and clients come from a file, and nothing outlives the process.

mod admin;
mod assertion;
mod audience;
mod authorize;
pub mod builder;
mod classic;
mod cleartext;
mod clients;
pub mod conduct;
pub mod config;
mod constant_time;
pub mod desk;
mod destination;
mod device;
mod dpop;
mod flaws;
mod form;
mod grants;
pub mod http;
mod id_token;
mod interaction;
mod introspect;
mod keys;
mod liberties;
mod logout;
mod metadata;
pub mod otp;
mod pages;
mod params;
mod pkce;
mod provider;
mod random;
mod redirect_uri;
mod refusal;
mod registration;
mod request;
mod resource;
mod revoke;
mod scope;
mod second_factor;
mod sessions;
mod shared;
mod shelf;
mod shelves;
mod signing;
mod throttle;
pub mod tls;
mod token;
mod watched;

pub use builder::{Builder, Running, StartError};
pub use conduct::{Conduct, Defect, Liberty, Witness};
pub use config::{Config, ConfigError};
pub use desk::{Fault, Harm, Logged};
pub use params::Params;
pub use provider::Provider;
pub use random::Random;
pub use request::{Request, Response};
