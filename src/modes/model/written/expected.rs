//! What a step of a written history expects of its answer.

use super::super::action::{Action, Uri};
use super::super::forecast::{Forecast, Prediction};
use super::super::rule::Rule;
use super::super::scope::Words;
use super::Writer;

impl Writer<'_> {
    pub(super) fn expected(&self, rank: usize, action: &Action, prediction: &Prediction) -> String {
        let accepted = self.accepted(rank, action, prediction);
        let (table, lines) = match prediction.forecast {
            Forecast::Must(_) => ("expect", accepted),
            Forecast::Should(_) => ("should", accepted),
            Forecast::May => ("expect", self.free(action, prediction)),
            Forecast::ShouldNot(_) => ("should", refused(action)),
            Forecast::MustNot(_) => ("expect", refused(action)),
        };
        if lines.is_empty() { lines } else { format!("[step.{table}]\n{lines}") }
    }

    fn accepted(&self, rank: usize, action: &Action, prediction: &Prediction) -> String {
        match action {
            Action::Authorize(asked) => {
                let to = |uri: Uri| format!("redirect.url = {{ starts_with = \"{}\" }}\n", uri.template());
                format!(
                    "redirect.param.code = {{ present = true }}\nredirect.param.state = \"{{{{state_{rank}}}}}\"\n{}",
                    asked.uri.map_or_else(String::new, to)
                )
            }
            Action::Redeem(_) | Action::Refresh(_) | Action::Password(_) | Action::Own(_) => {
                format!("status = 200\njson.access_token = {{ present = true }}\n{}", self.scope(prediction))
            }
            Action::Revoke(_) | Action::Call(_) => "status = \"2xx\"\n".into(),
            Action::Introspect(_) => {
                format!("status = \"2xx\"\njson.active = true\n{}{}", self.whose(prediction), self.scope(prediction))
            }
            Action::Tick(_) | Action::SwitchOff(_) => String::new(),
        }
    }

    /// Where the server is free, what it says is still true.
    fn free(&self, action: &Action, prediction: &Prediction) -> String {
        match action {
            Action::Redeem(_) | Action::Refresh(_) | Action::Password(_) | Action::Own(_) => self.scope(prediction),
            Action::Introspect(_) => self.whose(prediction) + &self.scope(prediction),
            _ => String::new(),
        }
    }

    /// Whose token it is: another client or user is a mistake, other names for the same one are not.
    fn whose(&self, prediction: &Prediction) -> String {
        let client = prediction.client.map_or_else(String::new, |client| {
            format!("json.client_id = {{ equals = \"{{{{clients.{client}.id}}}}\", optional = true }}\n")
        });
        let Some(user) = prediction.user else { return client };
        if user.is_none() {
            // Some servers write null for nobody.
            return client + "json.username = { type = \"null\", optional = true }\n";
        }
        let others = self.world.users.iter().filter(|other| user != Some(**other));
        let others: Vec<String> = others.map(|other| format!("\"{{{{users.{other}.username}}}}\"")).collect();
        if others.is_empty() {
            return client;
        }
        let others = others.join(", ");
        client + &format!("json.username = {{ none_of = [{others}], optional = true }}\n")
    }

    fn scope(&self, prediction: &Prediction) -> String {
        let excused = [Rule::ScopeIsGranted, Rule::RefreshKeepsScope].into_iter().find(|rule| (self.excused)(*rule));
        let excused = excused.is_some_and(|rule| rule == Rule::ScopeIsGranted || rule == prediction.rule);
        let Some(bound) = prediction.bound.filter(|_| !excused) else { return String::new() };
        // What a login names may be more than one word, and which of them are granted is the server's business.
        if bound.covers(Words::LOGIN) || bound.is_empty() {
            return String::new();
        }
        let optional =
            if prediction.told && !matches!(prediction.forecast, Forecast::May) { "" } else { ", optional = true" };
        format!("json.scope = {{ words_within = \"{}\"{optional} }}\n", bound.template(self.world.login_scope))
    }
}

/// Nothing is issued, nothing is opened, nobody is sent on with a code.
fn refused(action: &Action) -> String {
    match action {
        Action::Authorize(asked) if asked.uri.is_some_and(|uri| uri.of != asked.client || uri.longer) => {
            "answered = true\nredirect.to = { present = false }\n".into()
        }
        Action::Authorize(_) => "answered = true\nredirect.param.code = { present = false }\n".into(),
        Action::Introspect(_) => "json.active = { not = true }\n".into(),
        _ => "refused = true\n".into(),
    }
}
