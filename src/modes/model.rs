//! A model of the authorization server: random histories of clients and users, good and bad, are played against a target,
//! and the model says of each answer whether it must, may or must not be so. A history that goes wrong is shrunk and
//! becomes a scenario file. Which bytes travel and what is looked at is the business of engine and judge.

mod action;
mod dice;
mod effect;
mod forecast;
mod generate;
mod measure;
mod play;
mod predict;
mod rule;
mod run;
mod scope;
mod shrink;
mod state;
mod world;
mod written;

pub use measure::{Bounds, measure};
pub use rule::Rule;
pub use run::{Finding, Options, Outcome, run};
