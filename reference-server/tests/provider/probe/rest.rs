//! The resource, introspection, revocation, metadata, time and guessing.

use super::*;

impl Probe {
    pub fn resources(&mut self) {
        let answer = self.post("/token", &format!("{APP}&grant_type=client_credentials&scope=read+write"));
        let token = member(&answer, "access_token");
        let refresh_token =
            member(&self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read"), "refresh_token");
        self.post("/token", "grant_type=client_credentials&client_id=x%27&client_secret=x");
        for header in [
            format!("Bearer {token}"),
            format!("bearer {token}"),
            format!("Bearer   {token}"),
            format!("Bearer \"{token}\""),
            format!("Bearer {token} x"),
            format!("Basic {token}"),
            format!("Bearer {}", token.to_uppercase()),
            format!("Bearer {}x", without_last(&token)),
            "Bearer a+b".into(),
            "Bearer made-up".into(),
            format!("Bearer {refresh_token}"),
        ] {
            self.send(Request::get("/resource").with("Authorization", &header));
        }
        let in_form = format!("access_token={token}");
        let typed = |kind: &str| {
            Request { method: "POST".into(), body: in_form.clone().into(), ..Request::get("/resource") }
                .with("Content-Type", kind)
        };
        let multipart = format!("--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\n{token}\r\n--b--");
        for request in [
            Request::get("/resource"),
            Request::get(&format!("/resource?{in_form}")),
            Request::get(&format!("/resource?a=1&{in_form}")),
            Request::get("/resource?access_token=wrong"),
            Request::post("/resource", &in_form),
            Request::post("/resource", &format!("a=1&{in_form}")),
            Request::post("/resource", "access_token=wrong"),
            Request::post("/resource", &format!("{in_form}&{in_form}")),
            Request::post("/resource", &format!("{in_form}&a=\u{e9}")),
            Request { method: "GET".into(), ..Request::post("/resource", &in_form) },
            typed("text/plain"),
            Request { body: multipart.into(), ..typed("multipart/form-data; boundary=b") },
            Request::post("/resource", &in_form).with("Authorization", &format!("Bearer {token}")),
            Request::get("/resource")
                .with("Authorization", &format!("Bearer {token}"))
                .with("Authorization", "Bearer x"),
            Request::get("/resource").with("Cookie", &format!("access_token={token}")),
        ] {
            self.send(request);
        }
    }

    pub fn introspection_and_revocation(&mut self) {
        let rs = "client_id=rs&client_secret=rs-secret-7788990011223344";
        for attempt in [
            format!("{APP}&token_type_hint=refresh_token"),
            APP.into(),
            format!("{APP}&token_type_hint=access_token"),
            format!("{APP}&token_type_hint=foo"),
            OTHER.into(),
            "client_id=app".into(),
            "client_id=app&client_secret=wrong".into(),
            "".into(),
            "client_id=spa".into(),
        ] {
            let answer = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
            let second = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
            for name in ["access_token", "refresh_token"] {
                let token = member(&answer, name);
                self.post("/introspect", &format!("{attempt}&token={token}"));
                self.post("/introspect", &format!("{rs}&token={token}"));
                self.post("/revoke", &format!("{attempt}&token={token}"));
                self.send(Request::get(&format!("/revoke?{APP}&token={token}")));
                self.send(Request::get(&format!("/introspect?{APP}&token={token}")));
                self.use_tokens(&answer);
            }
            self.use_tokens(&second);
            self.post(
                "/token",
                &format!("{APP}&grant_type=refresh_token&refresh_token={}", member(&answer, "refresh_token")),
            );
        }
        let answer = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
        self.post("/revoke", &format!("{APP}&token={}", member(&answer, "refresh_token")));
        self.use_tokens(&answer);
        let answer = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
        let used = member(&answer, "refresh_token");
        self.post("/token", &format!("{APP}&grant_type=refresh_token&refresh_token={used}"));
        self.use_tokens(&answer);
        let public = self.tokens_of("spa", "", "read");
        self.post("/revoke", &format!("token={}", member(&public, "access_token")));
        self.use_tokens(&public);
        let own = self.post("/token", &format!("{APP}&grant_type=client_credentials"));
        self.use_tokens(&own);
        let code = self.code("client_id=app&response_type=code");
        for token in [code.as_str(), "unknown", ""] {
            self.post("/introspect", &format!("{APP}&token={token}"));
            self.post("/revoke", &format!("{APP}&token={token}"));
        }
        self.send(Request::post("/introspect", "token=x").with("Authorization", "Bearer x"));
    }

    pub fn metadata(&mut self) {
        let path = "/.well-known/oauth-authorization-server";
        for request in [
            Request::get(path).with("Host", "evil.test").with("X-Forwarded-Host", "evil2.test"),
            Request::get(&format!("{path}/other")),
            Request::get("/.well-known/openid-configuration"),
            Request::get("/jwks"),
            Request::get(path).with("Authorization", "Basic x"),
        ] {
            self.send(request);
        }
        let mut config = Config::default();
        config.issuer.push_str("/t1");
        let conduct = self.provider.conduct().clone();
        let tenant = Provider::new(config, conduct, Random::seeded(1));
        for target in [format!("{path}/t1"), format!("/t1{path}"), path.into(), "/t1/token".into()] {
            let response = tenant.handle(&Request::get(&target), NOW);
            self.note(response);
        }
    }

    pub fn expiry(&mut self) {
        let app = "client_secret=app-secret-6f1d2c9a8b7e4f50";
        let answer = self.tokens_of("app", app, "read");
        let query = format!("client_id=app&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256");
        let codes = [self.code(&query), self.code(&query), self.code(&query)];
        for (seconds, code) in [(45, &codes[2]), (120, &codes[0]), (7200, &codes[1])] {
            self.now = NOW + seconds * 1000;
            self.exchange(code, &format!("{APP}&code_verifier={VERIFIER}"));
            self.use_tokens(&answer);
        }
        self.now = NOW + 90 * 86_400_000;
        self.post(
            "/token",
            &format!("{APP}&grant_type=refresh_token&refresh_token={}", member(&answer, "refresh_token")),
        );
    }

    pub fn guessing(&mut self) {
        for _ in 0..60 {
            self.post("/token", "client_id=two&client_secret=wrong&grant_type=client_credentials");
            self.post("/token", &format!("{APP}&grant_type=password&username=bob&password=wrong"));
        }
        let mut browser = Browser::default();
        let page = browser.open(&self.provider, "/authorize?client_id=app&response_type=code");
        for _ in 0..30 {
            let response = browser.submit(&self.provider, &page, "username=alice&password=wrong");
            self.note(response);
        }
    }
}
