//! The device grant, RFC 8628 section 3.4: a device polls with its code until its user has decided. The code is bound to
//! its client and collects tokens once.

use std::sync::Arc;

use super::issue::{self, Issued};
use crate::config::Client;
use crate::device::{Decision, Device, INTERVAL};
use crate::grants::Grant;
use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, flaws};

/// The name of the grant.
pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Exchanges a device code for tokens, once its user has approved.
pub fn exchange(provider: &Provider, client: &Client, form: &Params, now: u64) -> Result<Issued, Refusal> {
    let code = form.get("device_code").ok_or_else(|| Refusal::missing("device_code"))?;
    flaws::race(provider, Defect::DeviceCodeRace, || peek(provider, code, now));
    let polled = provider.devices.polled(code, now, |device| poll(provider, client, device, now));
    let grant = polled.unwrap_or_else(|| Err(flaws::unknown_device_code(provider)))?;
    issue::for_user(provider, client, &grant, now)
}

/// What a second look in the same moment finds: the device as it was.
fn peek<'p>(provider: &'p Provider, code: &'p str, now: u64) -> impl FnOnce() + 'p {
    let seen = provider.devices.polled(code, now, |device| device.decision.clone());
    move || {
        if let Some(decision @ Decision::Approved(_)) = seen {
            provider.devices.polled(code, now, |device| device.decision = decision);
        }
    }
}

/// Runs under the lock of the store.
fn poll(provider: &Provider, client: &Client, device: &mut Device, now: u64) -> Result<Arc<Grant>, Refusal> {
    if device.client != client.id && !provider.breaks(Defect::DeviceCodeNotBoundToClient) {
        return Err(Refusal::invalid_grant("the device code was issued to another client"));
    }
    if now >= device.ends {
        return Err(expired(provider));
    }
    match &device.decision {
        Decision::Awaited => flaws::unasked(provider, device).ok_or_else(|| wait(provider, device, now)),
        Decision::Denied => Err(Refusal::new("access_denied", "the user did not allow it")),
        Decision::Approved(grant) if provider.is_off(grant.user.as_deref(), Defect::DisabledUserCanRedeem) => {
            Err(Refusal::invalid_grant("the user was switched off"))
        }
        Decision::Approved(grant) => {
            let grant = grant.clone();
            device.decision = Decision::Collected(grant.clone());
            Ok(grant)
        }
        Decision::Collected(grant) if provider.breaks(Defect::DeviceCodeReusable) => Ok(grant.clone()),
        Decision::Collected(_) => Err(Refusal::invalid_grant("the device code was used before")),
    }
}

fn expired(provider: &Provider) -> Refusal {
    match provider.breaks(Defect::DeviceExpiredAsInvalidGrant) {
        true => Refusal::invalid_grant("the device code has expired"),
        false => Refusal::new("expired_token", "the device code has expired"),
    }
}

/// Who polls too soon waits five seconds longer from then on (RFC 8628 section 3.5).
fn wait(provider: &Provider, device: &mut Device, now: u64) -> Refusal {
    let too_soon = now < device.next && !provider.breaks(Defect::DeviceNoSlowDown);
    if too_soon {
        device.interval += INTERVAL;
    }
    device.next = now + device.interval * 1000;
    if too_soon && provider.breaks(Defect::DeviceSlowDownKillsSession) {
        device.decision = Decision::Denied;
    }
    match too_soon {
        true => Refusal::new("slow_down", "the device polls too often"),
        false if provider.breaks(Defect::DevicePendingAsAccessDenied) => {
            Refusal::new("access_denied", "the user did not allow it yet")
        }
        false => Refusal::new("authorization_pending", "the user did not decide yet"),
    }
}
