//! Clients that register themselves: what they say they got is what the witness holds them to from then on.

use std::sync::Arc;

use reference_server::config::{AuthMethod, Client, GrantType};
use serde_json::{Value, from_value};

use super::super::reading::Seen;
use super::{Testimony, Witness, holds, refusal};

impl Witness {
    pub(super) fn registering(&mut self, seen: &Seen<'_>) -> Testimony {
        let body: Value = serde_json::from_slice(&seen.response.body).map_err(|_| "registration speaks JSON")?;
        if seen.response.status != 201 {
            return refusal(seen, &body);
        }
        let client = client(&body).ok_or("a registration that does not say what was registered")?;
        holds(self.config.client(&client.id).is_none(), "a client identifier comes twice")?;
        let open = self.config.registration.as_ref().map_or(&[][..], |registration| &registration.scopes);
        holds(client.scopes.iter().all(|word| open.contains(word)), "a scope that is not open to everybody")?;
        holds(!client.grants.contains(&GrantType::Password), "the password grant for a client that nobody knows")?;
        holds(client.is_public() == client.secret.is_none(), "a secret exactly when the client has to send it")?;
        self.found.add("client_id", &client.id);
        client.secret.iter().for_each(|secret| self.found.add("client_secret", secret));
        Arc::make_mut(&mut self.config).clients.push(client);
        Ok(())
    }
}

/// The client of a client information response, RFC 7591 section 3.2.1.
fn client(body: &Value) -> Option<Client> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let auth = match body["token_endpoint_auth_method"].as_str()? {
        "client_secret_basic" => AuthMethod::Basic,
        "client_secret_post" => AuthMethod::Post,
        "none" => AuthMethod::None,
        _ => return None,
    };
    let grants = body["grant_types"].as_array()?.iter().filter(|grant| **grant != "implicit");
    Some(Client {
        id: text("client_id")?.into(),
        secret: text("client_secret"),
        name: text("client_name"),
        keys: Vec::new(),
        auth: vec![auth],
        redirect_uris: from_value(body["redirect_uris"].clone()).ok()?,
        link: None,
        post_logout_redirect_uris: Vec::new(),
        grants: from_value(grants.cloned().collect()).ok()?,
        response_types: from_value(body["response_types"].clone()).ok()?,
        scopes: text("scope")?.split(' ').map(str::to_owned).collect(),
        native: body["application_type"] == "native",
        require_pkce: false,
        may_introspect: false,
        resource: None,
    })
}
