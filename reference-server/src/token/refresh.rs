//! The refresh grant, RFC 6749 section 6: a refresh token is bound to its client, is rotated with every use, and
//! ends its whole family when an old one comes back. Asking for less scope narrows one access token only.

use std::sync::Arc;

use super::issue::{self, Issued};
use crate::audience::Audience;
use crate::config::Client;
use crate::grants::{Grant, Reach, RefreshToken};
use crate::refusal::Refusal;
use crate::scope::Scope;
use crate::{Defect, Liberty, Params, Provider, flaws};

/// Exchanges a refresh token for a new access token.
pub fn exchange(provider: &Provider, client: &Client, form: &Params, now: u64) -> Result<Issued, Refusal> {
    let token = refresh_token(provider, form)?;
    let key = flaws::refresh_key(provider, token, now);
    flaws::race(provider, Defect::RefreshRotationRace, || peek(provider, key, now));
    let rotated = provider.grants.with_refresh(&key, now, |token| rotate(provider, client, form, token));
    let unknown = || Err(Refusal::invalid_grant("the refresh token is not known or has expired"));
    let (grant, reach) = rotated.or_else(|| flaws::access_as_refresh(provider, token, now)).unwrap_or_else(unknown)?;
    let issued = issue::refreshed(provider, &grant, reach, rotates(provider, client), now)?;
    let repeated = provider.takes(Liberty::RefreshTokenRepeated) && issued.refresh_token.is_none();
    Ok(if repeated { Issued { refresh_token: Some(token.to_owned()), ..issued } } else { issued })
}

fn refresh_token<'a>(provider: &Provider, form: &'a Params) -> Result<&'a str, Refusal> {
    match form.get("refresh_token") {
        Some(token) => Ok(token),
        None if provider.breaks(Defect::MissingRefreshTokenReportedAsInvalidGrant) => {
            Err(Refusal::invalid_grant("there is no refresh token"))
        }
        None => Err(Refusal::missing("refresh_token")),
    }
}

/// Checks the token and spends it. Runs under the lock of the store.
fn rotate(
    provider: &Provider,
    client: &Client,
    form: &Params,
    token: &mut RefreshToken,
) -> Result<(Arc<Grant>, Reach), Refusal> {
    if token.spent && !keeps_old(provider, client) {
        if provider.breaks(Defect::RefreshReuseDetectedOneGenerationOnly) && token.generation + 1 < token.grant.newest()
        {
            return Err(Refusal::invalid_grant("the refresh token was used before"));
        }
        revoke_after_reuse(provider, &token.grant);
        return Err(Refusal::invalid_grant("the refresh token was used before"));
    }
    if provider.is_off(token.grant.user.as_deref(), Defect::DisabledUserCanRefresh) {
        return Err(Refusal::invalid_grant("the user was switched off"));
    }
    if token.is_revoked() && !provider.breaks(Defect::RefreshWorksAfterGrantRevoked) {
        return Err(Refusal::invalid_grant("the refresh token was revoked"));
    }
    if *token.grant.client != *client.id && !usable_by_other(provider, client, token) {
        return Err(Refusal::invalid_grant("the refresh token was issued to another client"));
    }
    let reach = Reach { scope: scope(provider, form, token)?, audience: audience(provider, form, &token.grant)? };
    token.spent = rotates(provider, client);
    Ok((token.grant.clone(), reach))
}

/// The resource servers that the user agreed to, or fewer when the client names some.
fn audience(provider: &Provider, form: &Params, grant: &Grant) -> Result<Audience, Refusal> {
    match provider.breaks(Defect::RefreshToOtherResourceServer) {
        true => Audience::named(provider, form),
        false => grant.audience.narrowed(provider, form),
    }
}

/// As much as was granted, or less when the client asks for less.
fn scope(provider: &Provider, form: &Params, token: &RefreshToken) -> Result<Scope, Refusal> {
    let granted = match provider.breaks(Defect::RefreshUsesRequestedInsteadOfGrantedScope) {
        true => &token.grant.requested,
        false => &token.scope,
    };
    let Some(text) = form.get("scope") else {
        return Ok(if provider.breaks(Defect::RefreshWithoutScopeLosesScope) {
            granted.only(|word| granted.words().first().is_some_and(|first| first == word))
        } else {
            granted.clone()
        });
    };
    let asked = Scope::parse(text).ok_or_else(|| Refusal::invalid_scope("the scope is malformed"))?;
    if provider.breaks(Defect::RefreshIgnoresNarrowerScope) && granted.covers(&asked) {
        return Ok(granted.clone());
    }
    let known = asked.words().iter().all(|word| provider.config.scopes.contains(word));
    if granted.covers(&asked) || provider.breaks(Defect::RefreshWidensScope) && known {
        return Ok(asked);
    }
    Err(Refusal::invalid_scope("the scope goes beyond what was granted"))
}

/// RFC 9700 section 4.14.2 demands rotation for public clients only.
fn rotates(provider: &Provider, client: &Client) -> bool {
    let kept = [Liberty::UnrotatedRefreshForConfidential, Liberty::RefreshTokenRepeated];
    !(kept.iter().any(|liberty| provider.takes(*liberty)) && provider.trusts(client)
        || provider.breaks(Defect::NativeSecretTreatedAsProof) && client.native && !client.is_public()
        || provider.breaks(Defect::PublicRefreshTokenNotRotated) && client.is_public())
}

fn keeps_old(provider: &Provider, client: &Client) -> bool {
    provider.breaks(Defect::RotationKeepsOldRefreshToken)
        || provider.breaks(Defect::RotatedRefreshTokenStillValid)
        || provider.breaks(Defect::PublicClientRefreshReplayUnnoticed) && client.is_public()
}

fn usable_by_other(provider: &Provider, client: &Client, token: &RefreshToken) -> bool {
    provider.breaks(Defect::RefreshTokenUsableByOtherClient)
        || provider.breaks(Defect::PublicRefreshTokenUsableByOtherClient) && client.is_public()
        || provider.breaks(Defect::RefreshTokenBindingNotChecked) && !client.is_public()
        || provider.breaks(Defect::RefreshTokenBindingLostAfterRotation) && token.generation > 0
}

fn revoke_after_reuse(provider: &Provider, grant: &Grant) {
    if !provider.breaks(Defect::RefreshReuseKeepsAccessToken) {
        grant.revoke_access();
    }
    if !provider.breaks(Defect::RefreshReplayLeavesFamilyAlive) {
        grant.revoke_refresh();
    }
}

/// Makes a token good again that was just seen good: what a look-up outside the transaction amounts to.
fn peek(provider: &Provider, key: crate::shelf::Key, now: u64) -> impl FnOnce() {
    let good = provider.grants.with_refresh(&key, now, |token| !token.spent).unwrap_or(false);
    move || {
        provider.grants.with_refresh(&key, now, |token| token.spent = token.spent && !good);
    }
}
