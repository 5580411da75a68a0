//! What the classic dialect does beyond one request and one answer.

use crate::browser::*;
use crate::signer::{Signed, sign};
use reference_server::config::Lifetime;
use reference_server::{Conduct, Config, Provider, Random, Request};

const AUTHORIZE: &str =
    "/oauth/authorize?client_id=other&redirect_uri=https%3A%2F%2Fother.example%2Fcb%3Fkeep%3D1&state=x";

#[test]
fn a_request_without_user_goes_through_the_login_page_and_comes_back_by_302() {
    let (provider, mut browser) = (provider(), Browser::default());
    let page = browser.open(&provider, AUTHORIZE);
    assert_eq!((page.status, page.header("location")), (200, None));
    let page = browser.submit(&provider, &page, "username=alice&password=wonderland-4711");
    assert!(text(&page).contains("Allow access?"), "a user who has not agreed is asked");
    let answer = browser.submit(&provider, &page, "scope=read&decision=approve");
    assert_eq!(answer.status, 302);
    assert!(answer.header("location").unwrap().starts_with("https://other.example/cb?keep=1&code="));
    let code = between(answer.header("location").unwrap(), "&code=", "&").unwrap();
    let form = format!("{OTHER}&grant_type=authorization_code&code={code}");
    assert_eq!(provider.handle(&Request::post("/oauth/token", &form), NOW).status, 200);
}

#[test]
fn tokens_without_end_have_no_expires_in_and_still_work_a_century_later() {
    let mut config = Config::default();
    config.lifetimes.access_token = Lifetime(None);
    let provider = Provider::new(config, Conduct::default(), Random::seeded(1));
    let target = "/oauth/authorize?client_id=app&response_type=token&username=alice&password=wonderland-4711";
    let document = provider.handle(&Request::get(target).with("Accept", "application/json"), NOW);
    assert_eq!((document.status, json(&document).get("expires_in")), (200, None));
    let page = text(&provider.handle(&Request::get(target), NOW));
    assert!(page.contains("#token_type=bearer&amp;access_token=") && !page.contains("expires_in"), "{page}");
    let guest = provider.handle(&Request::post("/oauth/token", &format!("{APP}&grant_type=access_token")), NOW);
    assert_eq!((guest.status, json(&guest).get("expires_in")), (200, None));
    let call = Request::get("/resource").with("Authorization", &format!("Bearer {}", member(&guest, "access_token")));
    assert_eq!(provider.handle(&call, NOW + 100 * 365 * 86_400_000).status, 200);
}

#[test]
fn clients_that_use_pkce_get_no_classic_code_and_oauth_2_1_no_classic_token() {
    let user = "username=alice&password=wonderland-4711";
    let ask = |provider: &Provider, query: &str| {
        provider.handle(&Request::get(&format!("/oauth/authorize?{query}&{user}")), NOW)
    };
    for id in ["strict", "spa"] {
        assert_eq!(ask(&provider(), &format!("client_id={id}")).header("location"), None, "{id}");
    }
    let config = Config { profile: reference_server::config::Profile::Oauth21, ..Config::default() };
    let strict = Provider::new(config, Conduct::default(), Random::seeded(1));
    assert_eq!(ask(&strict, "client_id=app&response_type=token").status, 400);
    assert_eq!(ask(&strict, "client_id=app").header("location"), None);
}

#[test]
fn a_request_with_a_parameter_that_cannot_be_read_is_refused() {
    for broken in ["scope=%zz", "scope=%FF", "x%3=1"] {
        let target = format!("{AUTHORIZE}&username=alice&password=wonderland-4711&{broken}");
        assert_eq!(provider().handle(&Request::get(&target), NOW).status, 400, "{broken}");
    }
}

#[test]
fn a_timestamp_that_was_used_at_one_endpoint_is_used_up_at_the_other() {
    let provider = provider();
    let timestamp = (NOW / 1000).to_string();
    let classic = Signed { target: "/oauth/token", form: "grant_type=access_token", ..Signed::new(&timestamp) };
    assert_eq!(provider.handle(&sign(&classic), NOW).status, 200);
    assert_eq!(provider.handle(&sign(&Signed::new(&timestamp)), NOW).status, 401);
}

#[test]
fn a_timestamp_may_be_a_minute_from_the_clock_and_no_more() {
    let provider = provider();
    for (seconds, status) in
        [(NOW / 1000 - 60, 200), (NOW / 1000 - 61, 401), (NOW / 1000 + 60, 200), (NOW / 1000 + 61, 401)]
    {
        assert_eq!(provider.handle(&sign(&Signed::new(&seconds.to_string())), NOW).status, status, "{seconds}");
    }
}

#[test]
fn the_classic_token_endpoint_keeps_to_the_grants_of_a_client() {
    let provider = provider();
    let without = "client_id=two&client_secret=two-secret-1122334455667788";
    let limited = "client_id=limited&client_secret=limited-secret-99aabbccddeeff00";
    for (form, error) in [
        (format!("{limited}&grant_type=access_token"), ""),
        (format!("{limited}&grant_type=authorization_code&code=x"), "unauthorized_client"),
        (format!("{limited}&grant_type=refresh_token&refresh_token=x"), "unauthorized_client"),
        ("client_id=spa&grant_type=access_token".into(), "unauthorized_client"),
        (format!("{without}&grant_type=access_token"), "unauthorized_client"),
        (format!("{APP}&grant_type=password"), "unsupported_grant_type"),
    ] {
        let answer = provider.handle(&Request::post("/oauth/token", &form), NOW);
        assert_eq!(member(&answer, "error"), error, "{form}");
    }
}

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

#[test]
fn there_are_neither_id_tokens_nor_signed_answers() {
    let (provider, mut browser) = (provider(), Browser::default());
    let page = browser.open(&provider, &format!("{AUTHORIZE}&response_mode=jwt&scope=openid+write+nothing"));
    let page = browser.submit(&provider, &page, "username=alice&password=wonderland-4711");
    let answer = browser.submit(&provider, &page, "scope=openid&scope=write&scope=nothing&decision=approve");
    let code = redirected(&answer).get("code").unwrap_or_default().to_owned();
    let form = format!("{OTHER}&grant_type=authorization_code&code={code}");
    let issued = provider.handle(&Request::post("/oauth/token", &form), NOW);
    assert_eq!((issued.status, json(&issued).get("id_token")), (200, None));
    let resource = "client_id=rs&client_secret=rs-secret-7788990011223344";
    let asked = Request::post("/introspect", &format!("{resource}&token={}", member(&issued, "access_token")));
    assert_eq!(member(&provider.handle(&asked, NOW), "scope"), "write");
}

#[test]
fn a_native_client_is_no_guest_although_it_holds_a_secret() {
    let native = "client_id=nativesecret&client_secret=nativesecret-secret-00112233445566";
    let ask = |client: &str| Request::post("/oauth/token", &format!("{client}&grant_type=access_token"));
    let refused = provider().handle(&ask(native), NOW);
    assert_eq!((refused.status, member(&refused, "error")), (400, "unauthorized_client".into()));
    assert_eq!(provider().handle(&ask(APP), NOW).status, 200);
}
