//! Messages to windows of the wrong origin.

use crate::config::Client;
use crate::destination::Destination;
use crate::{Defect, Params, Provider};

/// The origin whose window may read the message: that of the redirect URI.
pub fn receiver(provider: &Provider, destination: &Destination) -> String {
    if provider.breaks(Defect::PostmessageWildcardOrigin) {
        return "*".into();
    }
    let wished = destination.wished.as_deref().filter(|_| provider.breaks(Defect::PostmessageOriginFromRequest));
    origin(wished.unwrap_or(&destination.uri)).to_owned()
}

/// The mistakes that let a redirect URI through because no browser is redirected to it.
pub fn is_let_through_by_message(provider: &Provider, client: &Client, uri: &str, params: &Params) -> bool {
    let begins = || client.redirect_uris.iter().any(|registered| uri.starts_with(origin(registered)));
    params.get("response_mode") == Some("web_message")
        && (provider.breaks(Defect::WebMessageSkipsRedirectUriCheck)
            || provider.breaks(Defect::PostmessageOriginPrefixMatch) && begins())
}

/// Scheme and authority of a URI.
fn origin(uri: &str) -> &str {
    let start = uri.find("://").map_or(0, |at| at + 3);
    uri[start..].find(['/', '?', '#']).map_or(uri, |end| &uri[..start + end])
}
