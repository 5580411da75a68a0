//! The login driver `command`: a program of the user's gets the URL and prints the redirect.

use std::time::Duration;

use super::browser::Visit;
use super::program;
use crate::exchange::{Answer, Exchange, Observation, Redirect, Request, Response};
use crate::scenario::Consent;
use crate::target::LoginCommand;

/// Runs the program; its last line that is not empty is where the browser was sent.
pub async fn run(command: &LoginCommand, request: Request, visit: &Visit<'_>) -> Observation {
    let answer = if visit.consent == Consent::Deny { "deny" } else { "approve" };
    let fill = |word: &String| {
        let filled = word.replace("{url}", &request.url).replace("{username}", &visit.user.username);
        filled.replace("{password}", &visit.user.password).replace("{answer}", answer)
    };
    let words: Vec<String> = command.run.iter().map(fill).collect();
    let output = match program::output_within(&words, command.seconds.map(Duration::from_secs)).await {
        Ok(output) => output,
        Err(reason) => return stuck(request.clone(), reason),
    };
    match String::from_utf8_lossy(&output.stdout).lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(url) if output.status.success() => redirected(request.clone(), url),
        _ => stuck(request.clone(), format!("`{}` printed no redirect ({})", words[0], output.status)),
    }
}

pub(super) fn redirected(request: Request, url: &str) -> Observation {
    let response = Response { status: 302, headers: vec![("location".into(), url.into())], body: Vec::new() };
    let read = url::Url::parse(url).map(String::from).unwrap_or_default();
    let redirect = Redirect { url: url.into(), read, via: "header".into(), form: Vec::new() };
    let exchange = Exchange::of(request, Answer::Response(response));
    Observation { exchanges: vec![exchange], redirect: Some(redirect), asked: true, ..Observation::default() }
}

pub(super) fn stuck(request: Request, reason: String) -> Observation {
    let exchange = Exchange::of(request, Answer::Nothing(reason.clone()));
    Observation { exchanges: vec![exchange], stuck: Some(reason), ..Observation::default() }
}
