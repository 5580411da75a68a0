//! Broken promises of the device grant.

use std::borrow::Cow;
use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::authorize::Pending;
use crate::config::Client;
use crate::device::Device;
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Response, interaction, params};

/// A client that only names itself at the device authorization endpoint, or sends any secret.
pub fn named_device_client<'p>(provider: &'p Provider, form: &Params, now: u64) -> Option<Cow<'p, Client>> {
    let skips = provider.breaks(Defect::DeviceAuthorizationSkipsClientAuth);
    form.get("client_id").filter(|_| skips).and_then(|id| provider.client(id, now))
}

/// A device code that others could guess, or have as well.
pub fn odd_device_code(provider: &Provider) -> Option<String> {
    if provider.breaks(Defect::DeviceCodeRepeated) {
        return Some("device-Zm9yIGV2ZXJ5Ym9keSB0aGUgc2FtZSBjb2Rl".into());
    }
    let short = provider.breaks(Defect::DeviceCodeLowEntropy);
    short.then(|| URL_SAFE_NO_PAD.encode(provider.random.bytes::<8>()))
}

/// A user code of five digits.
pub fn odd_user_code(provider: &Provider) -> Option<String> {
    let number = || u32::from_le_bytes(provider.random.bytes::<4>()) % 100_000;
    provider.breaks(Defect::UserCodeLowEntropy).then(|| format!("{:05}", number()))
}

/// The answer of the device authorization endpoint.
pub fn device_answer(provider: &Provider, mut members: Map<String, Value>) -> Response {
    if provider.breaks(Defect::VerificationUriContainsUserCode) {
        let complete = members["verification_uri_complete"].clone();
        members.insert("verification_uri".into(), complete);
    }
    if let Some(uri) = members.remove("verification_uri") {
        let misspelt = provider.breaks(Defect::VerificationUriMisspelt);
        members.insert(if misspelt { "verification_url" } else { "verification_uri" }.into(), uri);
    }
    if provider.breaks(Defect::DeviceExpiresInMissing) {
        members.remove("expires_in");
    }
    if !provider.breaks(Defect::DeviceResponseNotJson) {
        return Response::json(200, &Value::Object(members)).uncached();
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pair = |(name, value): (&String, &Value)| format!("{name}={}", params::encode(&text(value)));
    let mut response = Response::empty(200).with("Content-Type", "application/x-www-form-urlencoded").uncached();
    response.body = members.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes();
    response
}

/// The device that a wrong code leads to.
pub fn some_device(provider: &Provider) -> Option<Device> {
    if !provider.breaks(Defect::DeviceVerificationAcceptsAnyCode) {
        return None;
    }
    provider.devices.any_waiting()
}

/// A device that is approved when a user who is logged in opens its page.
pub fn device_shortcut(provider: &Provider, user: &str, pending: &Pending, now: u64) -> Option<Response> {
    let ask = pending.ask.as_ref().ok().filter(|_| provider.breaks(Defect::DeviceAutoApproves))?;
    Some(interaction::grant(provider, pending, ask, user, ask.scope.clone(), now))
}

/// What a device collects whose user was not asked yet.
pub fn unasked(provider: &Provider, device: &Device) -> Option<Arc<Grant>> {
    let user = &provider.config.users.first()?.username;
    let grant = || Grant::new(device.client.clone(), Some(user), device.scope.clone(), device.requested.clone());
    provider.breaks(Defect::DeviceTokenBeforeApproval).then(|| Arc::new(grant()))
}

/// The refusal of a device code that nobody was given.
pub fn unknown_device_code(provider: &Provider) -> Refusal {
    match provider.breaks(Defect::DeviceTokenRequestUnknownCodePending) {
        true => Refusal::new("authorization_pending", "the user did not decide yet"),
        false => Refusal::invalid_grant("the device code is not known"),
    }
}
