//! The page at the verification URI: the user logs in, types the code that the device shows (or came by an address that
//! has it), and is asked like at the authorization endpoint. Login comes first, so that guesses have a name to be counted by.

use super::user_code_key;
use crate::authorize::{Ask, Pending};
use crate::config::ResponseType;
use crate::destination::Destination;
use crate::refusal::Refusal;
use crate::sessions::Session;
use crate::{Defect, Provider, Request, Response, flaws, interaction, pages};

/// Answers a request for the page, and the form with the code.
pub fn handle(provider: &Provider, request: &Request, now: u64) -> Response {
    let params = if request.method == "POST" { request.form().unwrap_or_default() } else { request.query_params() };
    if provider.breaks(Defect::DeviceVerificationMissing) && params.get("user_code").is_none() {
        return Response::empty(404);
    }
    let typed = params.get("user_code").unwrap_or_default();
    let pending = Pending {
        client: "".into(),
        title: "your device".into(),
        link: None,
        destination: Destination::device(typed),
        ask: Err(Refusal::missing("user_code")),
    };
    interaction::ask_user(provider, request, pending, now)
}

/// The user is known: the page asks for the code, or whether its device may.
pub fn proceed(provider: &Provider, id: &str, session: &Session, pending: &Pending, now: u64) -> Response {
    let (typed, user) = (pending.destination.uri.as_str(), session.user.as_deref().unwrap_or_default());
    if typed.is_empty() {
        return pages::enter_code(provider, None);
    }
    match found(provider, user, typed, now) {
        Ok(asked) => flaws::device_shortcut(provider, user, &asked, now)
            .unwrap_or_else(|| interaction::ask_for_consent(provider, id, asked, now)),
        Err(refusal) => pages::enter_code(provider, Some(&refusal)),
    }
}

/// What the device of this code asks for. A right guess does not end the row of wrong ones: it may be the guesser's own device.
fn found(provider: &Provider, user: &str, typed: &str, now: u64) -> Result<Pending, Refusal> {
    if let Some(seconds) = provider.user_code_guesses.wait(user, now) {
        return Err(Refusal::slow_down(seconds));
    }
    let device = provider.devices.waiting(&user_code_key(provider, typed), now);
    let Some(device) = device.or_else(|| flaws::some_device(provider)) else {
        if !provider.breaks(Defect::UserCodeGuessingUnlimited) {
            provider.user_code_guesses.note(user, false, now);
        }
        return Err(Refusal::invalid_request("no device waits with this code"));
    };
    let client = provider.client(&device.client, now);
    let client = client.ok_or_else(|| Refusal::new("invalid_client", "the client is not known"))?;
    let (challenge, redirect_uri, nonce) = Default::default();
    let ask = Ask {
        response_type: ResponseType::Code,
        scope: device.scope,
        requested: device.requested,
        audience: device.audience,
        challenge,
        redirect_uri,
        nonce,
    };
    Ok(Pending::of(&client, Destination::device(&device.user_code), Ok(ask)))
}
