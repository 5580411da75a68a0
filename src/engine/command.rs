//! The login driver `command`: a program of the user's gets the URL and prints the redirect.

use std::process::Stdio;
use std::time::Duration;

use super::browser::Visit;
use crate::exchange::{Answer, Exchange, Observation, Redirect, Request, Response};
use crate::scenario::Consent;
use crate::target::LoginCommand;

/// Longer than any scripted login.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs the program; its last line that is not empty is where the browser was sent.
pub async fn run(command: &LoginCommand, request: Request, visit: &Visit<'_>) -> Observation {
    let answer = if visit.consent == Consent::Deny { "deny" } else { "approve" };
    let fill = |word: &String| {
        let filled = word.replace("{url}", &request.url).replace("{username}", &visit.user.username);
        filled.replace("{password}", &visit.user.password).replace("{answer}", answer)
    };
    let words: Vec<String> = command.run.iter().map(fill).collect();
    let Some((program, arguments)) = words.split_first() else {
        return stuck(request.clone(), "the command is empty".into());
    };
    let running =
        tokio::process::Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(LIMIT, running).await {
        Err(_) => stuck(request.clone(), format!("`{program}` took longer than {} s", LIMIT.as_secs())),
        Ok(Err(error)) => stuck(request.clone(), format!("`{program}`: {error}")),
        Ok(Ok(output)) => {
            match String::from_utf8_lossy(&output.stdout).lines().map(str::trim).rfind(|line| !line.is_empty()) {
                Some(url) if output.status.success() => redirected(request.clone(), url),
                _ => stuck(request.clone(), format!("`{program}` printed no redirect ({})", output.status)),
            }
        }
    }
}

fn redirected(request: Request, url: &str) -> Observation {
    let response = Response { status: 302, headers: vec![("location".into(), url.into())], body: Vec::new() };
    let read = url::Url::parse(url).map(String::from).unwrap_or_default();
    let redirect = Redirect { url: url.into(), read, via: "header".into(), form: Vec::new() };
    let exchange = Exchange { request, answer: Answer::Response(response), took_ms: 0 };
    Observation { exchanges: vec![exchange], redirect: Some(redirect), asked: true, ..Observation::default() }
}

fn stuck(request: Request, reason: String) -> Observation {
    let exchange = Exchange { request, answer: Answer::Nothing(reason.clone()), took_ms: 0 };
    Observation { exchanges: vec![exchange], stuck: Some(reason), ..Observation::default() }
}
