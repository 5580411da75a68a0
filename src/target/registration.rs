//! Dynamic registration (RFC 7591) as data: the metadata with which a client registers, and the client that the answer
//! makes of it. Nothing is sent here.

use serde_json::{Map, Value, json};

use super::file::{Client, ClientAuth};
use crate::crypto::public_half;

impl Client {
    /// The metadata with which this client registers under a name.
    pub fn metadata(&self, name: &str) -> Value {
        let grants = self.grants.clone().unwrap_or_else(|| vec!["authorization_code".into(), "refresh_token".into()]);
        let answers = [("authorization_code", "code"), ("implicit", "token")];
        let used = answers.iter().filter(|(grant, _)| grants.iter().any(|name| name == grant));
        let mut metadata = json!({
            "client_name": name,
            "redirect_uris": self.redirect_uris,
            "response_types": used.map(|(_, answer)| *answer).collect::<Vec<_>>(),
            "grant_types": grants,
            "token_endpoint_auth_method": self.asked_method().registered_name(),
        });
        // OpenID registration takes redirect URIs of this kind only from native applications.
        if !self.redirect_uris.is_empty() && !self.redirect_uris.iter().any(|uri| uri.starts_with("https:")) {
            metadata["application_type"] = json!("native");
        }
        if let Some(key) = self.key.as_deref().and_then(public_half) {
            metadata["jwks"] = json!({"keys": [key]});
        }
        metadata
    }

    /// How it will authenticate: a secret, if it gets one, comes with the answer.
    fn asked_method(&self) -> ClientAuth {
        self.auth.unwrap_or(if self.key.is_some() { ClientAuth::PrivateKeyJwt } else { ClientAuth::Basic })
    }

    /// The client that an answer tells of; what it leaves out is as it was asked for. `None` when nobody was registered.
    pub fn registered(asked: &[u8], answer: &[u8]) -> Option<Self> {
        let read = |body: &[u8]| serde_json::from_slice::<Map<String, Value>>(body).unwrap_or_default();
        let (asked, answer) = (read(asked), read(answer));
        let given = |name: &str| answer.get(name).or_else(|| asked.get(name));
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let texts = |value: &Value| serde_json::from_value(value.clone()).ok();
        let method = text(given("token_endpoint_auth_method"));
        Some(Self {
            id: text(answer.get("client_id"))?,
            secret: text(answer.get("client_secret")),
            auth: method.and_then(|name| ClientAuth::of_registered_name(&name)),
            redirect_uris: given("redirect_uris").and_then(texts).unwrap_or_default(),
            grants: given("grant_types").and_then(texts),
            register: true,
            display_name: text(given("client_name")),
            ..Self::default()
        })
    }
}

impl ClientAuth {
    /// The name in client metadata; signed requests have none.
    pub fn registered_name(self) -> &'static str {
        match self {
            Self::Basic | Self::Signed => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    fn of_registered_name(name: &str) -> Option<Self> {
        [Self::Basic, Self::Post, Self::PrivateKeyJwt, Self::None]
            .into_iter()
            .find(|method| method.registered_name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_leaves_out_is_as_it_was_asked_for() {
        let asked =
            br#"{"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "client_secret_post"}"#;
        let client = Client::registered(asked, br#"{"client_id": "a", "client_secret": "s"}"#).unwrap();
        assert_eq!((client.id.as_str(), client.method()), ("a", ClientAuth::Post));
        assert_eq!(client.redirect_uris, ["https://a.example/cb"]);
        let replaced =
            Client::registered(asked, br#"{"client_id": "a", "token_endpoint_auth_method": "none"}"#).unwrap();
        assert_eq!(replaced.method(), ClientAuth::None);
    }

    #[test]
    fn a_refusal_makes_no_client() {
        assert!(Client::registered(b"{}", br#"{"error": "invalid_redirect_uri"}"#).is_none());
        assert!(Client::registered(b"", b"<p>not here").is_none());
    }

    #[test]
    fn a_client_with_a_key_registers_for_assertions_unless_it_says_otherwise() {
        let key = Some(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#.into());
        let client = Client { key, ..Client::default() };
        assert_eq!(client.metadata("k")["token_endpoint_auth_method"], "private_key_jwt");
        let client = Client { auth: Some(ClientAuth::Post), ..client };
        assert_eq!(client.metadata("k")["token_endpoint_auth_method"], "client_secret_post");
    }

    #[test]
    fn a_machine_registers_without_response_types() {
        let machine = Client { grants: Some(vec!["client_credentials".into()]), ..Client::default() };
        assert_eq!(machine.metadata("m")["response_types"], json!([]));
    }
}
