//! The revocation endpoint, RFC 7009: a client withdraws a token of its own. Withdrawing a refresh token ends the
//! access tokens of its grant as well; withdrawing an access token ends that one only.

use std::borrow::Cow;

use crate::config::Client;
use crate::refusal::Refusal;
use crate::shelf::Key;
use crate::{Defect, Liberty, Params, Provider, Request, Response, clients, flaws, form};

/// Answers a request at the revocation endpoint.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    match respond(provider, &flaws::get_revocation(provider, request), now) {
        Ok(()) => Response::empty(if provider.breaks(Defect::RevocationSuccess204) { 204 } else { 200 }).uncached(),
        Err(refusal) if provider.breaks(Defect::RevocationErrorsNotJson) => {
            Response::html(refusal.status, refusal.description)
        }
        Err(refusal) => refusal.json(),
    }
}

fn respond(provider: &Provider, request: &Request, now: u64) -> Result<(), Refusal> {
    let form = form::read(provider, request)?;
    let client = client(provider, request, &form, now)?;
    let token = match form.get("token") {
        None if provider.breaks(Defect::RevocationWithoutTokenAccepted) => return Ok(()),
        token => token.ok_or_else(|| Refusal::missing("token"))?,
    };
    if provider.breaks(Defect::RevocationBasicUnsupported) && request.header("authorization").is_some() {
        return Err(provider.invalid_client("this authentication scheme is not supported"));
    }
    let hint = form.get("token_type_hint");
    if provider.breaks(Defect::RevocationRejectsUnknownHint)
        && !matches!(hint, None | Some("access_token" | "refresh_token"))
    {
        return Err(Refusal::new("unsupported_token_type", "the hint is not known"));
    }
    revoke(provider, &client, token, hint.filter(|_| provider.breaks(Defect::RevocationTrustsTokenTypeHint)), now)
}

fn client<'p>(provider: &'p Provider, request: &Request, form: &Params, now: u64) -> Result<Cow<'p, Client>, Refusal> {
    if let Some(client) = flaws::unauthenticated_revoker(provider, form, now) {
        return Ok(client);
    }
    clients::authenticate(provider, request, form, now)
}

/// Looks among all kinds of tokens, whatever the hint says. An unknown token is no error.
fn revoke(provider: &Provider, client: &Client, token: &str, only: Option<&str>, now: u64) -> Result<(), Refusal> {
    let refresh_key = flaws::refresh_key(provider, token, now);
    if only != Some("access_token")
        && let Some(outcome) = revoke_refresh(provider, client, &refresh_key, now)
    {
        return outcome;
    }
    if only != Some("refresh_token")
        && let Some(outcome) = revoke_access(provider, client, &provider.access_key(token), now)
    {
        return outcome;
    }
    match provider.breaks(Defect::RevocationOfUnknownTokenFails) {
        true => Err(Refusal::invalid_grant("the token is not known")),
        false => Ok(()),
    }
}

fn revoke_refresh(provider: &Provider, client: &Client, key: &Key, now: u64) -> Option<Result<(), Refusal>> {
    let grant = provider.grants.with_refresh(key, now, |token| token.grant.clone())?;
    if let Some(outcome) = foreign(provider, client, &grant.client) {
        return Some(outcome);
    }
    if !provider.breaks(Defect::RevocationOfRefreshTokenIsANoOp) {
        grant.revoke_refresh();
    }
    if !provider.breaks_any(&[
        Defect::RefreshRevocationKeepsAccessTokens,
        Defect::RevocationLeavesAccessToken,
        Defect::RevocationOfRefreshTokenIsANoOp,
    ]) {
        grant.revoke_access();
    }
    if provider.takes(Liberty::RefreshRevocationEndsAll) {
        provider.grants.supersede(&grant);
    }
    Some(Ok(()))
}

fn revoke_access(provider: &Provider, client: &Client, key: &Key, now: u64) -> Option<Result<(), Refusal>> {
    let token = provider.grants.access(key, now)?;
    if token.is_revoked() && provider.breaks(Defect::RevocationOfUnknownTokenFails) {
        return None;
    }
    if let Some(outcome) = foreign(provider, client, &token.grant.client) {
        return Some(outcome);
    }
    if provider.breaks(Defect::AccessRevocationHitsOtherGrants) {
        provider.grants.revoke_everything_of(&token.grant);
    }
    if provider.breaks(Defect::RevocationTakesEffectLate) {
        provider.grants.end_access(key, now.saturating_add(2000));
    } else if !provider.breaks_any(&[Defect::RevocationOfAccessTokenIsANoOp, Defect::UnsupportedTokenTypeAnswered200]) {
        provider.grants.revoke_access(key, now);
    }
    Some(Ok(()))
}

/// A token of another client stays as it is, and its owner stays unnamed.
fn foreign(provider: &Provider, client: &Client, owner: &str) -> Option<Result<(), Refusal>> {
    if *client.id == *owner || provider.breaks(Defect::RevocationOfForeignToken) {
        return None;
    }
    if provider.breaks(Defect::RevocationOfForeignTokenSays200) {
        return Some(Ok(()));
    }
    Some(Err(Refusal::invalid_grant("the token was not issued to this client")))
}
