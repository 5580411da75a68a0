//! How a run reaches its target: over the network, or a provider in the process that is made anew for each run,
//! so that checks cannot disturb each other and the same seed gives the same bytes.

use std::sync::Arc;

use reference_server::{Conduct, Config, Provider, Random};

use crate::wire::Wire;

/// Where requests go.
#[derive(Clone)]
pub enum Access {
    /// A URL.
    Network(Arc<Wire>),
    /// The reference provider, with some conduct.
    Embedded(Box<Embedded>),
}

/// The provider in the process.
#[derive(Clone)]
pub struct Embedded {
    /// Its clients, users and lifetimes.
    pub config: Arc<Config>,
    /// Which promises it breaks and which liberties it takes.
    pub conduct: Conduct,
}

/// 2026-01-01, when the virtual clock starts.
const START_MS: u64 = 1_767_225_600_000;

impl Access {
    /// The provider as it is by default.
    pub fn embedded(conduct: Conduct) -> Self {
        let mut config = Config::default();
        config.issuer = super::reference().issuer.unwrap_or(config.issuer);
        Access::Embedded(Box::new(Embedded { config: config.into(), conduct }))
    }

    /// Whether it is the provider in the process.
    pub fn is_embedded(&self) -> bool {
        matches!(self, Access::Embedded(_))
    }

    /// The wire of one run.
    pub fn wire(&self, seed: u64) -> Arc<Wire> {
        match self {
            Access::Network(wire) => wire.clone(),
            Access::Embedded(embedded) => {
                let random = Random::seeded(seed);
                let provider = Provider::new(embedded.config.clone(), embedded.conduct.clone(), random);
                Arc::new(Wire::in_process(Arc::new(provider), START_MS))
            }
        }
    }
}
