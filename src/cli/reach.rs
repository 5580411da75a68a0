//! Whom a mode is about, and how it is reached: the target of a file, or the provider in the process.

use std::path::Path;

use super::conduct::Switches;
use super::exit::Stop;
use crate::modes::access::Access;
use crate::modes::{connect, reference};
use crate::target::Target;

/// The target of this file; without one, the provider in the process.
pub fn target(file: Option<&Path>) -> Result<Target, Stop> {
    Ok(file.map_or_else(|| Ok(reference()), Target::load)?)
}

/// What is for a server on this machine, or for one whose owner agrees: the word of `allow`, and what the server would get.
pub type Burden = (&'static str, &'static str);

pub const FUZZ: Burden = ("fuzz", "wrong secrets, broken requests and many logins");
pub const BENCH: Burden = ("bench", "a load that can keep it from its users");

/// Whether the owner agrees.
pub fn ensure_allowed((word, what): Burden, file: Option<&Path>, target: &Target) -> Result<(), Stop> {
    match file {
        Some(path) if !target.allows(word) => Err(Stop::usage(format!(
            "{}: the target is not on this machine, and would get {what}; if its owner agrees, write \
             `allow = [\"{word}\"]` into the file",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// The way to it, and what is worth saying about that. The switches are for the provider in the process.
pub async fn access(
    file: Option<&Path>,
    target: &mut Target,
    switches: &Switches,
) -> Result<(Access, Vec<String>), Stop> {
    match file {
        None => Ok((Access::embedded(switches.conduct()), Vec::new())),
        Some(_) => connect(target).await.map_err(|error| Stop::internal(error.to_string())),
    }
}
