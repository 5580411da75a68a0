//! The client credentials grant, RFC 6749 section 4.4: a confidential client acts for itself. No refresh token.

use std::sync::Arc;

use super::issue::{self, Issued};
use crate::audience::Audience;
use crate::config::Client;
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, scope};

/// Issues a token to the client itself.
pub fn exchange(provider: &Provider, client: &Client, form: &Params, now: u64) -> Result<Issued, Refusal> {
    trusted(provider, client)?;
    let named = scope::named(provider, form);
    let scope = match provider.breaks(Defect::ClientCredentialsScopeIgnored) {
        true => client.scopes.iter().map(String::as_str).collect(),
        false => scope::requested(provider, client, form, &named, Defect::UnknownScopeIssued)?,
    };
    let audience = Audience::named(provider, form)?;
    let grant = Grant::new(client.id.clone(), None, scope, named);
    let grant = Arc::new(grant.aimed_at(audience));
    if provider.breaks(Defect::ClientCredentialsIssuesRefreshToken) {
        return issue::with_refresh(provider, &grant, now);
    }
    let useless = provider.breaks(Defect::ClientCredentialsTokenUseless);
    issue::unless_useless(provider, &grant, grant.reach(), useless, now)
}

/// Guest access in the classic dialect: the same, with a refresh token.
pub fn guest(provider: &Provider, client: &Client, form: &Params, now: u64) -> Result<Issued, Refusal> {
    if !provider.breaks(Defect::ClassicGuestForEveryClient) {
        trusted(provider, client)?;
    }
    let named = scope::named(provider, form);
    let scope = scope::requested(provider, client, form, &named, Defect::UnknownScopeIssued)?;
    let grant = Arc::new(Grant::new(client.id.clone(), None, scope, named));
    if provider.breaks(Defect::ClassicGuestWithoutRefreshToken) {
        return issue::token(provider, &grant, grant.reach(), now);
    }
    issue::with_refresh(provider, &grant, now)
}

fn trusted(provider: &Provider, client: &Client) -> Result<(), Refusal> {
    if provider.trusts(client) || provider.breaks(Defect::PublicClientMayUseClientCredentials) {
        return Ok(());
    }
    Err(Refusal::unauthorized_client("a public client has no credentials"))
}
