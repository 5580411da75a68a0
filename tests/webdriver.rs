//! A login that needs scripts, through a real browser. Where no chromedriver is on the machine the test says so and ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use grantcheck::Grantcheck;
use grantcheck::target::{Client, Login, LoginForm, LoginWebdriver};
use reference_server::{Provider, Running, config};

const URI: &str = "https://app.example/cb";

/// A chromedriver on a free port, gone when dropped.
struct Chromedriver {
    process: Child,
    url: String,
}

impl Chromedriver {
    fn start() -> Option<Self> {
        let mut process = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().ok()?;
        let output = BufReader::new(process.stdout.take()?);
        let port = output.lines().map_while(Result::ok).find_map(|line| {
            let port = line.rsplit_once("on port ")?.1.trim_end_matches('.').to_owned();
            port.parse::<u16>().ok().filter(|port| *port > 0)
        })?;
        Some(Self { process, url: format!("http://127.0.0.1:{port}") })
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn scripted() -> Running {
    Provider::builder()
        .client(config::Client::confidential("app", "a-secret-of-the-tests").redirect_uri(URI))
        .user("alice", "wonderland")
        .scope("read")
        .configure(|config| config.scripted_pages = true)
        .start()
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

fn check(provider: &Running, login: Login, password: &str) -> Grantcheck {
    let client = Client::confidential("app", "a-secret-of-the-tests", URI);
    let check = Grantcheck::target(provider.issuer()).client("confidential", client).user("alice", password);
    check.login(login).select("rfc6749/4.1.2/code-is-single-use")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_through_pages_that_a_form_driver_cannot_see() {
    let Some(driver) = Chromedriver::start() else {
        return eprintln!("skipped: there is no chromedriver on this machine");
    };
    let provider = scripted().await;
    let learnt = check(&provider, Login::Form(LoginForm::default()), "wonderland").run().await;
    assert!(!learnt.conforms(), "without scripts there is no form");
    let browser = || {
        let form = LoginForm::default();
        Login::Webdriver(LoginWebdriver { url: driver.url.clone(), capabilities: None, form, seconds: Some(60) })
    };
    check(&provider, browser(), "wonderland").run().await.assert_conforms();
    let wrong = check(&provider, browser(), "not-her-password").run().await;
    let told = wrong.to_string();
    assert!(told.contains("password is wrong"), "{told}");
}
