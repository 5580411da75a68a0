//! The login driver `webdriver`: a real browser goes through pages that need scripts. It learns pages as the form driver
//! does, from what the browser shows; it can reach the target and nothing else.

use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

use super::browser::Visit;
use super::command::{redirected, stuck};
use super::driver::{Answers, Move, decide, in_words};
use super::redirect::leaves;
use crate::exchange::{Observation, Redirect, Request};
use crate::judge::forms::{Control, Form, Page};
use crate::target::LoginWebdriver;
use crate::wire::Wire;

/// How long one login may take unless the target file says otherwise.
const LIMIT: Duration = Duration::from_secs(30);

/// How often the page is looked at while it loads.
const LOOK: Duration = Duration::from_millis(50);

/// Tells what can be filled in and pressed, and marks each control so that it is found again.
const READ: &str = r#"
const shown = element => element.getClientRects().length > 0 && !element.disabled;
const label = element => [...(element.labels || [])].map(label => label.innerText).join(' ');
const found = [...document.querySelectorAll('input,textarea,select,button,[role=button]')].filter(shown);
return {
  answered: !!window.grantcheckAnswered,
  title: document.title,
  text: document.body ? document.body.innerText : '',
  controls: found.map((element, at) => {
    element.setAttribute('data-grantcheck', at);
    const tag = element.tagName.toLowerCase();
    const presses = tag === 'button' || element.getAttribute('role') === 'button' || ['submit', 'image', 'button'].includes(element.type);
    return {
      kind: presses ? 'submit' : tag === 'input' ? element.type : tag,
      value: element.value || '',
      checked: !!element.checked,
      options: [...(element.options || [])].map(option => option.value),
      hint: [presses ? element.innerText || element.value : element.placeholder, element.name, element.id, element.autocomplete,
        element.getAttribute('aria-label'), label(element)].filter(text => text).join(' ').toLowerCase(),
    };
  }),
};"#;

/// Goes through the pages; where the browser ends is where it was sent.
pub async fn run(driver: &LoginWebdriver, request: Request, visit: &Visit<'_>, wire: &Wire) -> Observation {
    let limit = driver.seconds.map_or(LIMIT, Duration::from_secs);
    let client = match session(driver, &request.url, wire).await {
        Ok(client) => client,
        Err(reason) => return stuck(request, reason),
    };
    let went = tokio::time::timeout(limit, through(&client, driver, &request.url, visit)).await;
    // A browser that does not close is the WebDriver server's to clean up.
    let _ = client.close().await;
    match went {
        Ok(Ok(url)) => redirected(request, &url),
        Ok(Err(reason)) => stuck(request, reason),
        Err(_) => stuck(request, format!("the browser did not get through in {} s", limit.as_secs())),
    }
}

/// A browser of its own, without cookies, for which no host but the target's has an address.
async fn session(driver: &LoginWebdriver, url: &str, wire: &Wire) -> Result<Client, String> {
    let capabilities = match &driver.capabilities {
        Some(text) => serde_json::from_str(text).map_err(|error| format!("login.webdriver.capabilities: {error}"))?,
        None => headless(url, wire)?,
    };
    let Value::Object(capabilities) = capabilities else {
        return Err("login.webdriver.capabilities: a JSON object is wanted".into());
    };
    let mut builder = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
    let connecting = builder.capabilities(capabilities).connect(&driver.url);
    connecting.await.map_err(|error| format!("the WebDriver server at {}: {error}", driver.url))
}

/// A proxy finds an address for every host, so a browser that goes through one could reach others than the target.
fn headless(url: &str, wire: &Wire) -> Result<Value, String> {
    if let Some(proxy) = wire.proxy(url) {
        return Err(format!(
            "no browser is sent through the proxy {proxy} unless login.webdriver.capabilities say how"
        ));
    }
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let rules = format!("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}");
    let quiet = [
        "--headless=new",
        "--no-sandbox",
        "--no-proxy-server",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
    ];
    let arguments: Vec<&str> = quiet.iter().copied().chain([rules.as_str()]).collect();
    let options = json!({"args": arguments});
    Ok(json!({"browserName": "chrome", "acceptInsecureCerts": wire.is_insecure(), "goog:chromeOptions": options}))
}

async fn through(client: &Client, driver: &LoginWebdriver, url: &str, visit: &Visit<'_>) -> Result<String, String> {
    client.goto(url).await.or_else(ends_elsewhere)?;
    let mut answered: Vec<Vec<Control>> = Vec::new();
    loop {
        let here = client.current_url().await.map_err(told)?;
        let hop = Redirect { url: here.to_string(), read: here.to_string(), via: "header".into(), form: Vec::new() };
        if leaves(url, &hop, &visit.stops) {
            return Ok(here.into());
        }
        let (page, on_its_way) = read(client).await?;
        let controls = controls(&page);
        let answers = Answers {
            user: visit.user,
            user_code: visit.user_code.as_deref(),
            consent: visit.consent,
            approve_scopes: visit.approve_scopes,
            help: &driver.form,
        };
        match decide(&page, &answers) {
            // The page of a script stays the same document, so what was answered is on its way until its controls change.
            Move::Submit { .. } if on_its_way && answered.last() == Some(&controls) => tokio::time::sleep(LOOK).await,
            Move::Submit { .. } if answered.contains(&controls) => {
                return Err(format!("the same page came back: {}", in_words::of(&page)));
            }
            Move::Submit { fields, .. } => {
                act(client, &page, &fields).await?;
                answered.push(controls);
            }
            Move::Stuck(reason) => return Err(reason),
            Move::Follow(_) | Move::Done => tokio::time::sleep(LOOK).await,
        }
    }
}

/// What a page asks, without what was typed already.
fn controls(page: &Page) -> Vec<Control> {
    let controls = page.forms.iter().flat_map(|form| &form.controls);
    controls.map(|control| Control { value: String::new(), checked: false, ..control.clone() }).collect()
}

/// What the browser shows, as a page with one form; controls are named by their marks. And whether this document was
/// answered before.
async fn read(client: &Client) -> Result<(Page, bool), String> {
    let shown = client.execute(READ, Vec::new()).await.map_err(told)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let control = |(at, control): (usize, &Value)| Control {
        name: format!("#{at}"),
        value: text(&control["value"]),
        kind: text(&control["kind"]),
        checked: control["checked"] == true,
        options: control["options"].as_array().into_iter().flatten().map(text).collect(),
        hint: text(&control["hint"]),
        ..Control::default()
    };
    let controls = shown["controls"].as_array().into_iter().flatten().enumerate().map(control).collect();
    let form = Form { method: "POST".into(), controls, ..Form::default() };
    let title = Some(text(&shown["title"])).filter(|title| !title.is_empty());
    let page = Page { forms: vec![form], title, text: text(&shown["text"]), ..Page::default() };
    Ok((page, shown["answered"] == true))
}

/// Types, ticks and presses what was decided. What was pressed comes last among the fields.
async fn act(client: &Client, page: &Page, fields: &[(String, String)]) -> Result<(), String> {
    let mut press = None;
    for control in page.forms.iter().flat_map(|form| &form.controls) {
        let chosen = fields.iter().rfind(|(name, _)| *name == control.name).map(|(_, value)| value);
        match (control.kind.as_str(), chosen) {
            ("submit", Some(_)) => press = Some(element(client, control).await?),
            ("checkbox" | "radio", chosen) if chosen.is_some() != control.checked => {
                element(client, control).await?.click().await.map_err(told)?;
            }
            ("checkbox" | "radio" | "submit", _) | (_, None) => {}
            ("select", Some(value)) => element(client, control).await?.select_by_value(value).await.map_err(told)?,
            (_, Some(value)) if *value != control.value => {
                let element = element(client, control).await?;
                element.clear().await.map_err(told)?;
                element.send_keys(value).await.map_err(told)?;
            }
            _ => {}
        }
    }
    client.execute("window.grantcheckAnswered = true", Vec::new()).await.map_err(told)?;
    match press {
        Some(button) => button.click().await.or_else(ends_elsewhere),
        None => Err(format!("there is nothing to press: {}", in_words::of(page))),
    }
}

async fn element(client: &Client, control: &Control) -> Result<Element, String> {
    let css = format!("[data-grantcheck=\"{}\"]", control.name.trim_start_matches('#'));
    client.find(Locator::Css(&css)).await.map_err(told)
}

/// A browser that is sent to the client finds no such host: that is where it should end.
fn ends_elsewhere(error: CmdError) -> Result<(), String> {
    match error.to_string() {
        text if text.contains("net::ERR_") => Ok(()),
        text => Err(text),
    }
}

fn told(error: CmdError) -> String {
    error.to_string()
}
