//! Tokens that are bound to a key, and proofs of possession that are refused, each for one reason (RFC 9449 4.3).

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use reference_server::{Conduct, Config, Provider, Random, Request};
use serde_json::{Value, json};

use crate::browser::*;

const SECONDS: u64 = NOW / 1000;
const WINDOW: u64 = 300;

/// Header and claims of a proof.
#[derive(Clone)]
struct Proof(Value, Value);

fn encoded(bytes: &[u8]) -> String {
    data_encoding::BASE64URL_NOPAD.encode(bytes)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn jwk(seed: u8) -> Value {
    let point = key(seed).verifying_key().to_sec1_point(false);
    json!({"kty": "EC", "crv": "P-256", "x": encoded(&point.as_bytes()[1..33]), "y": encoded(&point.as_bytes()[33..])})
}

impl Proof {
    /// For this request, with key 7.
    fn of(method: &str, path: &str, jti: &str) -> Self {
        let url = format!("{}{path}", Config::default().issuer);
        let claims = json!({"jti": jti, "htm": method, "htu": url, "iat": SECONDS});
        Self(json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(7)}), claims)
    }

    /// For a call of the resource with this token.
    fn of_call(token: &str, jti: &str) -> Self {
        Self::of("GET", "/resource", jti).claiming("ath", json!(s256(token)))
    }

    fn claiming(mut self, name: &str, value: Value) -> Self {
        self.1[name] = value;
        self
    }

    fn signed_by(&self, seed: u8) -> String {
        let part = |value: &Value| encoded(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&self.0), part(&self.1));
        let signature: Signature = key(seed).sign(signed.as_bytes());
        format!("{signed}.{}", encoded(&signature.to_bytes()))
    }

    fn signed(&self) -> String {
        self.signed_by(7)
    }
}

fn s256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    encoded(&Sha256::digest(text))
}

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

const OWN: &str = "grant_type=client_credentials&scope=read";

fn token_request(form: &str, proof: Option<&str>) -> Request {
    let request = Request::post("/token", form);
    proof.map_or(request.clone(), |proof| request.with("DPoP", proof))
}

/// A token of the client's own that is bound to key 7.
fn bound(provider: &Provider) -> String {
    let proof = Proof::of("POST", "/token", "issued").signed();
    let answer = provider.handle(&token_request(&format!("{APP}&{OWN}"), Some(&proof)), NOW);
    assert_eq!((answer.status, member(&answer, "token_type").as_str()), (200, "DPoP"));
    member(&answer, "access_token")
}

fn call(provider: &Provider, authorization: &str, proofs: &[&str], now: u64) -> u16 {
    let request = Request::get("/resource").with("Authorization", authorization);
    provider.handle(&proofs.iter().fold(request, |request, proof| request.with("DPoP", proof)), now).status
}

#[test]
fn a_bound_token_is_used_by_its_scheme_and_with_one_proof() {
    let provider = provider();
    let token = bound(&provider);
    let proof = |jti: &str| Proof::of_call(&token, jti).signed();
    let call = |scheme: &str, proofs: &[&str]| call(&provider, &format!("{scheme} {token}"), proofs, NOW);
    assert_eq!((call("DPoP", &[&proof("a")]), call("dpop", &[&proof("b")])), (200, 200));
    assert_eq!(call("Bearer", &[&proof("c")]), 401);
    assert_eq!((call("DPoP", &[]), call("Bearer", &[])), (401, 401));
    assert_eq!(call("DPoP", &[&proof("d"), &proof("e")]), 401, "there are two");
    assert_eq!(call("DPoP", &[&Proof::of_call("another", "f").signed()]), 401, "it is for another token");
}

#[test]
fn a_token_that_is_bound_to_no_key_is_a_bearer_token_only() {
    let provider = provider();
    let answer = provider.handle(&token_request(&format!("{APP}&{OWN}"), None), NOW);
    let token = member(&answer, "access_token");
    assert_eq!(member(&answer, "token_type"), "Bearer");
    let proof = Proof::of_call(&token, "a").signed();
    assert_eq!(call(&provider, &format!("DPoP {token}"), &[&proof], NOW), 401);
    assert_eq!(call(&provider, &format!("Bearer {token}"), &[], NOW), 200);
}

#[test]
fn a_proof_that_is_wrong_in_one_thing_is_none() {
    type Change = fn(&mut Value, &mut Value);
    let changes: &[(&str, Change)] = &[
        ("another type", |header, _| header["typ"] = json!("JWT")),
        ("no signature", |header, _| header["alg"] = json!("none")),
        ("another algorithm", |header, _| header["alg"] = json!("RS256")),
        ("no key", |header, _| header["jwk"] = json!(null)),
        ("a key without a coordinate", |header, _| header["jwk"]["y"] = json!(null)),
        ("another kind of key", |header, _| header["jwk"]["kty"] = json!("RSA")),
        ("another curve", |header, _| header["jwk"]["crv"] = json!("P-384")),
        ("its private half", |header, _| header["jwk"]["d"] = json!("AQ")),
        ("the key of somebody else", |header, _| header["jwk"] = jwk(8)),
        ("another method", |_, claims| claims["htm"] = json!("POST")),
        ("another URL", |_, claims| claims["htu"] = json!("https://evil.test/resource")),
        ("no hash of the token", |_, claims| claims["ath"] = json!(null)),
        ("no name", |_, claims| claims["jti"] = json!(null)),
        ("no time", |_, claims| claims["iat"] = json!(null)),
        ("an old time", |_, claims| claims["iat"] = json!(SECONDS - WINDOW - 1)),
        ("a time to come", |_, claims| claims["iat"] = json!(SECONDS + WINDOW + 1)),
    ];
    let provider = provider();
    let token = bound(&provider);
    for (what, change) in changes {
        let Proof(mut header, mut claims) = Proof::of_call(&token, what);
        change(&mut header, &mut claims);
        let proof = Proof(header, claims).signed();
        assert_eq!(call(&provider, &format!("DPoP {token}"), &[&proof], NOW), 401, "{what}");
    }
    let by_another_key =
        Proof(json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(8)}), Proof::of_call(&token, "x").1);
    assert_eq!(call(&provider, &format!("DPoP {token}"), &[&by_another_key.signed_by(8)], NOW), 401);
}

#[test]
fn a_proof_counts_once_as_long_as_it_is_young() {
    let provider = provider();
    let token = bound(&provider);
    let call = |proof: &str, seconds: u64| call(&provider, &format!("DPoP {token}"), &[proof], NOW + seconds * 1000);
    let oldest = Proof::of_call(&token, "oldest").claiming("iat", json!(SECONDS - WINDOW)).signed();
    assert_eq!((call(&oldest, 0), call(&oldest, 0), call(&oldest, 1)), (200, 401, 401));
    let youngest = Proof::of_call(&token, "youngest").claiming("iat", json!(SECONDS + WINDOW)).signed();
    assert_eq!(call(&youngest, 0), 200);
    for seconds in [1, WINDOW, 2 * WINDOW - 1, 2 * WINDOW, 2 * WINDOW + 1] {
        assert_eq!(call(&youngest, seconds), 401, "after {seconds} s");
    }
}

#[test]
fn a_wrong_proof_at_the_token_endpoint_gets_no_token() {
    for proof in ["", "x", &Proof::of("GET", "/token", "a").signed(), &Proof::of("POST", "/resource", "b").signed()] {
        let answer = provider().handle(&token_request(&format!("{APP}&{OWN}"), Some(proof)), NOW);
        assert_eq!((answer.status, member(&answer, "error").as_str()), (400, "invalid_dpop_proof"), "{proof}");
    }
}

/// Answers to refresh requests without a proof, with one of another key and with one of the same.
fn refreshed(client: &str, redirect_uri: &str) -> [u16; 3] {
    let provider = provider();
    let id = client.split('&').next().unwrap();
    let query = format!(
        "response_type=code&{id}&redirect_uri={redirect_uri}&scope=read&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let code = redirected(&Browser::default().authorize(&provider, &query)).get("code").unwrap_or_default().to_owned();
    let form = format!(
        "{client}&grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}&code_verifier={VERIFIER}"
    );
    let proof = |jti: &str| Proof::of("POST", "/token", jti);
    let answer = provider.handle(&token_request(&form, Some(&proof("code").signed())), NOW);
    assert_eq!(member(&answer, "token_type"), "DPoP");
    let mut token = member(&answer, "refresh_token");
    let Proof(_, claims) = proof("other");
    let other = Proof(json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(8)}), claims).signed_by(8);
    [None, Some(other), Some(proof("same").signed())].map(|proof| {
        let form = format!("{client}&grant_type=refresh_token&refresh_token={token}");
        let answer = provider.handle(&token_request(&form, proof.as_deref()), NOW);
        if answer.status == 200 {
            token = member(&answer, "refresh_token");
        }
        answer.status
    })
}

#[test]
fn a_refresh_token_is_bound_where_no_secret_protects_it() {
    assert_eq!(refreshed("client_id=spa", "https://spa.example/cb"), [400, 400, 200]);
    assert_eq!(refreshed(APP, "https://app.example/cb"), [200, 200, 200]);
}
