//! The resource owner password credentials grant, RFC 6749 section 4.3. OAuth 2.1 has it no more.

use std::sync::Arc;

use super::issue::{self, Issued};
use crate::audience::Audience;
use crate::config::Client;
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, flaws, interaction, scope};

/// Exchanges the name and password of a user for tokens.
pub fn exchange(provider: &Provider, client: &Client, form: &Params, now: u64) -> Result<Issued, Refusal> {
    let name = required(provider, form, "username")?;
    let password = flaws::password(provider, required(provider, form, "password")?);
    if provider.breaks(Defect::UsernameAsciiOnly) && !name.is_ascii() {
        return Err(Refusal::invalid_grant("the user name is malformed"));
    }
    let unlimited = Defect::PasswordGrantGuessingUnlimited;
    let user = match provider.breaks(Defect::PasswordGrantAcceptsAnyPassword) {
        true => provider.config.user(name),
        false => interaction::verify_user(provider, name, &password, unlimited, now)?,
    };
    let user = user.ok_or_else(|| wrong(provider))?;
    let named = scope::named(provider, form);
    let scope = scope::requested(provider, client, form, &named, Defect::UnknownScopeIssued)?;
    let audience = Audience::named(provider, form)?;
    let grant = Grant::new(client.id.clone(), Some(&user.username), scope, named).aimed_at(audience);
    issue::for_user(provider, client, &Arc::new(grant), now)
}

fn wrong(provider: &Provider) -> Refusal {
    let what = "the user name or the password is wrong";
    match provider.breaks(Defect::WrongPasswordReportedAsInvalidRequest) {
        true => Refusal::invalid_request(what),
        false => Refusal::invalid_grant(what),
    }
}

fn required<'a>(provider: &Provider, form: &'a Params, name: &str) -> Result<&'a str, Refusal> {
    match form.get(name) {
        Some(value) => Ok(value),
        None if provider.breaks(Defect::PasswordGrantMissingUsernameOtherError) => {
            Err(Refusal::invalid_grant("the user is not known"))
        }
        None => Err(Refusal::missing(name)),
    }
}
