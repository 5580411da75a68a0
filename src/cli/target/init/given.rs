//! What the command line says about a server, or a person when asked.

use clap::Args;

use super::super::super::exit::Stop;
use super::super::ask::Ask;
use crate::modes::draft::{Draft, DraftClient};

/// The options.
#[derive(Args)]
pub struct Given {
    /// A client: with a secret it becomes `confidential`, then `other`; without one `public`; ROLE= names another role.
    /// '${NAME}' as the secret stays a variable of the environment
    #[arg(long = "client", value_name = "[ROLE=]ID[:SECRET]")]
    clients: Vec<String>,
    /// A redirect URI that is registered, for all clients or for one role
    #[arg(long = "redirect-uri", value_name = "[ROLE=]URI")]
    redirect_uris: Vec<String>,
    /// A user who logs in; the second one is for checks with two users
    #[arg(long = "user", value_name = "NAME:PASSWORD")]
    users: Vec<String>,
    /// The scope of authorization requests
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// An endpoint that is not found by itself, relative to the URL or whole
    #[arg(long = "endpoint", value_name = "NAME=URL")]
    endpoints: Vec<String>,
    /// Register no clients, though the server would let anybody
    #[arg(long)]
    no_register: bool,
}

/// A redirect URI that many register for tests.
const REDIRECT_URI: &str = "https://app.example/cb";

impl Given {
    /// Puts it into a draft; asks for what is missing. `registers` are the grants for which anybody can register a client.
    pub fn fill(&self, draft: &mut Draft, registers: Option<&[String]>, ask: &Ask) -> Result<(), Stop> {
        for endpoint in &self.endpoints {
            let (name, url) = split(endpoint, '=', "--endpoint", "NAME=URL")?;
            draft.endpoints.insert(name, url);
        }
        for client in &self.clients {
            self.client(draft, client);
        }
        if let Some(grants) = registers.filter(|_| draft.clients.is_empty() && !self.no_register) {
            draft.add_registrations(grants);
        }
        if draft.clients.is_empty() {
            self.ask_for_clients(draft, ask);
        }
        for user in &self.users {
            let (name, password) = split(user, ':', "--user", "NAME:PASSWORD")?;
            add_user(draft, name, password);
        }
        if draft.users.is_empty()
            && let Some(name) = ask.text("A user who logs in (empty: the server asks nobody)")
        {
            add_user(draft, name, ask.text("Its password").unwrap_or_default());
        }
        draft.login = Some(if draft.users.is_empty() { "none" } else { "form" });
        self.scope.iter().for_each(|scope| drop(draft.scopes.insert("login".into(), scope.clone())));
        Ok(())
    }

    fn client(&self, draft: &mut Draft, text: &str) {
        let role =
            text.split_once('=').filter(|(role, _)| role.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        let (role, text) = role.map_or((None, text), |(role, text)| (Some(role), text));
        let (id, secret) = text.split_once(':').map_or((text, None), |(id, secret)| (id, Some(secret.to_owned())));
        let Some(role) = role.or_else(|| draft.free_role(secret.is_some())) else { return };
        let auth = secret.is_none().then_some("none");
        let redirect_uris = self.redirect_uris_of(role);
        draft.add_client(role, DraftClient { id: id.into(), secret, auth, redirect_uris, ..DraftClient::default() });
    }

    /// Those of its role, else those of all, else the usual one.
    fn redirect_uris_of(&self, role: &str) -> Vec<String> {
        let split = self.redirect_uris.iter().map(|text| match text.split_once('=') {
            Some((role, uri)) if !role.contains(':') => (Some(role), uri),
            _ => (None, text.as_str()),
        });
        let of = |wanted| split.clone().filter(|(role, _)| *role == wanted).map(|(_, uri)| uri.to_owned()).collect();
        let found: [Vec<String>; 2] = [of(Some(role)), of(None)];
        found.into_iter().find(|uris| !uris.is_empty()).unwrap_or_else(|| vec![REDIRECT_URI.into()])
    }

    fn ask_for_clients(&self, draft: &mut Draft, ask: &Ask) {
        let kinds =
            [("confidential", "a client that holds a secret"), ("other", "another one"), ("public", "a public client")];
        for (role, kind) in kinds {
            let Some(id) = ask.text(&format!("client_id of {kind} (empty: none)")) else { continue };
            let secret = if role == "public" { None } else { ask.text("Its secret, or ${VARIABLE}") };
            let uri = ask.text(&format!("Its redirect URI (empty: {REDIRECT_URI})"));
            let auth = secret.is_none().then_some("none");
            let redirect_uris = uri.map_or_else(|| self.redirect_uris_of(role), |uri| vec![uri]);
            draft.add_client(role, DraftClient { id, secret, auth, redirect_uris, ..DraftClient::default() });
        }
    }
}

fn add_user(draft: &mut Draft, name: String, password: String) {
    let role = if draft.users.is_empty() { "default" } else { "second" };
    draft.users.entry(role.into()).or_insert((name, password));
}

fn split(text: &str, at: char, option: &str, form: &str) -> Result<(String, String), Stop> {
    let (left, right) = text.split_once(at).ok_or_else(|| Stop::usage(format!("{option} `{text}` is not {form}")))?;
    Ok((left.to_owned(), right.to_owned()))
}
