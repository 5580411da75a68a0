//! The classic dialect and signed requests.

use super::*;
use crate::signer::{Signed, password, sign};

const AUTHORIZE: &str = "/oauth/authorize/v1";
const TOKEN: &str = "/oauth/token/v1";
const ALICE: &str = "username=alice&password=wonderland-4711";

impl Probe {
    pub fn classic(&mut self) {
        for path in ["/oauth/authorize", "/oauth/authorize/", AUTHORIZE, "/oauth/authorize/v1/", "/oauth/authorise"] {
            for query in [
                format!("client_id=app&scope=openid&{ALICE}"),
                format!("client_id=app&redirect_uri=https://attacker.example/&{ALICE}"),
                "client_id=app&username=alice&password=wrong".into(),
                "client_id=app".into(),
                format!("client_id=other&{ALICE}"),
                format!("client_id=strict&{ALICE}"),
                format!("client_id=app&response_type=token&{ALICE}"),
            ] {
                self.send(Request::get(&format!("{path}?{query}")));
            }
        }
        let target = format!("{AUTHORIZE}?client_id=app&response_type=token&{ALICE}");
        self.send(Request::get(&target).with("Accept", "application/json"));
        let answer = self.send(Request::get(&format!("{AUTHORIZE}?client_id=app&{ALICE}")));
        let code = redirected(&answer).get("code").unwrap_or_default().to_owned();
        self.post(TOKEN, &format!("{OTHER}&grant_type=authorization_code&code={code}"));
        let answer = self.post(TOKEN, &format!("{APP}&grant_type=authorization_code&code={code}"));
        self.use_tokens(&answer);
        let refresh_token = member(&answer, "refresh_token");
        self.post(TOKEN, &format!("{APP}&grant_type=refresh_token&refresh_token={refresh_token}"));
        for form in ["grant_type=access_token", "grant_type=other", "scope=read"] {
            self.post(TOKEN, &format!("{APP}&{form}"));
            self.post(TOKEN, &format!("client_id=app&client_secret=wrong&{form}"));
            self.post(TOKEN, &format!("client_id=spa&{form}"));
        }
    }

    pub fn signing(&mut self) {
        let now = self.now / 1000;
        for (at, seconds) in [now, now - 50, now + 50, now - 120, now + 120].into_iter().enumerate() {
            self.signed(&Signed::new(&format!("{seconds}.{at}")));
        }
        for timestamp in [format!("{now}s"), format!("{now}.")] {
            self.signed(&Signed { password: password(Signed::SECRET, now), ..Signed::new(&timestamp) });
        }
        let new = |fraction: u32| Signed::new(&format!("{now}.{fraction}"));
        for signed in [
            Signed { scheme: "hmac-sha1", ..new(10) },
            Signed { id: "%73igned", ..new(11) },
            Signed { id: "app", secret: "app-secret-6f1d2c9a8b7e4f50", ..new(12) },
            Signed { password: "000000".into(), ..new(13) },
            Signed { length: 1, ..new(14) },
            Signed { key: "wrong", ..new(15) },
            new(15),
            new(15),
            Signed { password_first: true, ..new(16) },
            Signed { more: "&timestamp=1", ..new(17) },
            Signed { target: TOKEN, form: "grant_type=access_token", ..new(18) },
        ] {
            self.signed(&signed);
        }
        let secret = format!("client_id=signed&client_secret={}", Signed::SECRET);
        self.post("/token", &format!("{secret}&grant_type=client_credentials&scope=read"));
    }

    fn signed(&mut self, signed: &Signed) {
        self.send(sign(signed));
    }
}
