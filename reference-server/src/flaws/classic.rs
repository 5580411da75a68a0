//! Broken promises of the classic dialect and of signed requests.

use crate::config::{Client, GrantType, User};
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request};

/// Whether a classic path is one that this provider does not know.
pub fn strays_from_path(provider: &Provider, path: &str) -> bool {
    provider.breaks(Defect::ClassicPathNeedsVersion) && !path.contains("/v1")
        || provider.breaks(Defect::ClassicPathSlashRefused) && path.ends_with('/')
}

/// The user of a classic request that names none.
pub fn nobodys_user<'p>(provider: &'p Provider, params: &Params) -> Option<&'p User> {
    let unnamed = provider.breaks(Defect::ClassicCodeWithoutLogin) && params.get("username").is_none();
    provider.config.users.first().filter(|_| unnamed)
}

/// Whether a refusal of the classic authorization endpoint is JSON, which it is when the request wants it so.
pub fn refuses_in_json(provider: &Provider, wanted: bool) -> bool {
    wanted && !provider.breaks(Defect::ClassicJsonErrorMissing) || provider.breaks(Defect::ClassicErrorAlwaysJson)
}

/// Whether a grant is open to clients that are not registered for it.
pub fn is_open(provider: &Provider, grant: GrantType) -> bool {
    grant == GrantType::ClientCredentials && provider.breaks(Defect::ClassicGuestForEveryClient)
}

/// A signed request at a classic endpoint that takes none.
pub fn refuses_signed(provider: &Provider, request: &Request) -> Result<(), Refusal> {
    let header = request.header("authorization").unwrap_or_default().to_ascii_lowercase();
    if header.starts_with(b"hmac-sha1") && provider.breaks(Defect::ClassicSignedRequestsRefused) {
        return Err(provider.invalid_client("this authentication scheme is not supported"));
    }
    Ok(())
}

/// Whether a client may sign although it is not registered to, or may not although it is.
pub fn signs_anyway(provider: &Provider, client: &Client) -> bool {
    provider.breaks(Defect::SigningOpenToEveryClient) && client.secret.is_some()
}

/// The timestamp without what stands around its digits.
pub fn loose_timestamp<'a>(provider: &Provider, timestamp: &'a str) -> &'a str {
    if !provider.breaks(Defect::SignedTimestampReadLoosely) {
        return timestamp;
    }
    let digits = timestamp.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    digits.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default()
}

/// The signed string in the order of the query.
pub fn string_in_query_order(provider: &Provider, query: &Params) -> Option<String> {
    provider.breaks(Defect::SignedStringInQueryOrder).then(|| {
        let signed = query.pairs().iter().filter(|(name, _)| name == "timestamp" || name == "token");
        let pairs: Vec<_> = signed.map(|(name, value)| format!("{name}={value}")).collect();
        format!("?{}", pairs.join("&"))
    })
}
