//! The authorization endpoint and its pages.

use super::*;

impl Probe {
    pub fn authorizations(&mut self) {
        let app = "client_id=app&response_type=code";
        let special = "client_id=special+%3A%2B%25%26%2F%22client&response_type=code";
        let s256 = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
        for query in [
            format!("{app}&state=AbC&scope=read+write"),
            format!("{app}&state="),
            format!("{app}&redirect_uri="),
            format!("{app}&scope="),
            format!("{app}&unknown=1&next=https://evil.test/"),
            format!("{app}&state=1&state=2"),
            format!("{app}&state=%22%0d%0aX-A:1"),
            format!("{app}&state=%"),
            format!("{app}&state={}", "x".repeat(2000)),
            format!("{app}&response_mode=form_post&state=%22%3E"),
            format!("{app}&response_mode=web_message"),
            format!("{app}&response_mode=fragment"),
            format!("{app}&code_challenge_method=plain&code_challenge={}", "a".repeat(128)),
            format!("{app}&code_challenge={}", "a".repeat(43)),
            "client_id=spa&response_type=token&response_mode=query".into(),
            "client_id=APP&response_type=code".into(),
            "client_id=app".into(),
            "client_id=app&response_type=".into(),
            "client_id=app&response_type=CODE".into(),
            "client_id=app&response_type=x%22y&state=s".into(),
            "client_id=nobody&response_type=code&redirect_uri=https://evil.test/".into(),
            "client_id=two&response_type=code".into(),
            "client_id=two&response_type=code&redirect_uri=https://two.example/b".into(),
            "client_id=other&response_type=code&state=s".into(),
            "client_id=limited&response_type=code".into(),
            "client_id=limited&response_type=token".into(),
            "client_id=native&response_type=code".into(),
            format!("client_id=native&response_type=code&redirect_uri=com.example.native:/cb{s256}"),
            format!("client_id=native&response_type=code&redirect_uri=com.example.native:/other{s256}"),
            format!("client_id=native&response_type=code&redirect_uri=http://127.0.0.1:1234/cb{s256}"),
            format!("client_id=native&response_type=code&redirect_uri=http://127.0.0.1/other{s256}"),
            format!("client_id=native&response_type=code&redirect_uri=http://[::1]/cb{s256}"),
            format!("client_id=native&response_type=code&redirect_uri=http://[::1]:1234/cb{s256}"),
            format!("client_id=native&response_type=code&redirect_uri=http://127.0.0.1.evil.test/cb{s256}"),
            format!("client_id=unregistered&response_type=code&redirect_uri=https://evil.test/{s256}"),
            format!("client_id=unregisteredspa&response_type=code&redirect_uri=https://evil.test/{s256}"),
            "client_id=unregistered&response_type=token&redirect_uri=https://evil.test/".into(),
            format!("{special}&state=q"),
            "client_id=spa&response_type=token&state=A%2B%26".into(),
            "client_id=app&response_type=code+token&state=s".into(),
            "client_id=app&response_type=token+code&state=s".into(),
            "client_id=spa&response_type=token&scope=read+nothing".into(),
            "client_id=spa&response_type=token&scope=%22bad&state=s".into(),
            "client_id=spa&response_type=token&redirect_uri=https://evil.test/".into(),
            "client_id=app&response_type=code&scope=nothing&state=s".into(),
            "client_id=app&response_type=code&scope=admin".into(),
            "client_id=app&response_type=code&scope=WRITE".into(),
            "client_id=app&response_type=code&scope=write+read".into(),
            "client_id=app&response_type=code&scope=%22x".into(),
        ] {
            self.authorize(&query);
        }
        for uri in [
            "https://app.example/cb/",
            "https://app.example/cb/x",
            "https://app.example/cbx",
            "https://app.example/cb?x=1",
            "https://app.example/cb%23f",
            "https://APP.example/cb",
            "http://app.example/cb",
            "https://app.example:8443/cb",
            "https://app.example.evil.test/cb",
            "/cb",
            "https://evil.test/",
            "https://other.example/cb?keep=1",
        ] {
            self.authorize(&format!(
                "client_id=spa&response_type=code{s256}&redirect_uri={}",
                uri.replace("app.example", "spa.example")
            ));
        }
        self.authorize(&format!(
            "client_id=spa&response_type=code{s256}&redirect_uri=https://spa.example/cb&redirect_uri=https://evil.test/"
        ));
        self.post("/authorize", "client_id=app&response_type=code&redirect_uri=https://evil.test/");
        self.send(Request::get("/authorize?client_id=app&response_type=x&state=%3Cb%3E"));
        self.send(Request::get("/authorize?client_id=app&response_type=code&prompt=none"));
        self.send(Request { method: "OPTIONS".into(), ..Request::get("/authorize") });
    }

    pub fn consents(&mut self) {
        let query = |client: &str, scope: &str| {
            format!(
                "response_type=code&client_id={client}&scope={scope}&code_challenge={CHALLENGE}&code_challenge_method=S256&state=s"
            )
        };
        for client in ["app", "spa"] {
            let (mut first, mut second) = (Browser::default(), Browser::default());
            let page = first.log_in(&self.provider, &query(client, "read+write"));
            self.note(page.clone());
            second.log_in(&self.provider, &query(client, "read"));
            for fields in ["decision=deny", "scope=read&decision=approve"] {
                let response = second.submit(&self.provider, &page, fields);
                self.note(response);
            }
            let response = first.submit(&self.provider, &page, "scope=read&decision=approve");
            let code = redirected(&response).get("code").unwrap_or_default().to_owned();
            self.note(response);
            let answer = self.exchange(
                &code,
                &format!("client_id={client}&code_verifier={VERIFIER}&{}", if client == "app" { APP } else { "" }),
            );
            self.use_tokens(&answer);
            let secret = if client == "app" { APP } else { "client_id=spa" };
            self.post(
                "/token",
                &format!(
                    "{secret}&grant_type=refresh_token&scope=write&refresh_token={}",
                    member(&answer, "refresh_token")
                ),
            );
            for scope in ["read+write", "read"] {
                let page = first.log_in(&self.provider, &query(client, scope));
                self.note(page.clone());
                let denied = first.submit(&self.provider, &page, "decision=deny");
                self.note(denied);
            }
            let page = first.log_in(&self.provider, "response_type=x&client_id=app");
            self.note(page);
        }
    }
}
