//! Whom a mode is about, and how it is reached: the target of a file, or the provider in the process.

use std::path::{Path, PathBuf};

use clap::Args;

use super::conduct::Switches;
use super::exit::Stop;
use super::output;
use crate::modes::access::Access;
use crate::modes::draft::quoted;
use crate::modes::{connect, reference};
use crate::report::quote;
use crate::target::{Target, Tls};

/// What the command line adds to the `[tls]` of a target file.
#[derive(Args, Default)]
pub struct Reach {
    /// Trust this authority too, a certificate in PEM; as [tls] ca of the target file
    #[arg(long, value_name = "FILE.pem")]
    ca: Option<PathBuf>,
    /// Put up with a certificate that proves nothing, for a test server; as [tls] insecure of the target file
    #[arg(long)]
    insecure: bool,
}

impl Reach {
    /// The target of this file, and a warning where it is told anything without knowing that it is the one; without a file, the
    /// provider in the process.
    pub fn target(&self, file: Option<&Path>) -> Result<Target, Stop> {
        let Some(path) = file else {
            self.ensure_unused()?;
            return Ok(reference());
        };
        let mut target = Target::load(path)?;
        self.add_to(&mut target.tls)?;
        target.caution().iter().try_for_each(|words| output::warn(words))?;
        Ok(target)
    }

    /// Adds what it says.
    pub fn add_to(&self, tls: &mut Tls) -> Result<(), Stop> {
        tls.insecure |= self.insecure;
        let trusted = self.ca.iter().try_for_each(|file| tls.trust(file));
        trusted.map_err(|(_, message, help)| Stop::usage(format!("--ca {message}; {help}")))
    }

    /// Nothing is verified on the way to the provider in the process.
    fn ensure_unused(&self) -> Result<(), Stop> {
        match self.insecure || self.ca.is_some() {
            true => Err(Stop::usage("--ca and --insecure are for a server: name its target file")),
            false => Ok(()),
        }
    }

    /// The same for a target file at this place, as TOML.
    pub fn lines(&self, file: &Path) -> Vec<(&'static str, String)> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let named = |ca: &PathBuf| {
            if folder == Path::new("") { ca.clone() } else { std::path::absolute(ca).unwrap_or(ca.clone()) }
        };
        let ca = self.ca.iter().map(|ca| ("ca", quoted(&named(ca).display().to_string())));
        ca.chain(self.insecure.then(|| ("insecure", "true".to_owned()))).collect()
    }

    /// The options as they were given.
    pub fn words(&self) -> Vec<String> {
        let ca = self.ca.iter().map(|file| format!("--ca {}", quote(&file.display().to_string())));
        ca.chain(self.insecure.then(|| "--insecure".to_owned())).collect()
    }
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
        Some(_) => connect(target).await.map_err(|error| Stop::usage(error.to_string())),
    }
}
