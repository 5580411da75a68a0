//! Clients that register themselves, a native client with a secret, embedded user agents, invented codes.

use super::*;

const CB: &str = "https://client.example/cb";

impl Probe {
    pub fn registrations(&mut self) {
        for (kind, registered, asked) in [
            ("web", CB, CB),
            ("web", "http://client.example/cb", "http://client.example/cb"),
            ("native", "http://client.example/cb", "http://client.example/cb"),
            ("web", "https://*.example/*", "https://a.example/x"),
            ("web", "https://client.example", "https://client.example/cb"),
            ("native", "http://localhost:1/cb", "http://localhost.evil.test/cb"),
            ("native", "http://localhost:1/cb", "http://localhost:2@evil.test/cb"),
            ("web", "javascript:alert(1)", "javascript:alert(1)"),
            ("native", "myapp:/cb", "myapp:/cb"),
            ("native", "com..example:/cb", "com..example:/cb"),
        ] {
            let answer = self.register(&format!(r#""redirect_uris": ["{registered}"], "application_type": "{kind}""#));
            self.send(Request::get(&format!(
                "/authorize?client_id={}&redirect_uri={asked}",
                member(&answer, "client_id")
            )));
        }
        self.own_words();
        for more in [
            r#""client_id": "alice", "redirect_uris": ["https://client.example/cb"]"#,
            r#""token_endpoint_auth_method": "none", "redirect_uris": ["https://client.example/cb"]"#,
            r#""token_endpoint_auth_method": "none", "redirect_uris": ["https://client.example/cb"]"#,
            r#""token_endpoint_auth_method": "none", "redirect_uris": ["http://[::1]/cb"], "application_type": "native""#,
            r#""redirect_uris": ["http://[::1]/cb"], "application_type": "native""#,
            r#""scope": "read admin", "redirect_uris": ["https://client.example/cb"]"#,
            r#""grant_types": ["client_credentials"]"#,
            r#""grant_types": ["authorization_code"]"#,
        ] {
            self.register(more);
        }
    }

    /// A client that says of itself what is markup, and a script, on its consent page.
    fn own_words(&mut self) {
        let answer = self.register(&format!(
            r#""client_name": "<b>x</b>", "client_uri": "javascript:x", "redirect_uris": ["{CB}"], "scope": "read""#
        ));
        let query = format!("client_id={}&response_type=code&scope=read", member(&answer, "client_id"));
        let mut browser = Browser::default();
        browser.authorize(&self.provider, "client_id=app&response_type=code&scope=read");
        let page = browser.open(&self.provider, &format!("/authorize?{query}"));
        self.note(page);
    }

    /// The page for errors, and another spelling of an endpoint that is switched off.
    pub fn odd_paths(&mut self, conduct: &Conduct) {
        self.send(Request::get("/error?error=%3Cb%3E"));
        let closed = Config { registration: None, ..Config::default() };
        let metadata = r#"{"redirect_uris": ["https://client.example/cb"]}"#;
        let request = Request { body: metadata.into(), ..Request::post("//register", "") };
        let request = request.with("Content-Type", "application/json");
        let answer = Provider::new(closed, conduct.clone(), Random::seeded(1)).handle(&request, NOW);
        self.note(answer);
    }

    /// A client that is deleted, by somebody else and by itself, and comes again.
    pub fn deleted_clients(&mut self) {
        let answer = self
            .register(r#""grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_post""#);
        let (id, secret) = (member(&answer, "client_id"), member(&answer, "client_secret"));
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let other = self.register(r#""grant_types": ["client_credentials"]"#);
        self.post("/token", &format!("grant_type=client_credentials&client_id={id}"));
        let managers = [&other, &answer].map(|answer| member(answer, "registration_access_token"));
        for token in std::iter::once("x".to_owned()).chain(managers) {
            let tokens = self.post("/token", &form);
            self.send(Request::get(&format!("/register/{id}")).with("Authorization", &format!("Bearer {token}")));
            let request = Request { method: "DELETE".into(), ..Request::get(&format!("/register/{id}")) };
            self.send(request.with("Authorization", &format!("Bearer {token}")));
            self.bearer("/resource", &member(&tokens, "access_token"));
        }
        self.post("/token", &form);
    }

    fn register(&mut self, members: &str) -> Response {
        let request = Request { method: "POST".into(), ..Request::get("/register") };
        self.send(Request { body: format!("{{{members}}}").into(), ..request }.with("Content-Type", "application/json"))
    }

    pub fn native_secret(&mut self) {
        let credentials = "client_id=nativesecret&client_secret=nativesecret-secret-00112233445566";
        self.authorize("client_id=nativesecret&response_type=code&scope=read");
        self.post("/token", &format!("{credentials}&grant_type=client_credentials&scope=read"));
    }

    pub fn embedded_agents(&mut self) {
        let request = Request::get("/authorize?client_id=app&response_type=code&redirect_uri=https://evil.test/");
        self.send(request.with("User-Agent", "Mozilla/5.0 (Linux; Android 14; wv)"));
    }

    pub fn invented_codes(&mut self) {
        let two = "client_id=two&client_secret=two-secret-1122334455667788";
        for guess in 0..60 {
            self.exchange(&format!("invented-{guess}"), two);
        }
    }
}
