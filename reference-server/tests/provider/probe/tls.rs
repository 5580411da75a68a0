//! Requests that come in the clear, and greetings of TLS.

use reference_server::tls::Tls;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// SSL 3.0, then TLS 1.2 with a suite without encryption, one without forward secrecy, and good ones.
const GREETINGS: [([u8; 2], &[u8]); 4] =
    [([3, 0], &[0, 0x35]), ([3, 3], &[0, 0x01]), ([3, 3], &[0, 0x35]), ([3, 3], &[0xc0, 0x2b, 0xc0, 0x2f])];

impl Probe {
    pub fn without_tls(&mut self) {
        let tokens = self.tokens_of("app", "client_secret=app-secret-6f1d2c9a8b7e4f50", "read");
        let (access, refresh) = (member(&tokens, "access_token"), member(&tokens, "refresh_token"));
        for request in [
            Request::get("/.well-known/oauth-authorization-server"),
            Request::get("/authorize?client_id=app&response_type=code"),
            Request::get("/authorize?client_id=app&response_type=code").with("Cookie", "session=x"),
            Request::post("/token", &format!("{APP}&grant_type=client_credentials")),
            Request::post("/token", &format!("{APP}&grant_type=refresh_token&refresh_token={refresh}")),
            Request::post("/otp/verify", "username=alice&code=1"),
            Request::get("/resource").with("Authorization", &format!("Bearer {access}")),
            Request::post("/revoke", &format!("{APP}&token={access}")),
        ] {
            self.send(Request { cleartext: true, ..request });
        }
    }

    pub fn greetings(&mut self) {
        let tls = Tls::new("as.example", self.provider.conduct().clone()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (version, suites) in GREETINGS {
            let answer = runtime.block_on(greet(&tls, hello(version, suites)));
            let named = answer.windows(10).any(|window| window == b"as.example");
            self.log.push(format!("{:?} {:?} {named}", answer.first(), answer.get(5)));
        }
    }
}

async fn greet(tls: &Tls, hello: Vec<u8>) -> Vec<u8> {
    let (mut near, far) = tokio::io::duplex(1 << 16);
    near.write_all(&hello).await.unwrap();
    near.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::join!(tls.accept(far), near.read_to_end(&mut answer));
    answer
}

/// A first message with P-256, ECDSA with SHA-256, and this version and these suites.
fn hello(version: [u8; 2], suites: &[u8]) -> Vec<u8> {
    let extensions = [0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3, 0, 23, 0, 0];
    let (count, length) = (u8::try_from(suites.len()).unwrap(), u8::try_from(extensions.len()).unwrap());
    let body = [&version[..], &[1; 32], &[0, 0, count], suites, &[1, 0, 0, length], &extensions].concat();
    let size = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, size + 4, 1, 0, 0, size], &body[..]].concat()
}
