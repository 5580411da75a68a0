//! Each grant of a healthy provider, end to end, through `handle`.

use crate::browser::*;
use reference_server::config::{Lifetime, Profile};
use reference_server::{Conduct, Config, Defect, Liberty, Provider, Random, Request, Response};

#[test]
fn a_code_gives_tokens_that_open_the_resource() {
    let provider = provider();
    let answer = exchange(&provider, &code(&provider, "read+write"));
    assert_eq!(
        (answer.status, answer.header("cache-control"), answer.header("pragma")),
        (200, Some("no-store"), Some("no-cache"))
    );
    assert_eq!(
        (json(&answer)["token_type"].as_str(), json(&answer)["expires_in"].as_u64()),
        (Some("Bearer"), Some(3600))
    );
    assert_eq!(member(&answer, "scope"), "read write");
    assert_eq!(resource(&provider, &member(&answer, "access_token")).status, 200);
}

#[test]
fn an_authorization_response_carries_state_and_iss() {
    let provider = provider();
    let query = "response_type=code&client_id=app&state=%22%3C%3E%20%25+%2B";
    let response = Browser::default().authorize(&provider, query);
    assert_eq!(response.status, 303);
    let params = redirected(&response);
    assert_eq!((params.get("state"), params.get("iss")), (Some("\"<> % +"), Some("http://127.0.0.1:9400")));
}

#[test]
fn refresh_tokens_rotate_and_their_reuse_ends_the_family() {
    let provider = provider();
    let first = member(&exchange(&provider, &code(&provider, "read+write")), "refresh_token");
    let second = refresh(&provider, &first, "&scope=read");
    assert_eq!((second.status, member(&second, "scope")), (200, "read".into()));
    let third = refresh(&provider, &member(&second, "refresh_token"), "");
    assert_eq!((third.status, member(&third, "scope")), (200, "read write".into()));
    assert_eq!(member(&refresh(&provider, &first, ""), "error"), "invalid_grant");
    assert_eq!(member(&refresh(&provider, &member(&third, "refresh_token"), ""), "error"), "invalid_grant");
    assert_eq!(resource(&provider, &member(&third, "access_token")).status, 401);
}

#[test]
fn the_other_grants_work_and_only_for_their_clients() {
    let provider = provider();
    assert_eq!(token(&provider, &format!("{APP}&grant_type=client_credentials")).status, 200);
    let zoe = "username=zo%C3%AB&password=p%C3%A4ssw%C3%B6rd-%F0%9D%84%9E";
    assert_eq!(token(&provider, &format!("{APP}&grant_type=password&{zoe}")).status, 200);
    let spa = token(&provider, "client_id=spa&grant_type=client_credentials");
    assert_eq!(member(&spa, "error"), "unauthorized_client");
    let implicit = Browser::default().authorize(&provider, "response_type=token&client_id=spa&state=x");
    assert!(implicit.header("location").unwrap().starts_with("https://spa.example/cb#access_token="));
    assert_eq!(resource(&provider, redirected(&implicit).get("access_token").unwrap()).status, 200);
}

#[test]
fn credentials_with_every_character_are_form_decoded_in_basic() {
    let provider = provider();
    let id = "special+%3A%2B%25%26%2F%22client";
    let secret = "s%25p%2Be%2Fc%3Ai%26a%3Dl+secret%3F%22%C3%A9";
    let basic = data_encoding::BASE64.encode(format!("{id}:{secret}").as_bytes());
    let request =
        Request::post("/token", "grant_type=client_credentials").with("Authorization", &format!("Basic {basic}"));
    assert_eq!(provider.handle(&request, NOW).status, 200);
    assert_eq!(
        token(&provider, &format!("grant_type=client_credentials&client_id={id}&client_secret={secret}")).status,
        200
    );
}

#[test]
fn a_client_without_the_refresh_grant_gets_no_refresh_token() {
    let provider = provider();
    let credentials = "client_id=special+%3A%2B%25%26%2F%22client\
                       &client_secret=s%25p%2Be%2Fc%3Ai%26a%3Dl+secret%3F%22%C3%A9";
    let id = credentials.split('&').next().unwrap();
    let answer = Browser::default().authorize(&provider, &format!("response_type=code&{id}"));
    let code = redirected(&answer).get("code").unwrap().to_owned();
    let answer = token(&provider, &format!("{credentials}&grant_type=authorization_code&code={code}"));
    assert_eq!((answer.status, json(&answer).get("refresh_token")), (200, None));
}

#[test]
fn partial_and_refused_consent_are_reported() {
    let provider = provider();
    let mut browser = Browser::default();
    let query = "response_type=code&client_id=app&scope=read+write";
    let page = browser.log_in(&provider, query);
    let response = browser.submit(&provider, &page, "scope=read&decision=approve");
    let form = format!("{APP}&grant_type=authorization_code&code={}", redirected(&response).get("code").unwrap());
    assert_eq!(member(&token(&provider, &form), "scope"), "read");
    let page = browser.log_in(&provider, query);
    let denied = browser.submit(&provider, &page, "decision=deny");
    assert_eq!(redirected(&denied).get("error"), Some("access_denied"));
    let page = browser.log_in(&provider, query);
    let nothing = browser.submit(&provider, &page, "decision=approve");
    assert_eq!((redirected(&nothing).get("error"), redirected(&nothing).get("code")), (Some("access_denied"), None));
}

#[test]
fn a_user_who_is_logged_in_is_asked_for_consent_alone() {
    let (provider, mut browser) = (provider(), Browser::default());
    let target = "/authorize?response_type=code&client_id=app";
    browser.log_in(&provider, "response_type=code&client_id=app");
    let page = text(&browser.open(&provider, target));
    assert!(page.contains("Allow access?") && !page.contains("password"), "{page}");
}

#[test]
fn the_metadata_names_the_scopes_that_some_client_may_ask_for() {
    let document = provider().handle(&Request::get("/.well-known/oauth-authorization-server"), NOW);
    assert_eq!(json(&document)["scopes_supported"], serde_json::json!(["read", "write"]));
}

#[test]
fn revocation_and_introspection_agree() {
    let provider = provider();
    let answer = exchange(&provider, &code(&provider, "read"));
    let (access, refresh_token) = (member(&answer, "access_token"), member(&answer, "refresh_token"));
    let active = |token: &str| {
        json(&provider.handle(&Request::post("/introspect", &format!("{APP}&token={token}")), NOW))["active"].as_bool()
    };
    assert_eq!((active(&access), active(&refresh_token)), (Some(true), Some(true)));
    let foreign = provider.handle(&Request::post("/revoke", &format!("{OTHER}&token={access}")), NOW);
    assert_eq!((foreign.status, active(&access)), (400, Some(true)));
    let revoked = provider.handle(&Request::post("/revoke", &format!("{APP}&token={refresh_token}")), NOW);
    assert_eq!((revoked.status, active(&access), active(&refresh_token)), (200, Some(false), Some(false)));
}

#[test]
fn introspection_tells_when_tokens_end_and_for_whom_they_are() {
    let provider = provider();
    let answer = exchange(&provider, &code(&provider, "read"));
    let told = |provider: &Provider, token: &str| {
        json(&provider.handle(&Request::post("/introspect", &format!("{APP}&token={token}")), NOW))
    };
    let access = told(&provider, &member(&answer, "access_token"));
    assert_eq!((access["iat"].as_u64(), access["exp"].as_u64()), (Some(NOW / 1000), Some(NOW / 1000 + 3600)));
    assert_eq!(access["aud"][0].as_str(), Some("http://127.0.0.1:9400/resource"), "both resource servers: {access}");
    let refresh_token = told(&provider, &member(&answer, "refresh_token"));
    assert_eq!(refresh_token["exp"].as_u64(), Some(NOW / 1000 + 1_209_600));
    let mut config = Config::default();
    (config.lifetimes.access_token, config.lifetimes.refresh_token) = (Lifetime(None), Lifetime(None));
    let endless = Provider::new(config, Conduct::default(), Random::seeded(1));
    let answer = exchange(&endless, &code(&endless, "read"));
    for name in ["access_token", "refresh_token"] {
        let told = told(&endless, &member(&answer, name));
        assert_eq!((told["active"].as_bool(), told.get("exp")), (Some(true), None), "{name}");
    }
}

#[test]
fn a_native_client_may_use_any_loopback_port_and_form_post() {
    let provider = provider();
    let query = format!(
        "response_type=code&client_id=native&redirect_uri=http://127.0.0.1:4711/cb&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let response = Browser::default().authorize(&provider, &query);
    assert!(response.header("location").unwrap().starts_with("http://127.0.0.1:4711/cb?code="));
    let page =
        Browser::default().authorize(&provider, "response_type=code&client_id=other&response_mode=form_post&state=%22");
    assert!(
        text(&page).contains("action=\"https://other.example/cb?keep=1\"") && text(&page).contains("value=\"&quot;\"")
    );
}

#[test]
fn an_id_token_says_who_logged_in_and_opens_nothing() {
    let provider = provider();
    let query = "response_type=code&client_id=app&scope=read+openid&nonce=a%2Bb";
    let mut browser = Browser::default();
    let page = browser.log_in(&provider, query);
    let answer = browser.submit(&provider, &page, "scope=openid&decision=approve");
    let code = redirected(&answer).get("code").unwrap_or_default().to_owned();
    let answer = token(&provider, &format!("{APP}&grant_type=authorization_code&code={code}"));
    let id_token = member(&answer, "id_token");
    let expected = serde_json::json!({
        "iss": provider.config().issuer, "sub": "alice", "aud": "app", "exp": NOW / 1000 + 600, "iat": NOW / 1000, "nonce": "a+b",
    });
    assert_eq!(claims(&id_token), expected);
    assert_eq!(resource(&provider, &id_token).status, 401);
    assert_eq!(json(&exchange(&provider, &self::code(&provider, "read"))).get("id_token"), None);
}

#[test]
fn an_id_token_beside_a_code_takes_a_nonce_and_the_scope_and_is_not_of_oauth_2_1() {
    let error = |profile, more: &str| {
        let provider = Provider::new(Config { profile, ..Config::default() }, Conduct::default(), Random::seeded(1));
        let query = format!(
            "response_type=code+id_token&client_id=app&code_challenge={CHALLENGE}&code_challenge_method=S256{more}"
        );
        let answer = Browser::default().log_in(&provider, &query);
        redirected(&answer).get("error").map(str::to_owned)
    };
    assert_eq!(error(Profile::Rfc6749, "&scope=openid&nonce=N"), None);
    for more in ["&scope=openid", "&scope=read&nonce=N"] {
        assert_eq!(error(Profile::Rfc6749, more).as_deref(), Some("invalid_request"), "{more}");
    }
    let unsupported = error(Profile::Oauth21, "&scope=openid&nonce=N");
    assert_eq!(unsupported.as_deref(), Some("unsupported_response_type"));
}

#[test]
fn where_only_the_latest_grant_counts_it_ends_those_of_its_user_and_client() {
    let conduct = Conduct::liberty(Liberty::LatestGrantOnly);
    let provider = Provider::new(Config::default(), conduct, Random::seeded(1));
    let code_of = |client: &str| {
        let query = format!("response_type=code&client_id={client}&scope=read");
        redirected(&Browser::default().authorize(&provider, &query)).get("code").unwrap_or_default().to_owned()
    };
    let exchange = |credentials: &str, code: &str| {
        token(&provider, &format!("{credentials}&grant_type=authorization_code&code={code}"))
    };
    let opens = |answer: &Response| resource(&provider, &member(answer, "access_token")).status == 200;
    let own = token(&provider, &format!("{APP}&grant_type=client_credentials&scope=read"));
    let (earlier, other) = (exchange(APP, &code_of("app")), exchange(OTHER, &code_of("other")));
    let (waiting, of_other) = (code_of("app"), code_of("other"));
    assert!(!opens(&earlier) && !opens(&other) && opens(&own));
    let latest = code_of("app");
    assert_eq!((exchange(APP, &waiting).status, exchange(OTHER, &of_other).status), (400, 200));
    assert!(opens(&exchange(APP, &latest)));
}

#[test]
fn the_metadata_speaks_of_id_tokens_where_there_are_any() {
    let shown = |scope: &str| {
        let mut config = Config::default();
        config.scopes.retain(|known| known != scope);
        let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
        let metadata = provider.handle(&Request::get("/.well-known/oauth-authorization-server"), NOW);
        json(&metadata).get("id_token_signing_alg_values_supported").is_some()
    };
    assert!(shown("write") && !shown("openid"));
}

#[test]
fn a_signed_response_is_one_parameter_errors_included() {
    let provider = provider();
    for (more, member) in [("", "code"), ("&scope=nothing", "error"), ("&response_type=x", "error")] {
        let query = format!("response_mode=jwt&client_id=app&state=S{more}");
        let query = if more.contains("type") { query } else { format!("response_type=code&{query}") };
        let answer = Browser::default().authorize(&provider, &query);
        assert_eq!(redirected(&answer).pairs().len(), 1, "{query}");
        let claims = claims(redirected(&answer).get("response").unwrap());
        assert!(claims[member].is_string(), "{claims}");
        assert_eq!((&claims["iss"], &claims["aud"]), (&provider.config().issuer.as_str().into(), &"app".into()));
        assert_eq!((&claims["state"], &claims["exp"]), (&"S".into(), &(NOW / 1000 + 600).into()));
    }
}

#[test]
fn names_of_defects_and_liberties_are_distinct() {
    let names: std::collections::HashSet<_> = Defect::ALL.iter().map(|defect| defect.name()).collect();
    assert_eq!(names.len(), Defect::ALL.len());
    assert!(Defect::ALL.iter().all(|defect| Defect::find(defect.name()) == Some(*defect)));
}

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

/// The claims of a JWT, unverified.
fn claims(jwt: &str) -> serde_json::Value {
    let part = jwt.split('.').nth(1).unwrap_or_default();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// A fresh code of `app` for this scope, without PKCE.
fn code(provider: &Provider, scope: &str) -> String {
    let query = format!(
        "response_type=code&client_id=app&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope={scope}&state=S%2Bs"
    );
    redirected(&Browser::default().authorize(provider, &query)).get("code").unwrap_or_default().to_owned()
}

fn exchange(provider: &Provider, code: &str) -> Response {
    token(
        provider,
        &format!("{APP}&grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"),
    )
}

fn refresh(provider: &Provider, token_value: &str, more: &str) -> Response {
    token(provider, &format!("{APP}&grant_type=refresh_token&refresh_token={token_value}{more}"))
}

fn token(provider: &Provider, form: &str) -> Response {
    provider.handle(&Request::post("/token", form), NOW)
}

fn resource(provider: &Provider, access_token: &str) -> Response {
    provider.handle(&Request::get("/resource").with("Authorization", &format!("Bearer {access_token}")), NOW)
}
