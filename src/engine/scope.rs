//! What a template's name means at a step: made and captured values first, then parameters of the flow and the
//! case, then the target file.

use crate::plan::PlannedStep;
use crate::scenario::{Rendered, Template};
use crate::target::{Client, Target, User};

use super::transcript::Values;

/// Everything a template of one step can name.
pub struct Scope<'a> {
    pub target: &'a Target,
    pub step: &'a PlannedStep,
    /// The acting client's role, after a variation.
    pub role: &'a str,
    /// The user's role.
    pub user: &'a str,
    pub case: &'a [(String, String)],
    pub values: &'a Values,
    /// Unix seconds.
    pub now: u64,
}

impl Scope<'_> {
    /// Renders a template; `Ok(None)` leaves a parameter out, `Err` names what has no value.
    pub fn render(&self, template: &str) -> Result<Option<String>, String> {
        let parsed = Template::parse(template).map_err(|error| error.to_string())?;
        match parsed.render(&|name| self.lookup(name)) {
            Rendered::Text(text) => Ok(Some(text)),
            Rendered::Omitted => Ok(None),
            Rendered::Missing(name) => Err(name),
        }
    }

    /// Renders a template that has to have a value; `Err` names what has none.
    pub fn required(&self, template: &str) -> Result<String, String> {
        self.render(template)?.ok_or_else(|| template.to_owned())
    }

    /// The acting client.
    pub fn client(&self) -> Option<&Client> {
        self.target.client(self.role)
    }

    /// The value of a name.
    pub fn lookup(&self, name: &str) -> Option<String> {
        let own = format!("{}{name}", self.step.prefix);
        self.values.get(&own).or_else(|| self.values.get(name)).cloned().or_else(|| self.structured(name))
    }

    fn structured(&self, name: &str) -> Option<String> {
        let (root, rest) = name.split_once('.').unwrap_or((name, ""));
        match root {
            "now" => Some(self.now.to_string()),
            "sample" => Some(self.target.pace.sample.to_string()),
            "issuer" => self.target.issuer.clone(),
            "issuer_path" => self.target.issuer.as_deref().map(path_of),
            "origin" => self.target.endpoints.values().next().map(|url| origin_of(url)),
            "with" => self.nested(&self.step.with, rest),
            "case" => self.nested(self.case, rest),
            "endpoints" => self.target.endpoints.get(rest).cloned(),
            "cleartext" => self.target.cleartext(rest),
            "scopes" => self.target.scope(rest),
            "resources" => self.target.resources.get(rest).cloned(),
            "response_type" => self.target.composite_response_type.as_deref().map(|words| in_order(words, rest)),
            "lifetimes" => self.target.lifetimes.get(rest).map(u64::to_string),
            "client" if rest == "audience" => self.client()?.audience.clone().or_else(|| self.target.issuer.clone()),
            "client" => client_part(self.client()?, rest),
            "user" => user_part(self.target.user(self.user)?, rest),
            "clients" => rest.split_once('.').and_then(|(role, part)| client_part(self.target.client(role)?, part)),
            "users" => rest.split_once('.').and_then(|(role, part)| user_part(self.target.user(role)?, part)),
            _ => None,
        }
    }

    /// A parameter is itself a template; one that renders to nothing has no value.
    fn nested(&self, table: &[(String, String)], name: &str) -> Option<String> {
        let template = &table.iter().find(|(known, _)| known == name)?.1;
        self.render(template).ok().flatten()
    }
}

/// The words of a response type: `composite` as they are, `reversed` the other way round.
fn in_order(words: &str, order: &str) -> String {
    match order {
        "reversed" => words.split(' ').rev().collect::<Vec<_>>().join(" "),
        _ => words.to_owned(),
    }
}

/// The path of an issuer, without a slash at its end.
fn path_of(issuer: &str) -> String {
    url::Url::parse(issuer).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
}

/// Scheme and authority of a URL.
pub fn origin_of(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

fn client_part(client: &Client, part: &str) -> Option<String> {
    let first = client.redirect_uris.first();
    match part {
        "id" => Some(client.id.clone()),
        "secret" => client.secret.clone(),
        "key" => client.key.clone(),
        "display_name" => client.display_name.clone(),
        "auth_method" => Some(client.method().registered_name().to_owned()),
        "redirect_uri" => first.cloned(),
        "redirect_host" => Some(url::Url::parse(first?).ok()?.host_str()?.to_owned()),
        "redirect_path" => Some(url::Url::parse(first?).ok()?.path().to_owned()),
        _ => client.redirect_uris.get(part.strip_prefix("redirect_uris.")?.parse::<usize>().ok()?).cloned(),
    }
}

fn user_part(user: &User, part: &str) -> Option<String> {
    match part {
        "username" => Some(user.username.clone()),
        "password" => Some(user.password.clone()),
        _ => None,
    }
}
