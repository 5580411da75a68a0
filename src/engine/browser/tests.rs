//! The browser against small servers: cookies, hops, pages, and where it stops.

use std::collections::BTreeMap;

use crate::wire::stubs::{LOGIN, Manner, Stub, found, http, page};

use super::*;
use crate::exchange::Response;
use crate::target::{
    Call, LoginCommand, LoginCookie, LoginForm, LoginHeader, LoginNone, LoginQuery, LoginRequests, Pace, Tls,
};

const CONSENT: &str = "<form method=post action=/consent><button name=d value=allow>Allow</button><button name=d value=deny>Deny</button></form>";
const CLIENT: &str = "https://app.example/cb";

struct Asked {
    login: Login,
    until: Until,
    consent: Consent,
    stops: Vec<String>,
    forged: bool,
    user_code: Option<String>,
    detour: Option<String>,
    target: &'static str,
}

impl Default for Asked {
    fn default() -> Self {
        let login = Login::Form(LoginForm::default());
        Self {
            login,
            until: Until::Redirect,
            consent: Consent::Approve,
            stops: Vec::new(),
            forged: false,
            user_code: None,
            detour: None,
            target: "/authorize?client_id=a",
        }
    }
}

async fn visit(stub: &Stub, asked: Asked) -> Observation {
    let pace = Pace { timeout_ms: 500, ..Pace::default() };
    let wire = Wire::network(&pace, vec![stub.origin()], &Tls::default()).unwrap();
    let user = User { username: "alice".into(), password: "pw".into(), credential: Some("s3cret".into()) };
    let request = Request { method: "GET".into(), url: stub.url(asked.target), ..Request::default() };
    let visit = Visit {
        request,
        login: &Some(asked.login),
        user: &user,
        until: asked.until,
        consent: asked.consent,
        approve_scopes: None,
        forged: asked.forged,
        user_code: asked.user_code,
        detour: asked.detour,
        hoards: false,
        page: None,
        stops: asked.stops,
    };
    Browser::new().authorize(&wire, visit).await
}

/// A server with login (a cookie that changes) and consent, as most are.
fn app() -> Stub {
    Stub::answering(|request| {
        let line = request.lines().next().unwrap_or_default();
        let logged_in = request.contains("sid=in");
        let to_login = [
            ("Location", "/login"),
            ("Set-Cookie", "sid=out; Path=/; HttpOnly; Secure"),
            ("Set-Cookie", "more=1; Path=/login"),
        ];
        match line.split(' ').take(2).collect::<Vec<_>>()[..] {
            ["POST", "/login"] if request.contains("sid=out") && request.ends_with("password=pw") => {
                http("303 See Other", &[("Location", "/authorize?client_id=a"), ("Set-Cookie", "sid=in; Path=/")], "")
            }
            [_, "/login"] => page(LOGIN),
            ["POST", "/consent"] if logged_in && request.ends_with("d=allow") => found("https://app.example/cb?code=1"),
            ["POST", "/consent"] if logged_in => found("https://app.example/cb?error=access_denied"),
            _ if logged_in => page(CONSENT),
            _ => http("302 Found", &to_login, ""),
        }
    })
}

fn left(seen: &Observation) -> (&str, &str) {
    seen.redirect.as_ref().map_or(("", ""), |redirect| (redirect.via.as_str(), redirect.url.as_str()))
}

#[tokio::test]
async fn it_logs_in_answers_the_consent_and_stops_at_the_client() {
    let (stub, other) = (app(), app());
    let seen = visit(&stub, Asked::default()).await;
    assert_eq!((left(&seen), &seen.stuck), (("header", "https://app.example/cb?code=1"), &None));
    let targets: Vec<String> =
        seen.exchanges.iter().map(|exchange| exchange.request.url.replace(&stub.origin(), "")).collect();
    assert_eq!(targets, ["/authorize?client_id=a", "/login", "/login", "/authorize?client_id=a", "/consent"]);
    let denied = visit(&other, Asked { consent: Consent::Deny, ..Asked::default() }).await;
    assert_eq!(left(&denied).1, "https://app.example/cb?error=access_denied");
}

#[tokio::test]
async fn who_remembers_consent_cannot_be_denied_it() {
    let remembers = Stub::answering(|request| match request.starts_with("POST ") {
        true => found("https://app.example/cb?code=1"),
        false => page(LOGIN),
    });
    let refuses = Stub::answering(|_| found("https://app.example/cb?error=access_denied"));
    let deny = || Asked { consent: Consent::Deny, ..Asked::default() };
    assert!(went_through_unasked(&visit(&remembers, deny()).await));
    assert!(!went_through_unasked(&visit(&refuses, deny()).await));
    assert!(!went_through_unasked(&visit(&app(), deny()).await));
}

#[tokio::test]
async fn another_site_posts_without_hidden_fields_and_same_site_cookies() {
    const TICKET: &str = "<form method=post action=/consent><input type=hidden name=csrf value=1><button name=d value=allow>Allow</button><button name=d value=deny>Deny</button></form>";
    let stub = Stub::answering(|request| match request.split(' ').next() {
        Some("POST") => found("https://app.example/cb?code=1"),
        _ => http(
            "200 OK",
            &[("Content-Type", "text/html"), ("Set-Cookie", "lax=1; SameSite=Lax"), ("Set-Cookie", "none=1")],
            TICKET,
        ),
    });
    let seen = visit(&stub, Asked { forged: true, ..Asked::default() }).await;
    let posted = stub.asked().pop().unwrap();
    assert!(seen.redirect.is_some() && posted.to_lowercase().contains("origin: https://attacker.example"), "{posted}");
    assert!(posted.ends_with("d=allow") && !posted.contains("csrf"), "{posted}");
    assert!(posted.contains("none=1") && !posted.contains("lax=1"), "{posted}");
}

#[tokio::test]
async fn every_cookie_is_kept_and_sent_where_it_belongs() {
    let stub = app();
    visit(&stub, Asked::default()).await;
    let asked = stub.asked();
    let cookies =
        |at: usize| asked[at].lines().find_map(|line| line.to_lowercase().strip_prefix("cookie: ").map(str::to_owned));
    let sent: Vec<Option<String>> = (0..asked.len()).map(cookies).collect();
    let wanted = [None, Some("more=1; sid=out"), Some("more=1; sid=out"), Some("sid=in"), Some("sid=in")];
    assert_eq!(sent, wanted.map(|cookies| cookies.map(str::to_owned)));
    assert!(asked[2].to_lowercase().contains("referer: ") && asked[2].to_lowercase().contains("origin: "));
}

#[tokio::test]
async fn it_stops_at_the_first_page_or_at_the_consent_when_told() {
    let stub = app();
    let first = visit(&stub, Asked { until: Until::Page, ..Asked::default() }).await;
    assert!(first.response().unwrap().text().contains("password") && first.exchanges.len() == 2);
    let consent = visit(&stub, Asked { until: Until::Consent, ..Asked::default() }).await;
    assert!(consent.response().unwrap().text().contains("Allow") && consent.exchanges.len() == 4);
    assert_eq!((consent.redirect, consent.stuck), (None, None));
}

#[tokio::test]
async fn a_login_page_that_comes_back_is_where_it_gets_stuck() {
    let seen = visit(&Stub::of(Manner::LoginPage), Asked::default()).await;
    assert!(seen.stuck.unwrap().starts_with("the login page came back: “Log in”"));
    assert_eq!(seen.exchanges.len(), 2);
}

#[tokio::test]
async fn no_manner_of_server_hangs_it_or_makes_a_redirect_up() {
    for manner in Manner::ALL {
        let seen = visit(&Stub::of(manner), Asked::default()).await;
        let leaves = manner == Manner::RedirectToFile;
        assert_eq!(seen.redirect.is_some(), leaves, "{manner:?}");
        let gets_stuck = matches!(manner, Manner::LoginPage | Manner::RedirectLoop | Manner::HugeForm);
        assert_eq!(seen.stuck.is_some(), gets_stuck, "{manner:?}: {:?}", seen.stuck);
        assert!(seen.exchanges.len() <= HOPS, "{manner:?}");
    }
}

#[tokio::test]
async fn an_error_page_is_a_result_and_its_forms_are_left_alone() {
    let stub = Stub::answering(|_| http("400 Bad Request", &[("Content-Type", "text/html")], CONSENT));
    let seen = visit(&stub, Asked::default()).await;
    assert_eq!((seen.exchanges.len(), seen.redirect, seen.stuck), (1, None, None));
}

#[tokio::test]
async fn a_client_on_the_targets_own_origin_is_not_requested() {
    let stub = Stub::answering(|_| found("/client/cb?code=1"));
    let stops = vec![stub.url("/client/cb")];
    let seen = visit(&stub, Asked { stops, ..Asked::default() }).await;
    assert_eq!((left(&seen).1, stub.asked().len()), ("/client/cb?code=1", 1));
}

#[tokio::test]
async fn other_schemes_and_unreadable_addresses_end_the_visit() {
    for location in ["com.example.app:/cb?code=1", "javascript:alert(1)", "http://[oops"] {
        let stub = Stub::answering(move |_| found(location));
        let seen = visit(&stub, Asked::default()).await;
        assert_eq!((left(&seen).1, stub.asked().len()), (location, 1));
    }
}

#[tokio::test]
async fn a_307_repeats_the_post_and_a_302_does_not() {
    for (status, method) in [("307 Temporary Redirect", "POST /b "), ("302 Found", "GET /b ")] {
        let stub = Stub::answering(move |request| match request {
            _ if request.starts_with("POST /a") => http(status, &[("Location", "/b")], ""),
            _ if request.contains(" /b ") => found(CLIENT),
            _ => page("<form method=post action=/a><button name=d value=1>Allow</button></form>"),
        });
        let seen = visit(&stub, Asked::default()).await;
        let last = stub.asked().pop().unwrap();
        assert_eq!(left(&seen).1, CLIENT);
        assert!(last.starts_with(method) && last.ends_with("d=1") == (method == "POST /b "), "{last}");
    }
}

#[tokio::test]
async fn forms_on_the_way_are_submitted_and_a_form_post_to_the_client_is_read() {
    let stub = Stub::answering(|request| match request {
        _ if request.starts_with("POST /relay") && request.ends_with("t=1") => page(&format!(
            "<form method=post action={CLIENT}><input type=hidden name=code value=c></form><script>document.forms[0].submit()</script>"
        )),
        _ => page(
            "<body onload='document.forms[0].submit()'><form method=post action=/relay><input type=hidden name=t value=1></form>",
        ),
    });
    let seen = visit(&stub, Asked::default()).await;
    assert_eq!(left(&seen), ("form_post", CLIENT));
    assert_eq!(seen.redirect.unwrap().form, [("code".to_owned(), "c".to_owned())]);
}

#[tokio::test]
async fn a_deny_link_to_the_client_is_read_and_not_requested() {
    let stub = Stub::answering(|_| {
        page(
            "<form method=post><button>Continue</button></form><a href='https://app.example/cb?error=access_denied'>Cancel</a>",
        )
    });
    let seen = visit(&stub, Asked { consent: Consent::Deny, ..Asked::default() }).await;
    assert_eq!(left(&seen), ("link", "https://app.example/cb?error=access_denied"));
    assert_eq!((stub.asked().len(), seen.stuck), (1, None));
}

#[tokio::test]
async fn actions_are_read_against_the_base_of_the_page() {
    let stub = Stub::answering(|request| match request {
        _ if request.starts_with("GET /deep/er/go?x=1&d=allow ") => found(CLIENT),
        _ if request.starts_with("GET /authorize") => page(
            "<base href=/deep/er/><form action=go?old=1><input type=hidden name=x value=1><button name=d value=allow>Allow</button></form>",
        ),
        _ => http("404 Not Found", &[], ""),
    });
    assert_eq!(left(&visit(&stub, Asked::default()).await).1, CLIENT);
}

#[tokio::test]
async fn a_page_that_wants_multipart_gets_it() {
    let stub = Stub::answering(|request| match request {
        _ if request.contains("name=\"d\"\r\n\r\nallow\r\n--") => found(CLIENT),
        _ => page("<form method=post enctype=multipart/form-data><button name=d value=allow>Allow</button></form>"),
    });
    assert_eq!(left(&visit(&stub, Asked::default()).await).1, CLIENT);
}

#[tokio::test]
async fn drivers_without_pages_send_what_they_have() {
    let drivers = [
        (Login::Query(LoginQuery::default()), "/authorize?client_id=a&username=alice&password=pw HTTP"),
        (Login::Cookie(LoginCookie { name: "session".into() }), "session=s3cret"),
        (Login::Header(LoginHeader { name: "x-user".into() }), "x-user: s3cret"),
        (Login::None(LoginNone {}), "/authorize?client_id=a HTTP"),
    ];
    for (login, sent) in drivers {
        let stub = Stub::answering(|request| if request.starts_with("POST") { found(CLIENT) } else { page(CONSENT) });
        let seen = visit(&stub, Asked { login: login.clone(), ..Asked::default() }).await;
        assert_eq!(left(&seen).1, CLIENT, "consent pages are answered: {login:?}");
        assert!(stub.asked()[0].to_lowercase().contains(&sent.to_lowercase()), "{login:?}: {}", stub.asked()[0]);
        let wall = visit(&Stub::of(Manner::LoginPage), Asked { login, ..Asked::default() }).await;
        assert!(wall.stuck.unwrap().starts_with("the page asks to log in"));
    }
}

fn requests() -> Login {
    let call = |url: &str, json: Option<&str>| Some(Call { url: url.into(), json: json.map(str::to_owned) });
    Login::Requests(LoginRequests {
        log_in: call("/sign-in", Some(r#"{"name":"{username}","password":"{password}"}"#)),
        open_device: call("/device?code={user_code}", None),
        approve_device: call("/device/approve", Some(r#"{"code":"{user_code}"}"#)),
        deny_device: None,
    })
}

#[tokio::test]
async fn requests_log_in_where_pages_are_for_scripts() {
    let stub = Stub::answering(|request| match request {
        _ if request.starts_with("POST") => http("200 OK", &[("Set-Cookie", "session=1")], "{}"),
        _ if request.to_lowercase().contains("cookie: session=1") => found(CLIENT),
        _ => http("401 Unauthorized", &[], ""),
    });
    let seen = visit(&stub, Asked { login: requests(), ..Asked::default() }).await;
    assert_eq!(left(&seen).1, CLIENT);
    assert!(stub.asked()[0].contains(r#"{"name":"alice","password":"pw"}"#), "{}", stub.asked()[0]);
    let wall = visit(&Stub::of(Manner::LoginPage), Asked { login: requests(), ..Asked::default() }).await;
    assert!(wall.stuck.is_some());
}

#[tokio::test]
async fn a_device_is_opened_and_approved_by_requests() {
    let stub = Stub::answering(|_| http("200 OK", &[], "{}"));
    let asked = Asked { login: requests(), user_code: Some("WDJB MJHT".into()), ..Asked::default() };
    let seen = visit(&stub, asked).await;
    assert!(seen.asked && seen.stuck.is_none());
    let lines: Vec<String> = stub.asked().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    let wanted = ["POST /sign-in HTTP/1.1", "GET /device?code=WDJB+MJHT HTTP/1.1", "POST /device/approve HTTP/1.1"];
    assert_eq!(lines, wanted);
}

#[tokio::test]
async fn a_command_gets_the_url_and_prints_the_redirect() {
    let run = |script: &str| {
        Login::Command(LoginCommand {
            run: ["sh", "-c", script, "{url}", "{username}", "{answer}"].map(str::to_owned).into(),
            seconds: None,
        })
    };
    let stub = Stub::of(Manner::Empty);
    let login = run("echo working; echo \"https://app.example/cb?code=$1-$2\"; echo");
    let seen = visit(&stub, Asked { login, ..Asked::default() }).await;
    assert_eq!(left(&seen), ("header", "https://app.example/cb?code=alice-approve"));
    let failed = visit(&stub, Asked { login: run("exit 3"), ..Asked::default() }).await;
    assert!(failed.stuck.unwrap().contains("printed no redirect"));
    assert!(stub.asked().is_empty());
}

#[test]
fn cookies_follow_their_attributes() {
    let table = BTreeMap::from([
        ("a=1; Path=/; Secure; HttpOnly; SameSite=None", true),
        ("a=1", true),
        ("a=1; Path=/other", false),
        ("a=1; Max-Age=0", false),
        ("a=1; Domain=evil.example", false),
    ]);
    for origin in ["http://127.0.0.1:4000", "http://localhost:4000", "http://[::1]:4000", "https://as.example"] {
        for (cookie, kept) in &table {
            let mut browser = Browser::new();
            let headers = vec![("set-cookie".to_owned(), (*cookie).to_owned())];
            let response = Response { status: 200, headers, body: Vec::new() };
            let request = Request { url: format!("{origin}/login"), ..Request::default() };
            browser.store(&Exchange::of(request, Answer::Response(response)));
            assert_eq!(browser.cookies_for(&format!("{origin}/authorize")).is_some(), *kept, "{origin} {cookie}");
        }
    }
}
