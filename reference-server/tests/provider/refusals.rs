//! What a healthy provider refuses, and how.

use crate::browser::*;
use reference_server::{Conduct, Config, Defect, Provider, Random, Request, Response};

#[test]
fn a_second_exchange_of_a_code_ends_what_the_first_gave() {
    let provider = provider();
    let code = code(&provider, "read");
    let first = exchange(&provider, &code);
    let second = exchange(&provider, &code);
    assert_eq!((second.status, member(&second, "error")), (400, "invalid_grant".into()));
    assert_eq!(resource(&provider, &member(&first, "access_token")).status, 401);
    assert_eq!(member(&refresh(&provider, &member(&first, "refresh_token"), ""), "error"), "invalid_grant");
}

#[test]
fn public_clients_need_pkce_and_the_right_verifier() {
    let provider = provider();
    let base = "response_type=code&client_id=spa";
    let refused = Browser::default().authorize(&provider, base);
    assert_eq!(redirected(&refused).get("error"), Some("invalid_request"));
    for (verifier, status) in [(VERIFIER, 200), (CHALLENGE, 400), ("", 400)] {
        let query = format!("{base}&code_challenge={CHALLENGE}&code_challenge_method=S256");
        let response = Browser::default().authorize(&provider, &query);
        let code = redirected(&response).get("code").unwrap().to_owned();
        let form = format!("client_id=spa&grant_type=authorization_code&code={code}&code_verifier={verifier}");
        assert_eq!(token(&provider, &form).status, status, "{verifier}");
    }
}

#[test]
fn a_bad_client_or_redirect_uri_gets_a_page_and_no_redirect() {
    let provider = provider();
    for query in [
        "client_id=nobody",
        "client_id=app&redirect_uri=https://evil.test/",
        "client_id=two",
        "client_id=unregistered",
        "",
    ] {
        let response = provider.handle(&Request::get(&format!("/authorize?response_type=code&{query}")), NOW);
        assert_eq!((response.status, response.header("location")), (400, None), "{query}");
    }
}

#[test]
fn consent_needs_the_ticket_of_its_own_session() {
    let provider = provider();
    let (mut mine, mut theirs) = (Browser::default(), Browser::default());
    let page = mine.log_in(&provider, "response_type=code&client_id=app");
    theirs.log_in(&provider, "response_type=code&client_id=app");
    assert_eq!(theirs.submit(&provider, &page, "scope=read&decision=approve").status, 403);
    assert_eq!(mine.submit(&provider, &page, "scope=read&decision=approve").status, 303);
    assert_eq!(mine.submit(&provider, &page, "scope=read&decision=approve").status, 403);
}

#[test]
fn the_session_of_before_the_login_is_gone_after_it() {
    let (provider, mut browser) = (provider(), Browser::default());
    let page = browser.open(&provider, "/authorize?response_type=code&client_id=app");
    let mut earlier = Browser { cookie: browser.cookie.clone() };
    browser.submit(&provider, &page, "username=alice&password=wonderland-4711");
    assert_eq!(earlier.submit(&provider, &page, "username=alice&password=wonderland-4711").status, 403);
}

#[test]
fn a_login_ends_what_waited_in_its_session() {
    let (provider, mut browser) = (provider(), Browser::default());
    let [first, second] = ["a", "b"].map(|state| {
        let query = format!("response_type=code&client_id=app&state={state}");
        browser.open(&provider, &format!("/authorize?{query}"))
    });
    let login = "username=alice&password=wonderland-4711";
    assert_eq!(browser.submit(&provider, &second, login).status, 200);
    assert_eq!(browser.submit(&provider, &first, login).status, 403);
}

#[test]
fn a_response_mode_that_cannot_be_heeded_is_refused() {
    let provider = provider();
    for (query, error) in [
        ("response_type=code&client_id=app&response_mode=query", None),
        ("response_type=code&client_id=app&response_mode=query.jwt", Some("invalid_request")),
        ("response_type=token&client_id=app&response_mode=query", Some("invalid_request")),
        ("response_type=token&client_id=app&response_mode=fragment", None),
    ] {
        let answer = Browser::default().authorize(&provider, query);
        assert_eq!(redirected(&answer).get("error"), error, "{query}");
    }
    let query = "response_type=token&client_id=app&response_mode=form_post";
    assert!(text(&Browser::default().authorize(&provider, query)).contains("name=\"access_token\""));
}

#[test]
fn bearer_credentials_outside_the_grammar_are_a_malformed_request() {
    let provider = provider();
    let tokens = [("abc-._~+/==", 401), ("==", 400), ("a b", 400), ("a=b", 400), ("\u{e9}", 400)];
    assert_eq!(tokens.map(|(token, _)| resource(&provider, token).status), tokens.map(|(_, status)| status));
}

#[test]
fn the_resource_says_which_scope_is_missing() {
    let provider = provider();
    let access = member(&token(&provider, &format!("{APP}&grant_type=client_credentials")), "access_token");
    let request = Request::get("/resource/write").with("Authorization", &format!("bearer   {access}"));
    let response = provider.handle(&request, NOW);
    assert_eq!(response.status, 403);
    assert!(response.header("www-authenticate").unwrap().ends_with("scope=\"write\""));
    let anonymous = provider.handle(&Request::get("/resource"), NOW);
    assert_eq!(
        (anonymous.status, anonymous.header("www-authenticate")),
        (401, Some("Bearer realm=\"http://127.0.0.1:9400\""))
    );
}

#[test]
fn guessing_closes_the_client_for_a_minute() {
    let provider = provider();
    let wrong = || token(&provider, "client_id=app&client_secret=wrong&grant_type=client_credentials").status;
    assert!((0..50).all(|_| wrong() == 401));
    let closed = token(&provider, &format!("{APP}&grant_type=client_credentials"));
    assert_eq!((closed.status, closed.header("retry-after")), (429, Some("60")));
    let later = Request::post("/token", &format!("{APP}&grant_type=client_credentials"));
    assert_eq!(provider.handle(&later, NOW + 61_000).status, 200);
}

#[test]
fn everything_that_is_wrong_at_the_token_endpoint_is_json() {
    let provider = provider();
    let doubled = format!("{APP}&grant_type=client_credentials&scope=read&scope=read");
    for form in ["", "grant_type=%FF", "grant_type=x", &doubled] {
        let response = token(&provider, form);
        assert!([400, 401].contains(&response.status) && json(&response)["error"].is_string(), "{form}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
    let untyped =
        Request { headers: Vec::new(), ..Request::post("/token", &format!("{APP}&grant_type=client_credentials")) };
    assert_eq!(provider.handle(&untyped, NOW).status, 400);
    assert_eq!(provider.handle(&Request::get("/token"), NOW).header("allow"), Some("POST"));
}

#[test]
fn oauth_2_1_has_neither_implicit_nor_password_and_wants_pkce_from_everyone() {
    let mut config = Config::default();
    config.profile = reference_server::config::Profile::Oauth21;
    let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
    let error =
        |query: &str| redirected(&Browser::default().authorize(&provider, query)).get("error").map(str::to_owned);
    assert_eq!(error("response_type=token&client_id=spa").as_deref(), Some("unsupported_response_type"));
    assert_eq!(error("response_type=code&client_id=app").as_deref(), Some("invalid_request"));
    let password = token(&provider, &format!("{APP}&grant_type=password&username=alice&password=wonderland-4711"));
    assert_eq!(member(&password, "error"), "unsupported_grant_type");
}

#[test]
fn a_code_is_of_no_use_to_another_client() {
    let provider = provider();
    let code = code(&provider, "read");
    let form = format!("{OTHER}&grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb");
    assert_eq!(member(&token(&provider, &form), "error"), "invalid_grant");
    assert_eq!(exchange(&provider, &code).status, 200);
}

/// How many of sixteen simultaneous exchanges of one code succeed.
fn simultaneous(provider: &Provider) -> usize {
    let code = code(provider, "read");
    let start = std::sync::Barrier::new(16);
    let attempt = || {
        start.wait();
        exchange(provider, &code).status
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(attempt)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).filter(|status| *status == 200).count()
    })
}

#[test]
fn of_simultaneous_exchanges_one_succeeds_unless_that_promise_is_broken() {
    assert_eq!(simultaneous(&provider()), 1);
    let broken = Provider::new(Config::default(), Conduct::defect(Defect::CodeExchangeRace), Random::seeded(1));
    // On a busy machine sixteen threads may come one after the other.
    assert!((0..100).any(|_| simultaneous(&broken) > 1));
}

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
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

#[test]
fn logout_leads_to_a_registered_address_unless_a_parameter_is_unclear() {
    let logout = "/logout?client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye";
    let leads = |more: &str| provider().handle(&Request::get(&format!("{logout}{more}")), NOW);
    assert_eq!(leads("&state=x").header("location"), Some("https://app.example/bye?state=x"));
    for unclear in ["&client_id=app", "&state=x&state=y", "&state=%FF"] {
        let page = leads(unclear);
        assert_eq!((page.status, page.header("location")), (200, None), "{unclear}");
        assert!(text(&page).contains("You may close this page"), "{unclear}");
    }
}
