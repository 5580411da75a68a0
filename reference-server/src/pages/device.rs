//! The pages of the device grant: the code, the decision, and the way back to the device.

use super::{complaint, decision_form, dressed, escape, page};
use crate::authorize::Pending;
use crate::refusal::Refusal;
use crate::{Defect, Provider, Response};

/// The page that asks for the code, after a wrong one with the reason.
pub fn enter_code(provider: &Provider, failed: Option<&Refusal>) -> Response {
    let main = format!(
        "<h1>Connect a device</h1><p>Enter the code that your device shows.</p>{complaint}\
<form method=\"post\" action=\"{base}/device\">\
<label>Code <input name=\"user_code\" autocomplete=\"off\" required autofocus></label>\
<button type=\"submit\">Continue</button></form>",
        complaint = complaint(failed),
        base = escape(provider.base_path()),
    );
    let status = failed.map_or(200, |refusal| refusal.status);
    dressed(page(provider, status, "Connect a device", &main, Defect::DevicePageFrameable), failed)
}

/// The page that asks whether a device may. Who was sent here by somebody else sees that it is about a device, and which code it shows.
pub fn connect(provider: &Provider, pending: &Pending, ticket: &str) -> Response {
    let code = match provider.breaks(Defect::DeviceCompleteHidesUserCode) {
        true => String::new(),
        false => format!(" and it shows the code <strong>{}</strong>", escape(&pending.destination.uri)),
    };
    let main = format!(
        "<h1>Connect this device?</h1><p>A device with <strong>{client}</strong> asks for access to your account. \
Allow it only if the device is yours{code}.</p>{form}",
        client = escape(&pending.title),
        form = decision_form(provider, pending, ticket),
    );
    page(provider, 200, "Connect this device?", &main, Defect::DevicePageFrameable)
}

/// The page after the decision.
pub fn device_done(provider: &Provider) -> Response {
    let main = "<h1>Done</h1><p>You may close this page and go back to your device.</p>";
    page(provider, 200, "Done", main, Defect::DevicePageFrameable)
}
