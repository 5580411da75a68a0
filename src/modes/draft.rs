//! A target file in the making: what a server tells of itself and what its owner adds, written with a comment where
//! somebody has to look. What is drafted is read back as any target file; nothing is asked over the wire here.

mod guess;
mod look;
mod settle;

use indexmap::IndexMap;

pub use guess::guess;
pub use look::{Found, look};
pub use settle::settle;

/// What the file will say.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The address that was given; it becomes the issuer unless the metadata names another.
    pub issuer: String,
    /// The metadata document's address, when it is not at a well-known place of the issuer.
    pub metadata: Option<String>,
    /// Whether there is a metadata document.
    pub discovered: bool,
    /// Endpoints that no metadata names.
    pub endpoints: IndexMap<String, String>,
    /// Lines of `[tls]`.
    pub tls: Vec<(&'static str, String)>,
    /// What it offers, where no metadata tells.
    pub supports: Vec<String>,
    /// What it looks to have, but does not have for these clients.
    pub lacks: Vec<String>,
    /// Clients by role.
    pub clients: IndexMap<String, DraftClient>,
    /// Users by role: name and password.
    pub users: IndexMap<String, (String, String)>,
    /// How clients with a secret authenticate, where it is not HTTP Basic.
    pub auth: Option<&'static str>,
    /// The login driver's name.
    pub login: Option<&'static str>,
    /// Scopes by purpose.
    pub scopes: IndexMap<String, String>,
    /// A scope of the server's own, for what gets no token without one.
    pub own_scope: Option<String>,
    /// Parameters of each authorization request.
    pub authorize: IndexMap<String, String>,
    /// What its owner should know or could add, each a line of comment at the end.
    pub hints: Vec<String>,
}

/// A client of a draft.
#[derive(Clone, Debug, Default)]
pub struct DraftClient {
    /// `client_id`; empty when it registers itself.
    pub id: String,
    /// As written: `${VARIABLE}` stays one.
    pub secret: Option<String>,
    /// `post` or `none`; `basic` is not written.
    pub auth: Option<&'static str>,
    /// Its redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The grants it may use, where not all.
    pub grants: Vec<String>,
}

impl Draft {
    /// The file.
    pub fn text(&self) -> String {
        let mut text = String::from("# Made by `grantcheck target init`; docs/target-format.md explains every line.\n");
        pair(&mut text, "issuer", &quoted(&self.issuer));
        self.metadata.iter().for_each(|url| pair(&mut text, "metadata", &quoted(url)));
        if !self.discovered {
            text.push_str("discover = false                       # it serves no metadata document\n");
        }
        if !self.supports.is_empty() {
            pair(&mut text, "supports", &list(&self.supports));
        }
        if !self.lacks.is_empty() {
            pair(&mut text, "lacks", &list(&self.lacks));
        }
        table(&mut text, "endpoints", &self.endpoints);
        if !self.tls.is_empty() {
            text.push_str("\n[tls]\n");
            self.tls.iter().for_each(|(key, value)| pair(&mut text, key, value));
        }
        self.clients.iter().for_each(|(role, client)| client.write(role, &mut text));
        for (role, (name, password)) in &self.users {
            text.push_str(&format!("\n[users.{role}]\n"));
            pair(&mut text, "username", &quoted(name));
            pair(&mut text, "password", &quoted(password));
        }
        self.login.iter().for_each(|driver| text.push_str(&format!("\n[login.{driver}]\n")));
        table(&mut text, "scopes", &self.scopes);
        table(&mut text, "authorize", &self.authorize);
        if !self.hints.is_empty() {
            text.push_str("\n# What would let more checks run, or is worth a look:\n");
            self.hints.iter().for_each(|hint| text.push_str(&format!("# - {hint}\n")));
        }
        text
    }

    /// The first role that is free for a client with a secret, or for one without.
    pub fn free_role(&self, secret: bool) -> Option<&'static str> {
        let roles = if secret { ["confidential", "other"] } else { ["public", "other_public"] };
        roles.into_iter().find(|role| !self.clients.contains_key(*role))
    }

    /// Adds a client; how it authenticates is what the server takes, where it tells.
    pub fn add_client(&mut self, role: &str, client: DraftClient) {
        let auth = client.auth.or(self.auth.filter(|_| client.secret.is_some() || client.id.is_empty()));
        self.clients.insert(role.into(), DraftClient { auth, ..client });
    }

    /// The usual clients, to be registered by the server's own registration endpoint at each run, as far as they may use
    /// a grant that is offered.
    pub fn add_registrations(&mut self, offered: &[String]) {
        for (role, uris, auth, grants) in USUAL {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            let mut client = DraftClient {
                auth: *auth,
                redirect_uris: owned(uris),
                grants: owned(grants),
                ..DraftClient::default()
            };
            client.grants.retain(|grant| offered.contains(grant));
            if !client.grants.is_empty() {
                self.add_client(role, client);
            }
        }
    }
}

type Usual = (&'static str, &'static [&'static str], Option<&'static str>, &'static [&'static str]);

/// Role, redirect URIs, authentication, grants.
const USUAL: &[Usual] = &[
    ("confidential", &["https://app.example/cb"], None, &["authorization_code", "refresh_token", "client_credentials"]),
    ("other", &["https://second.example/cb?keep=1"], None, &["authorization_code", "refresh_token"]),
    ("public", &["https://public.example/cb"], Some("none"), &["authorization_code", "refresh_token"]),
    ("native", &["http://127.0.0.1/cb", "com.example.app:/cb"], Some("none"), &["authorization_code", "refresh_token"]),
    ("two_redirects", &["https://two.example/one", "https://two.example/two"], None, &["authorization_code"]),
    ("implicit", &["https://implicit.example/cb"], Some("none"), &["implicit"]),
    ("password", &["https://password.example/cb"], None, &["password"]),
    ("limited", &["https://limited.example/cb"], None, &["client_credentials"]),
];

impl DraftClient {
    fn write(&self, role: &str, text: &mut String) {
        text.push_str(&format!("\n[clients.{role}]\n"));
        match self.id.is_empty() {
            true => text.push_str("register = true                        # by the registration endpoint (RFC 7591)\n"),
            false => pair(text, "id", &quoted(&self.id)),
        }
        self.secret.iter().for_each(|secret| pair(text, "secret", &quoted(secret)));
        self.auth.iter().for_each(|auth| pair(text, "auth", &quoted(auth)));
        pair(text, "redirect_uris", &list(&self.redirect_uris));
        if !self.grants.is_empty() {
            pair(text, "grants", &list(&self.grants));
        }
    }
}

fn table(text: &mut String, name: &str, of: &IndexMap<String, String>) {
    if of.is_empty() {
        return;
    }
    text.push_str(&format!("\n[{name}]\n"));
    of.iter().for_each(|(key, value)| pair(text, key, &quoted(value)));
}

fn pair(text: &mut String, key: &str, value: &str) {
    text.push_str(&format!("{key:<8} = {value}\n"));
}

fn list(values: &[String]) -> String {
    format!("[{}]", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", "))
}

/// A text as TOML writes it.
pub fn quoted(value: &str) -> String {
    toml::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    #[test]
    fn a_draft_is_a_target_file() {
        let mut draft = Draft { issuer: "https://as.example/t".into(), ..Draft::default() };
        draft.add_registrations(&["authorization_code".into()]);
        draft.add_client(
            "confidential",
            DraftClient {
                id: "a\"b\\".into(),
                secret: Some("${NO_SUCH_VARIABLE:-s}".into()),
                redirect_uris: vec!["https://app.example/cb".into()],
                ..DraftClient::default()
            },
        );
        draft.users.insert("default".into(), ("alice".into(), "p\u{7f}w".into()));
        draft.login = Some("form");
        draft.scopes.insert("login".into(), "openid".into());
        draft.hints.push("a word".into());
        let target = Target::from_toml("drafted.toml", &draft.text()).unwrap();
        assert_eq!(target.clients["confidential"].id, "a\"b\\");
        assert_eq!(target.clients["confidential"].secret.as_deref(), Some("s"));
        assert!(target.clients["other"].register && target.clients["public"].register);
        assert_eq!((target.name.as_str(), target.discover), ("drafted", Some(false)));
    }

    #[test]
    fn clients_take_the_roles_that_fit_what_they_hold() {
        let mut draft = Draft { auth: Some("post"), ..Draft::default() };
        for secret in [false, true, true] {
            let role = draft.free_role(secret).unwrap();
            let secret = secret.then(|| "s".to_owned());
            let auth = secret.is_none().then_some("none");
            draft.add_client(role, DraftClient { id: "a".into(), secret, auth, ..DraftClient::default() });
        }
        let auths: Vec<_> = draft.clients.iter().map(|(role, client)| (role.as_str(), client.auth.unwrap())).collect();
        assert_eq!(auths, [("public", "none"), ("confidential", "post"), ("other", "post")]);
        assert_eq!((draft.free_role(true), draft.free_role(false)), (None, Some("other_public")));
    }
}
