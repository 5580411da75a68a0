//! Rules that forbid what other rules describe: their checks meet the provider in the process in another setting.

use std::sync::Arc;

use reference_server::Config;
use reference_server::config::Profile;

use super::access::Access;
use crate::scenario::Setting;
use crate::target::Target;

/// The path of the issuer that has one.
const PATH: &str = "/tenant-a";

/// The provider in the process in this setting, and what it offers then. `None` for every other target.
pub fn provider_in(setting: Setting, target: &Target, access: &Access) -> Option<(Target, Access)> {
    let Access::Embedded(embedded) = access else { return None };
    let (mut target, mut embedded) = (target.clone(), embedded.clone());
    let config = Arc::make_mut(&mut embedded.config);
    match setting {
        Setting::Oauth21 => {
            config.profile = Profile::Oauth21;
            target.supports.retain(|word| !matches!(word.as_str(), "implicit" | "password"));
        }
        Setting::QueryToken => {
            config.resource.query_token = true;
            target.supports.push("resource_query_token".into());
        }
        Setting::JwtAccessToken => {
            config.jwt_access_tokens = true;
            target.supports.push("jwt_access_token".into());
        }
        Setting::EndpointQuery => {
            for name in ["authorization", "token"] {
                target.endpoints.entry(name.into()).and_modify(|url| url.push_str("?tenant=a"));
            }
        }
        Setting::Tls => with_tls(config, &mut target),
        Setting::ClientNamedLikeUser => namesake(config, &mut target),
        Setting::RegistrationOff => config.registration = None,
        Setting::IssuerWithPath => {
            let origin = std::mem::take(&mut config.issuer);
            config.issuer = format!("{origin}{PATH}");
            for url in target.endpoints.values_mut() {
                let path = url.strip_prefix(&origin).unwrap_or_default().to_owned();
                let inserted = path.starts_with("/.well-known/");
                *url = if inserted { format!("{origin}{path}{PATH}") } else { format!("{origin}{PATH}{path}") };
            }
            target.issuer = Some(config.issuer.clone());
        }
    }
    Some((target, Access::Embedded(embedded)))
}

/// The same names with TLS; without it nothing is served.
fn with_tls(config: &mut Config, target: &mut Target) {
    let origin = config.issuer.clone();
    let secure = |url: &str| url.replacen("http:", "https:", 1);
    config.issuer = secure(&origin);
    target.issuer = Some(config.issuer.clone());
    target.endpoints.values_mut().chain(target.resources.values_mut()).for_each(|url| *url = secure(url));
    target.tls.cleartext = Some(origin);
}

/// One of the clients changes its identifier.
fn namesake(config: &mut Config, target: &mut Target) {
    let name = target.user("default").map(|user| user.username.clone()).unwrap_or_default();
    let Some(mut client) = target.client("other").cloned() else { return };
    for known in config.clients.iter_mut().filter(|known| *known.id == *client.id) {
        known.id = name.as_str().into();
    }
    client.id = name;
    target.clients.insert("named_like_user".into(), client);
}
