//! The device grant of a healthy provider, end to end, through `handle`.

use crate::browser::*;
use reference_server::{Conduct, Config, Provider, Random, Request, Response};

#[test]
fn a_device_gets_tokens_once_its_user_has_approved() {
    let provider = provider();
    let device = device(&provider);
    assert_eq!(poll(&provider, &device, NOW), (400, "authorization_pending".into()));
    decide(&provider, &member(&device, "user_code"), "scope=read&decision=approve");
    assert_eq!(poll(&provider, &device, NOW), (200, String::new()));
    assert_eq!(poll(&provider, &device, NOW), (400, "invalid_grant".into()));
}

#[test]
fn a_device_whose_user_refused_is_told() {
    let provider = provider();
    let device = device(&provider);
    decide(&provider, &member(&device, "user_code"), "decision=deny");
    assert_eq!(poll(&provider, &device, NOW), (400, "access_denied".into()));
}

#[test]
fn a_device_gets_nothing_once_its_user_was_switched_off() {
    let provider = provider();
    let device = device(&provider);
    decide(&provider, &member(&device, "user_code"), "scope=read&decision=approve");
    provider.switch_user("alice", false);
    assert_eq!(poll(&provider, &device, NOW), (400, "invalid_grant".into()));
    provider.switch_user("alice", true);
    assert_eq!(poll(&provider, &device, NOW), (200, String::new()));
}

#[test]
fn a_decision_without_the_ticket_of_its_page_is_none() {
    let provider = provider();
    let device = device(&provider);
    let mut browser = Browser::default();
    let page = browser.open(&provider, &format!("/device?user_code={}", member(&device, "user_code")));
    browser.submit(&provider, &page, "username=alice&password=wonderland-4711");
    let decision = Request::post("/consent", "scope=read&decision=approve").with("Cookie", &browser.cookie);
    assert_eq!(provider.handle(&decision, NOW).status, 403);
    assert_eq!(poll(&provider, &device, NOW), (400, "authorization_pending".into()));
}

#[test]
fn user_codes_are_of_twenty_letters_each() {
    let provider = provider();
    let codes: Vec<String> = (0..100).map(|_| member(&device(&provider), "user_code")).collect();
    let mut letters: Vec<char> = codes.iter().flat_map(|code| code.chars()).filter(|letter| *letter != '-').collect();
    assert!(letters.len() == 800 && codes.iter().all(|code| code.len() == 9 && code.find('-') == Some(4)));
    letters.sort_unstable();
    letters.dedup();
    assert_eq!(letters.iter().collect::<String>(), "BCDFGHJKLMNPQRSTVWXZ");
}

#[test]
fn each_poll_that_comes_too_soon_makes_the_interval_longer() {
    let provider = provider();
    let device = device(&provider);
    let told: Vec<String> =
        [0, 4_999, 14_998, 29_997, 49_997].map(|after| poll(&provider, &device, NOW + after).1).into();
    assert_eq!(told, ["authorization_pending", "slow_down", "slow_down", "slow_down", "authorization_pending"]);
}

#[test]
fn an_expired_device_is_told_so_and_its_user_code_is_dead() {
    let provider = provider();
    let device = device(&provider);
    assert_eq!(poll(&provider, &device, NOW + 600_000), (400, "expired_token".into()));
    assert_eq!(poll(&provider, &device, NOW + 1_200_000), (400, "invalid_grant".into()));
}

#[test]
fn codes_are_typed_as_people_type_and_a_wrong_one_is_asked_for_again() {
    let provider = provider();
    let (code, mut browser) = (member(&device(&provider), "user_code"), Browser::default());
    let page = browser.open(&provider, "/device");
    let page = browser.submit(&provider, &page, "username=alice&password=wonderland-4711");
    let wrong = browser.submit(&provider, &page, "user_code=aaaa-aaaa");
    assert!(wrong.status == 400 && text(&wrong).contains("no device waits"), "{}", text(&wrong));
    let plain = code.replace('-', "+").to_lowercase();
    let asked = text(&browser.submit(&provider, &wrong, &format!("user_code={plain}")));
    assert!(asked.contains(&code) && asked.contains("Example App"), "{asked}");
}

#[test]
fn after_many_wrong_codes_a_right_one_has_to_wait() {
    let provider = provider();
    let (code, mut browser) = (member(&device(&provider), "user_code"), Browser::default());
    let page = browser.open(&provider, "/device");
    browser.submit(&provider, &page, "username=alice&password=wonderland-4711");
    for _ in 0..25 {
        browser.open(&provider, "/device?user_code=AAAA-AAAA");
    }
    let put_off = browser.open(&provider, &format!("/device?user_code={code}"));
    assert_eq!((put_off.status, put_off.header("retry-after")), (429, Some("60")));
}

fn provider() -> Provider {
    Provider::new(Config::default(), Conduct::default(), Random::seeded(1))
}

fn device(provider: &Provider) -> Response {
    provider.handle(&Request::post("/device_authorization", APP), NOW)
}

/// The user logs in, is asked and answers.
fn decide(provider: &Provider, user_code: &str, answer: &str) {
    let mut browser = Browser::default();
    let page = browser.open(provider, &format!("/device?user_code={user_code}"));
    let page = browser.submit(provider, &page, "username=alice&password=wonderland-4711");
    let done = browser.submit(provider, &page, answer);
    assert!(text(&done).contains("go back to your device"), "{}", text(&done));
}

/// Status and error of a poll.
fn poll(provider: &Provider, device: &Response, now: u64) -> (u16, String) {
    let grant = "grant_type=urn:ietf:params:oauth:grant-type:device_code";
    let form = format!("{APP}&{grant}&device_code={}", member(device, "device_code"));
    let answer = provider.handle(&Request::post("/token", &form), now);
    (answer.status, member(&answer, "error"))
}
