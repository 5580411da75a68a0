//! Resource indicators, RFC 8707: which resource servers a token is for. A request may name some of those that there
//! are; a later one may name fewer, never others. A request that names none means all.

use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::{Params, Provider};

/// The paths of the protected resources. An identifier is the issuer and the path.
const SERVERS: [&str; 2] = ["/resource", "/archive"];

/// Some of the resource servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audience([bool; SERVERS.len()]);

impl Audience {
    /// All that there are.
    pub const EVERYBODY: Self = Self([true; SERVERS.len()]);

    /// Those that a request names.
    pub fn named(provider: &Provider, params: &Params) -> Result<Self, Refusal> {
        let mut named = Self([false; SERVERS.len()]);
        for resource in resources(params) {
            let at = SERVERS.iter().position(|path| resource == identifier(provider, path));
            named.0[at.ok_or_else(|| invalid_target("the resource is not known"))?] = true;
        }
        Ok(if named.0.contains(&true) { named } else { Self::EVERYBODY })
    }

    /// Those of these that a request names.
    pub fn narrowed(self, provider: &Provider, params: &Params) -> Result<Self, Refusal> {
        let named = Self::named(provider, params)?;
        let nobody = resources(params).next().is_none();
        let within = named.0.iter().zip(self.0).all(|(asked, granted)| granted || !asked);
        match within {
            _ if nobody => Ok(self),
            true => Ok(named),
            false => Err(invalid_target("the resource was not granted")),
        }
    }

    /// Whether the server at this path is one of them.
    pub fn has(self, path: &str) -> bool {
        SERVERS.iter().zip(self.0).any(|(server, inside)| inside && *server == path)
    }

    /// The value of `aud`.
    pub fn to_json(self, provider: &Provider) -> Value {
        let inside = SERVERS.iter().zip(self.0).filter(|(_, inside)| *inside);
        match inside.map(|(path, _)| identifier(provider, path)).collect::<Vec<_>>().as_slice() {
            [one] => json!(one),
            some => json!(some),
        }
    }
}

/// What a request names. An empty value counts as absent, as of every parameter (RFC 6749 section 3.2).
fn resources<'p>(params: &'p Params) -> impl Iterator<Item = &'p str> {
    params.all("resource").filter(|resource| !resource.is_empty())
}

fn identifier(provider: &Provider, path: &str) -> String {
    format!("{}{path}", provider.config.issuer.trim_end_matches('/'))
}

fn invalid_target(description: &str) -> Refusal {
    Refusal::new("invalid_target", description)
}
