//! The authorization code grant, RFC 6749 section 4.1.3: a code works once, for its client, its redirect URI and
//! its PKCE challenge. Presenting it again ends everything that was issued from it.

use std::sync::Arc;

use super::issue::{self, Issued};
use crate::audience::Audience;
use crate::config::{Client, Profile};
use crate::grants::{Code, Grant, Reach};
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Params, Provider, flaws, id_token, pkce};

/// Exchanges a code for tokens.
pub fn exchange(provider: &Provider, client: &Client, form: &Params, now: u64) -> Result<Issued, Refusal> {
    let code = code(provider, form)?;
    if let Some(seconds) = provider.code_guesses.wait(&client.id, now) {
        return Err(Refusal::slow_down(seconds));
    }
    flaws::race(provider, Defect::CodeExchangeRace, || peek(provider, code, now));
    let redeemed = provider.grants.with_code(&provider.code_key(code), now, |code| {
        let outcome = redeem(provider, client, form, code);
        code.spent |= provider.takes(Liberty::CodeBurntByFailedExchange);
        outcome
    });
    note_guess(provider, client, redeemed.is_some(), now);
    let (grant, reach, nonce) =
        redeemed.unwrap_or_else(|| Err(bad_code(provider, "the code is not known or has expired")))?;
    let reach = flaws::widened(provider, reach, form);
    let issued = issue::from_code(provider, client, &grant, reach, now)?;
    Ok(Issued { id_token: id_token::for_code(provider, &grant, nonce.as_deref(), now), ..issued })
}

fn code<'a>(provider: &Provider, form: &'a Params) -> Result<&'a str, Refusal> {
    match form.get("code").or(form.literal("code").filter(|_| provider.breaks(Defect::EmptyCodeLookedUpAsCode))) {
        Some(code) => Ok(code),
        None if provider.breaks(Defect::MissingCodeReportedAsInvalidGrant) => {
            Err(Refusal::invalid_grant("the code is missing"))
        }
        None => Err(Refusal::missing("code")),
    }
}

/// Invented codes cost a client that proved who it is a pause. A public one may be somebody else, who would lock it out.
fn note_guess(provider: &Provider, client: &Client, known: bool, now: u64) {
    if !client.is_public() && !provider.breaks(Defect::CodeGuessingUnlimited) {
        provider.code_guesses.note(&client.id, known, now);
    }
}

/// Checks the code and spends it. Runs under the lock of the store. Only a request that is good in everything
/// else proves that somebody used the code twice; a stranger's guess ends nothing.
fn redeem(
    provider: &Provider,
    client: &Client,
    form: &Params,
    code: &mut Code,
) -> Result<(Arc<Grant>, Reach, Option<String>), Refusal> {
    if code.spent && provider.breaks(Defect::InvalidCodeReplayRevokesTokens) {
        revoke_after_reuse(provider, &code.grant);
    }
    if *code.grant.client != *client.id && !exchangeable_by_other(provider, client) {
        if code.spent && provider.breaks(Defect::ForeignCodeReplayRevokesTokens) {
            revoke_after_reuse(provider, &code.grant);
        }
        return Err(bad_code(provider, "the code was issued to another client"));
    }
    if provider.is_off(code.grant.user.as_deref(), Defect::DisabledUserCanRedeem) {
        return Err(Refusal::invalid_grant("the user was switched off"));
    }
    redirect_uri(provider, code.redirect_uri.as_deref(), form)?;
    pkce::verify(provider, code, form)?;
    if code.spent && !provider.breaks(Defect::CodeReusable) {
        revoke_after_reuse(provider, &code.grant);
        return Err(bad_code(provider, "the code was used before"));
    }
    let audience = match provider.breaks(Defect::ExchangeToOtherResourceServer) {
        true => Audience::named(provider, form)?,
        false => code.grant.audience.narrowed(provider, form)?,
    };
    code.spent = !provider.breaks(Defect::CodeReusable);
    Ok((code.grant.clone(), Reach { audience, ..code.grant.reach() }, code.nonce.clone()))
}

/// The exchange names the same redirect URI as the authorization request, or neither names one. OAuth 2.1 does
/// without it, since PKCE does the same and more.
fn redirect_uri(provider: &Provider, authorized: Option<&str>, form: &Params) -> Result<(), Refusal> {
    let oauth21 = provider.config.profile == Profile::Oauth21;
    match (authorized, form.get("redirect_uri")) {
        (None, _)
            if provider.breaks(Defect::ExchangeDemandsRedirectUriNeverSent) && form.get("redirect_uri").is_none() =>
        {
            Err(Refusal::missing("redirect_uri"))
        }
        (Some(_), None) if provider.breaks(Defect::RedirectUriMayBeLeftOutOfExchange) => Ok(()),
        (Some(_), None) if oauth21 && !provider.breaks(Defect::ExchangeStillDemandsRedirectUri) => Ok(()),
        (Some(_), Some(_)) if provider.breaks(Defect::ExchangeRefusesRedirectUri) => {
            Err(Refusal::invalid_request("redirect_uri is not expected here"))
        }
        (Some(_), None) => Err(Refusal::invalid_grant("redirect_uri is missing")),
        (Some(authorized), Some(sent))
            if authorized != sent && !provider.breaks(Defect::ExchangeRedirectUriNotCompared) =>
        {
            Err(bad_code(provider, "redirect_uri is not that of the authorization request"))
        }
        _ => Ok(()),
    }
}

fn exchangeable_by_other(provider: &Provider, client: &Client) -> bool {
    provider.breaks(Defect::CodeExchangeableByOtherClient)
        || provider.breaks(Defect::PublicClientCodeExchangeableByOtherClient) && client.is_public()
}

fn revoke_after_reuse(provider: &Provider, grant: &Grant) {
    if !provider.breaks(Defect::CodeReuseLeavesAccessToken) {
        grant.revoke_access();
    }
    if !provider.breaks(Defect::CodeReuseLeavesRefreshToken) {
        grant.revoke_refresh();
    }
}

fn bad_code(provider: &Provider, description: &str) -> Refusal {
    if provider.breaks(Defect::BadCodeReportedAsInvalidRequest) {
        return Refusal::invalid_request(description);
    }
    Refusal::invalid_grant(description)
}

/// Makes a code good again that was just seen good: what a look-up outside the transaction amounts to.
fn peek(provider: &Provider, code: &str, now: u64) -> impl FnOnce() {
    let key = provider.code_key(code);
    let good = provider.grants.with_code(&key, now, |code| !code.spent).unwrap_or(false);
    move || {
        provider.grants.with_code(&key, now, |code| code.spent = code.spent && !good);
    }
}
