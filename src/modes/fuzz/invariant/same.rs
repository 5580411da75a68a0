//! Edits that change nothing: parameters that have to be ignored, another spelling of the same value. The answer is as before.

use super::super::edits::endpoint;
use super::{Judged, Suspect, suspect};
use crate::exchange::Response;

/// A request that means what the unchanged one means is accepted as that is.
pub fn of_same(judged: &Judged<'_>, response: &Response) -> Option<Suspect> {
    let expect = match endpoint(judged.step).as_str() {
        "token" => "json.access_token = { present = true }",
        "authorization" => "redirect.param.error = { present = false }\nanswered = true\nstatus = { at_most = 399 }",
        _ => return None,
    };
    let says = "is answered as before where something is added that has to be ignored, or a value is spelt otherwise";
    (judged.refused && !response.puts_off()).then(|| suspect("same", "", says, expect, judged))
}
