//! From a target file to a way to reach it: the wire over the network, metadata and registrations filled in.

use std::sync::Arc;

use super::access::Access;
use super::prepare::prepare;
use crate::target::Target;
use crate::wire::{Wire, WireError};

/// The target file of the provider in the process.
const REFERENCE: &str = include_str!("../../targets/reference.toml");

/// What can be done to the provider in the process only.
const IN_PROCESS: &str = "hook_disable_user";

/// The provider in the process as a target.
pub fn reference() -> Target {
    let file = Target::from_toml("targets/reference.toml", REFERENCE);
    let mut target = file.unwrap_or_else(|error| panic!("{error}"));
    target.supports.push(IN_PROCESS.into());
    target
}

/// The provider as a target that is served at this issuer.
pub fn served(issuer: &str) -> Target {
    let file = REFERENCE.replace("${REFERENCE_ISSUER:-http://127.0.0.1:8181}", issuer);
    Target::from_toml("targets/reference.toml", &file).unwrap_or_else(|error| panic!("{error}"))
}

/// Opens the wire to a target and completes it; returns what is worth saying about that.
pub async fn connect(target: &mut Target) -> Result<(Access, Vec<String>), WireError> {
    let asking = Wire::to(target)?;
    let notes = prepare(target, &asking).await;
    let wire = Wire::to(target)?;
    Ok((Access::Network(Arc::new(wire)), notes))
}
