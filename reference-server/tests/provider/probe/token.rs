//! The token endpoint and client authentication.

use super::*;

impl Probe {
    pub fn token_requests(&mut self) {
        let own = format!("{APP}&grant_type=client_credentials");
        let user = "username=alice&password=wonderland-4711";
        let zoe = "username=zo%C3%AB&password=p%C3%A4ssw%C3%B6rd-%F0%9D%84%9E";
        for form in [
            own.clone(),
            format!("{own}&scope=read+write"),
            format!("{own}&scope=read"),
            format!("{own}&scope="),
            format!("{own}&x=1"),
            format!("{own}&scope=nothing"),
            format!("{own}&scope=read&scope=write"),
            format!("{own}&scope=%"),
            format!("{own}&scope=read+nothing"),
            format!("{APP}&Grant_Type=client_credentials"),
            format!("{APP}&grant_type=CLIENT_CREDENTIALS"),
            format!("{APP}&grant_type=urn:x:y"),
            format!("{APP}&grant_type=a+b%07"),
            APP.into(),
            format!("{APP}&code=x"),
            format!("{APP}&grant_type=authorization_code"),
            format!("{APP}&grant_type=authorization_code&code="),
            format!("{APP}&grant_type=authorization_code&code=x"),
            format!("{APP}&grant_type=refresh_token"),
            format!("{APP}&grant_type=password&{user}"),
            format!("{APP}&grant_type=password&{zoe}"),
            format!("{APP}&grant_type=password&username=alice"),
            format!("{APP}&grant_type=password&username=alice&password=wrong"),
            format!("client_id=app&grant_type=password&{user}"),
            format!("client_id=app&client_secret=wrong&grant_type=password&{user}"),
            format!("client_id=spa&grant_type=password&{user}"),
            "client_id=spa&grant_type=client_credentials".into(),
            "client_id=limited&client_secret=limited-secret-99aabbccddeeff00&grant_type=client_credentials&scope=write"
                .into(),
            "client_id=two&client_secret=two-secret-1122334455667788&grant_type=client_credentials".into(),
        ] {
            let answer = self.post("/token", &form);
            self.bearer("/resource", &member(&answer, "access_token"));
        }
        self.send(Request::get(&format!("/token?{own}")));
        self.post(&format!("/token?{own}"), "");
        self.post(&format!("/token?{APP}"), "grant_type=client_credentials");
        let typed =
            |kind: &str, body: &str| Request { body: body.into(), ..Request::get("/token") }.with("Content-Type", kind);
        for request in [
            typed("application/x-www-form-urlencoded; charset=UTF-8", &own),
            typed(
                "application/json",
                "{\"grant_type\":\"client_credentials\",\"client_id\":\"app\",\"client_secret\":\"app-secret-6f1d2c9a8b7e4f50\"}",
            ),
        ] {
            self.send(Request { method: "POST".into(), ..request });
        }
    }

    pub fn client_authentication(&mut self) {
        let grant = "grant_type=client_credentials";
        let special = "special+%3A%2B%25%26%2F%22client:s%25p%2Be%2Fc%3Ai%26a%3Dl+secret%3F%22%C3%A9";
        for (credentials, form) in [
            ("app:app-secret-6f1d2c9a8b7e4f50", grant.to_owned()),
            ("app:wrong", grant.into()),
            ("app:", grant.into()),
            ("app", grant.into()),
            (special, grant.into()),
            ("app:app-secret-6f1d2c9a8b7e4f50", format!("{grant}&client_id=other")),
            ("app:app-secret-6f1d2c9a8b7e4f50", format!("{APP}&{grant}")),
            ("app:app-secret-6f1d2c9a8b7e4f50", format!("{grant}&client_assertion=x&client_assertion_type=y")),
        ] {
            let basic = data_encoding::BASE64.encode(credentials.as_bytes());
            self.send(Request::post("/token", &form).with("Authorization", &format!("Basic {basic}")));
            self.send(Request::post("/revoke", "token=x").with("Authorization", &format!("Basic {basic}")));
        }
        for form in [
            "client_id=app".into(),
            "client_id=app&client_secret=".into(),
            "client_id=app&client_secret=wrong".into(),
            String::new(),
            special.replace(':', "&client_secret=").replacen("special", "client_id=special", 1),
            format!("{APP}&client_assertion=x"),
            "client_assertion=x&client_assertion_type=y".into(),
        ] {
            self.post("/token", &format!("{grant}&{form}"));
        }
    }
}
