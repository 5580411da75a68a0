//! Users who are switched off, odd input, foreign origins, tokens that anybody can make.

use super::*;

/// `{"alg":"none"}.{}` without signature, and `{"alg":"HS256"}.{}` signed with an empty key.
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.e30.";
const EMPTY_KEY: &str = "eyJhbGciOiJIUzI1NiJ9.e30.";

const REQUEST: &str = "client_id=app&response_type=code&scope=read&code_challenge_method=S256";

impl Probe {
    pub fn practice(&mut self) {
        self.switched_off();
        let spaces = " ".repeat(2000);
        let header = format!("Basic {spaces}x");
        let redirect_uri =
            format!("/authorize?client_id=app&response_type=code&redirect_uri=https://{}", "a".repeat(2000));
        let (header_at, signed) = (|target| Request::get(target).with("Authorization", &header), empty_key());
        for request in [
            Request::get(&redirect_uri),
            Request::get("/authorize?client_id=${1234567*3}&response_type=code"),
            Request::get("/authorize?client_id=app&response_type=code&redirect_uri=https://[::1"),
            header_at("/resource"),
            Request { method: "POST".into(), ..header_at("/token") },
            Request::post("/token", "grant_type=x").with("Origin", "https://attacker.example"),
            Request::get("/resource").with("Authorization", &format!("Bearer {UNSIGNED}")),
            Request::get("/resource").with("Authorization", &format!("Bearer {EMPTY_KEY}{signed}")),
        ] {
            self.send(request);
        }
        self.foreign_replay();
        self.misplaced();
        self.messages();
        self.in_front();
        self.bound();
        self.id_tokens();
        self.second_factor();
    }

    /// Somebody who has a second factor and shows the password only.
    fn second_factor(&mut self) {
        let mut browser = Browser::default();
        let page = browser.open(&self.provider, &format!("/authorize?{REQUEST}&code_challenge={CHALLENGE}"));
        let page = browser.submit(&self.provider, &page, "username=carol&password=carpenter-1984");
        let page = self.note(page);
        let again = browser.submit(&self.provider, &page, "username=carol&password=carpenter-1984&otp=000000");
        self.note(again);
    }

    /// What a proxy would have routed or told.
    fn in_front(&mut self) {
        self.authorize(&format!("tenant=a&{REQUEST}&code_challenge={CHALLENGE}"));
        self.post("/token?tenant=a", &format!("{APP}&grant_type=client_credentials"));
        let named = Request::post("/token", "client_id=app&grant_type=client_credentials");
        self.send(named.with("X-SSL-Client-Verify", "SUCCESS"));
    }

    /// A code that gives an ID token, and one that comes with it.
    fn id_tokens(&mut self) {
        let more = format!("scope=openid&nonce=n&code_challenge={CHALLENGE}&code_challenge_method=S256");
        for kind in ["code", "code+id_token"] {
            let mut browser = Browser::default();
            let page = browser.log_in(&self.provider, &format!("client_id=app&response_type={kind}&{more}"));
            let answer = browser.submit(&self.provider, &page, "scope=openid&decision=approve");
            let code = redirected(&self.note(answer)).get("code").unwrap_or_default().to_owned();
            self.exchange(&code, &format!("{APP}&code_verifier={VERIFIER}"));
        }
        self.authorize(&format!("client_id=app&response_type=code&response_mode=jwt&{more}"));
    }

    /// Tokens that are bound to a key, with the proof, with the same proof again and without.
    fn bound(&mut self) {
        let code = self.code(&format!(
            "client_id=spa&response_type=code&scope=read&code_challenge={CHALLENGE}&code_challenge_method=S256"
        ));
        let form = format!("grant_type=authorization_code&code={code}&client_id=spa&code_verifier={VERIFIER}");
        let issuer = self.provider.config().issuer.clone();
        let at_token = assertions::proof("POST", &format!("{issuer}/token"), "1", None);
        let answer = self.send(Request::post("/token", &form).with("DPoP", &at_token));
        let (access, refresh) = (member(&answer, "access_token"), member(&answer, "refresh_token"));
        let proof = assertions::proof("GET", &format!("{issuer}/resource"), "2", Some(&access));
        for _ in 0..2 {
            let request = Request::get("/resource").with("Authorization", &format!("DPoP {access}"));
            self.send(request.with("DPoP", &proof));
        }
        self.bearer("/resource", &access);
        self.post("/token", &format!("grant_type=refresh_token&client_id=spa&refresh_token={refresh}"));
    }

    /// Responses to windows, wherever a careless provider sends them.
    fn messages(&mut self) {
        let request = format!("{REQUEST}&code_challenge={CHALLENGE}&response_mode=web_message");
        for more in [
            "",
            "&origin=https://attacker.example",
            "&redirect_uri=https://app.example.evil.test/",
            "&redirect_uri=https://x.example/",
        ] {
            self.authorize(&format!("{request}{more}"));
        }
    }

    /// A code as a token, a scope in an exchange, an operator in place of a secret.
    fn misplaced(&mut self) {
        let code = self.code(&format!("{REQUEST}&code_challenge={CHALLENGE}"));
        self.bearer("/resource", &code);
        self.exchange(&code, &format!("{APP}&code_verifier={VERIFIER}&scope=read+write"));
        self.post("/token", "grant_type=client_credentials&client_id=app&client_secret[$ne]=x");
    }

    /// A code, a refresh token, an access token and a session, and what is left of them without their user.
    fn switched_off(&mut self) {
        let tokens = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
        let query = format!("{REQUEST}&code_challenge={CHALLENGE}");
        let mut browser = Browser::default();
        let first = browser.authorize(&self.provider, &query);
        let code = redirected(&first).get("code").unwrap_or_default().to_owned();
        self.provider.switch_user("alice", false);
        let again = browser.open(&self.provider, &format!("/authorize?{query}"));
        self.note(again);
        self.exchange(&code, &format!("{APP}&code_verifier={VERIFIER}"));
        self.bearer("/resource", &member(&tokens, "access_token"));
        self.post(
            "/token",
            &format!("{APP}&grant_type=refresh_token&refresh_token={}", member(&tokens, "refresh_token")),
        );
        self.provider.switch_user("alice", true);
    }

    fn foreign_replay(&mut self) {
        let code = self.code(&format!("{REQUEST}&code_challenge={CHALLENGE}"));
        let tokens = self.exchange(&code, &format!("{APP}&code_verifier={VERIFIER}"));
        self.exchange(&code, &format!("{OTHER}&code_verifier={VERIFIER}"));
        self.bearer("/resource", &member(&tokens, "access_token"));
    }
}

fn empty_key() -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mac = Hmac::<sha2::Sha256>::new_from_slice(b"").expect("any key length");
    data_encoding::BASE64URL_NOPAD.encode(&mac.chain_update(EMPTY_KEY.trim_end_matches('.')).finalize().into_bytes())
}
