//! Codes, PKCE and refresh tokens.

use super::*;

impl Probe {
    pub fn exchanges(&mut self) {
        let plain = format!(
            "client_id=app&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256&scope=read+write"
        );
        let uri = "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
        let v = format!("code_verifier={VERIFIER}");
        for (query, form) in [
            (format!("{plain}{uri}"), format!("{APP}&{v}{uri}")),
            (format!("{plain}{uri}"), format!("{APP}&{v}")),
            (format!("{plain}{uri}"), format!("{APP}&{v}{uri}x")),
            (plain.clone(), format!("{APP}&{v}")),
            (plain.clone(), format!("{OTHER}&{v}")),
            (plain.clone(), format!("client_id=app&client_secret=wrong&{v}")),
            (plain.clone(), format!("client_id=app&{v}")),
            (plain.clone(), v.clone()),
            ("client_id=app&response_type=code".into(), APP.to_owned()),
            ("client_id=app&response_type=code".into(), format!("{APP}&{v}")),
            ("client_id=app&response_type=code&code_challenge=".into(), format!("{APP}&{v}")),
        ] {
            let code = self.code(&query);
            let answer = self.exchange(&code, &form);
            self.use_tokens(&answer);
        }
        let code = self.code(&plain);
        for form in [OTHER, APP] {
            self.exchange(&code, &format!("{form}&{v}"));
        }
        for client in ["spa", "otherspa"] {
            let code = self.code(&format!(
                "client_id=spa&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256"
            ));
            self.exchange(&code, &format!("{v}&client_id={client}"));
            self.exchange(&code, &v);
        }
        let code = self.code(&plain);
        let cut = format!("{}x", without_last(&code));
        self.exchange(&cut, &format!("{APP}&{v}"));
        let first = self.exchange(&code, &format!("{APP}&{v}"));
        self.exchange(&code, &format!("{APP}&code_verifier=wrong"));
        self.use_tokens(&first);
        self.exchange(&code, &format!("{APP}&{v}"));
        self.use_tokens(&first);
        self.post(
            "/token",
            &format!("{APP}&grant_type=refresh_token&refresh_token={}", member(&first, "refresh_token")),
        );
    }

    pub fn pkce(&mut self) {
        let base = "client_id=app&response_type=code";
        let upper = VERIFIER.replacen('d', "D", 1);
        let digest = "13d31e961a1ad8ec2f16b10c4c982e0876a878ad6df144566ee1894acb70f9c3";
        let long = "a~".repeat(64);
        let short = "abc";
        let pairs: Vec<(String, String)> = vec![
            (format!("code_challenge={CHALLENGE}&code_challenge_method=S256"), VERIFIER.into()),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=S256"), CHALLENGE.into()),
            (
                format!("code_challenge={CHALLENGE}&code_challenge_method=S256"),
                format!("{CHALLENGE}&code_challenge_method=plain"),
            ),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=S256"), String::new()),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=S256"), "x".repeat(43)),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=s256"), VERIFIER.into()),
            (format!("code_challenge={CHALLENGE}&code_challenge_method=S512"), CHALLENGE.into()),
            (format!("code_challenge={CHALLENGE}&code_challenge_method="), CHALLENGE.into()),
            (format!("code_challenge={CHALLENGE}"), VERIFIER.into()),
            (format!("code_challenge={CHALLENGE}xx&code_challenge_method=S256"), VERIFIER.into()),
            (format!("code_challenge={CHALLENGE}%3D&code_challenge_method=S256"), VERIFIER.into()),
            (format!("code_challenge={digest}&code_challenge_method=S256"), VERIFIER.into()),
            (format!("code_challenge={VERIFIER}&code_challenge_method=plain"), VERIFIER.into()),
            (format!("code_challenge={VERIFIER}&code_challenge_method=plain"), upper),
            (format!("code_challenge={VERIFIER}&code_challenge_method=plain"), "y".repeat(43)),
            (format!("code_challenge={VERIFIER}&code_challenge_method=plain&code_challenge=x"), VERIFIER.into()),
            (format!("code_challenge={}&code_challenge_method=S256", s256(&long)), long.clone()),
            (format!("code_challenge={}&code_challenge_method=S256", s256(short)), short.into()),
            (format!("code_challenge={}&code_challenge_method=S256", s256(&"a".repeat(200))), "a".repeat(200)),
            (format!("code_challenge={}&code_challenge_method=S256", s256(&"a ".repeat(30))), "a+".repeat(30)),
            ("code_challenge=short&code_challenge_method=S256".into(), "short".into()),
            ("code_challenge_method=S256".into(), String::new()),
            ("nonce=1".into(), String::new()),
        ];
        for (challenge, verifier) in pairs {
            let code = self.code(&format!("{base}&{challenge}"));
            self.exchange(&code, &format!("{APP}&code_verifier={verifier}"));
            self.authorize(&format!("client_id=spa&response_type=code&{challenge}"));
        }
        let first = self.code(&format!("{base}&code_challenge={CHALLENGE}&code_challenge_method=S256"));
        self.code(&format!("{base}&code_challenge={}&code_challenge_method=S256", s256(&long)));
        self.exchange(&first, &format!("{APP}&code_verifier={VERIFIER}"));
        self.authorize("client_id=strict&response_type=code");
        let native = self.code(&format!("client_id=native&response_type=code&redirect_uri=com.example.native:/cb&code_challenge={CHALLENGE}&code_challenge_method=S256"));
        self.exchange(
            &native,
            &format!("client_id=native&redirect_uri=com.example.native:/cb&code_verifier={VERIFIER}"),
        );
    }

    pub fn tokens_of(&mut self, client: &str, secret: &str, scope: &str) -> Response {
        let code = self.code(&format!(
            "client_id={client}&response_type=code&scope={scope}&code_challenge={CHALLENGE}&code_challenge_method=S256"
        ));
        self.exchange(&code, &format!("client_id={client}&{secret}&code_verifier={VERIFIER}"))
    }

    pub fn refreshes(&mut self) {
        let other = OTHER;
        for (client, secret) in [("app", "client_secret=app-secret-6f1d2c9a8b7e4f50"), ("spa", "")] {
            let answer = self.tokens_of(client, secret, "read+write");
            let own = format!("client_id={client}&{secret}&grant_type=refresh_token");
            let mut newest = member(&answer, "refresh_token");
            let oldest = newest.clone();
            self.post("/token", &format!("{own}&refresh_token={newest}x"));
            for strange in [
                format!("{other}&grant_type=refresh_token"),
                "client_id=otherspa&grant_type=refresh_token".into(),
                "client_id=app&grant_type=refresh_token".into(),
                "client_id=app&client_secret=wrong&grant_type=refresh_token".into(),
            ] {
                self.post("/token", &format!("{strange}&refresh_token={newest}"));
            }
            self.post("/token", &format!("{own}&refresh_token={}", member(&answer, "access_token")));
            for scope in ["&scope=read", "", "&scope=read+write+admin"] {
                let next = self.post("/token", &format!("{own}&refresh_token={newest}{scope}"));
                self.use_tokens(&next);
                newest = Some(member(&next, "refresh_token")).filter(|token| !token.is_empty()).unwrap_or(newest);
            }
            self.post("/token", &format!("{other}&grant_type=refresh_token&refresh_token={newest}"));
            self.post("/token", &format!("{own}&refresh_token={oldest}"));
            let last = self.post("/token", &format!("{own}&refresh_token={newest}"));
            self.use_tokens(&last);
            self.use_tokens(&answer);
            self.post("/token", &format!("{own}&refresh_token="));
        }
        let answer = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
        let (access, old) = (member(&answer, "access_token"), member(&answer, "refresh_token"));
        let next = self.post("/token", &format!("{APP}&grant_type=refresh_token&refresh_token={old}"));
        self.post("/token", &format!("{APP}&grant_type=refresh_token&refresh_token={old}"));
        self.bearer("/resource", &access);
        self.post(
            "/token",
            &format!("{APP}&grant_type=refresh_token&refresh_token={}", member(&next, "refresh_token")),
        );
    }
}
