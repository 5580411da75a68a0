//! A broad set of requests, whose answers together show what a provider does.

pub mod assertions;
mod authorization;
mod classic;
mod device;
mod forged;
mod grants;
mod otp;
mod practice;
mod registration;
mod rest;
mod tls;
mod token;

use reference_server::{Conduct, Config, Provider, Random, Request, Response};

use crate::browser::*;

/// The requests, and the answers so far.
pub struct Probe {
    provider: Provider,
    now: u64,
    log: Vec<String>,
}

impl Probe {
    pub fn new(config: Config, conduct: &Conduct) -> Self {
        Self { provider: Provider::new(config, conduct.clone(), Random::seeded(1)), now: NOW, log: Vec::new() }
    }

    pub fn run(mut self, conduct: &Conduct) -> Vec<String> {
        self.authorizations();
        self.consents();
        self.exchanges();
        self.pkce();
        self.refreshes();
        self.token_requests();
        self.client_authentication();
        self.assertions();
        self.forged();
        self.audiences();
        self.resources();
        self.introspection_and_revocation();
        self.classic();
        self.devices();
        self.signing();
        self.one_time_passwords();
        self.metadata();
        self.practice();
        self.registrations();
        self.deleted_clients();
        self.odd_paths(conduct);
        self.without_tls();
        self.greetings();
        self.native_secret();
        self.embedded_agents();
        self.invented_codes();
        self.expiry();
        self.guessing();
        self.log
    }

    pub fn note(&mut self, response: Response) -> Response {
        self.log.push(format!("{} {:?} {} {}", response.status, response.headers, text(&response), response.stall_ms));
        response
    }

    pub fn send(&mut self, request: Request) -> Response {
        let response = self.provider.handle(&request, self.now);
        self.note(response)
    }

    pub fn post(&mut self, target: &str, form: &str) -> Response {
        self.send(Request::post(target, form))
    }

    pub fn authorize(&mut self, query: &str) -> Response {
        let response = Browser::default().authorize(&self.provider, query);
        self.note(response)
    }

    pub fn code(&mut self, query: &str) -> String {
        redirected(&self.authorize(query)).get("code").unwrap_or_default().to_owned()
    }

    pub fn exchange(&mut self, code: &str, more: &str) -> Response {
        self.post("/token", &format!("grant_type=authorization_code&code={code}&{more}"))
    }

    pub fn use_tokens(&mut self, answer: &Response) {
        let (access, refresh_token) = (member(answer, "access_token"), member(answer, "refresh_token"));
        self.bearer("/resource", &access);
        self.bearer("/resource/write", &access);
        for token in [access, refresh_token] {
            self.post("/introspect", &format!("{APP}&token={}", encoded(&token)));
        }
    }

    pub fn bearer(&mut self, target: &str, token: &str) -> Response {
        self.send(Request::get(target).with("Authorization", &format!("Bearer {token}")))
    }
}

pub fn encoded(token: &str) -> String {
    token.replace('+', "%2B").replace('=', "%3D").replace('&', "%26")
}

pub fn without_last(text: &str) -> &str {
    let mut letters = text.chars();
    letters.next_back();
    letters.as_str()
}

pub fn s256(verifier: &str) -> String {
    use sha2::Digest;
    data_encoding::BASE64URL_NOPAD.encode(&sha2::Sha256::digest(verifier))
}
