//! Edits of which a row of the catalogue says how they are answered: what has to be ignored or is only spelt otherwise is
//! answered as before, and for what has to be refused nothing is given.

use super::super::edits::{Ruling, endpoint};
use super::{Judged, Suspect, issued, suspect};
use crate::exchange::Response;

/// Whether the answer is another one than the row asks for.
pub fn of_ruling(judged: &Judged<'_>, response: &Response) -> Option<Suspect> {
    match judged.ruling? {
        Ruling::Accepted(row) if !judged.accepted && !response.puts_off() => as_before(judged, row),
        Ruling::Refused(row) => nothing(judged, response, row),
        Ruling::Accepted(_) => None,
    }
}

fn as_before(judged: &Judged<'_>, row: &'static str) -> Option<Suspect> {
    let expect = match endpoint(judged.step).as_str() {
        "token" => "json.access_token = { present = true }",
        "authorization" => "redirect.param.error = { present = false }\nanswered = true\nstatus = { at_most = 399 }",
        "resource" => "status = \"2xx\"",
        _ => return None,
    };
    let says = "is answered as before where something is added that has to be ignored, or a value is spelt otherwise";
    Some(Suspect { row: Some(row), ..suspect("same", row, says, expect, judged) })
}

fn nothing(judged: &Judged<'_>, response: &Response, row: &'static str) -> Option<Suspect> {
    let (given, expect) = issued(judged, response)?;
    let title = format!("A request to the {} endpoint against {row} {given}", endpoint(judged.step));
    Some(Suspect { title, row: Some(row), ..suspect("refused", row, "", expect, judged) })
}
