//! The page of a run in a real browser: two widths, light and dark, filters, search and keys. Without chromium and chromedriver on the
//! machine it says so and proves nothing. Pictures are left in the folder of temporary files.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A browser that chromedriver drives; it ends with the value.
struct Browser {
    driver: Child,
    session: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Browser {
    /// `None` when the machine has none.
    fn start() -> Option<Self> {
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().ok()?;
        let mut output = BufReader::new(driver.stdout.take()?);
        let port = port(&mut output)?;
        driver.stdout = Some(output.into_inner());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let client = reqwest::Client::builder().no_proxy().build().ok()?;
        let mut browser = Self { driver, session: format!("http://127.0.0.1:{port}/session"), client, runtime };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
        ];
        let options = json!({ "args": arguments });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let id = browser.post("", &wanted)["sessionId"].as_str()?.to_owned();
        browser.session = format!("{}/{id}", browser.session);
        Some(browser)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.runtime.block_on(async {
            let answer = self.client.post(format!("{}{path}", self.session)).json(body).send().await.unwrap();
            answer.json::<Value>().await.unwrap()["value"].take()
        })
    }

    fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What an expression gives in the page.
    fn value(&self, expression: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": format!("return {expression}"), "args": [] }))
    }

    fn keys(&self, keys: &str) {
        let press = |key: char| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
        let actions: Vec<Value> = keys.chars().flat_map(press).collect();
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
    }

    fn look(&self, width: u32, scheme: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": scheme }));
    }

    fn picture(&self, path: &Path) {
        let shot = self.devtools("Page.captureScreenshot", json!({ "format": "png" }));
        std::fs::write(path, STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()).unwrap();
    }
}

/// The port that the driver says it took.
fn port(output: &mut BufReader<ChildStdout>) -> Option<u16> {
    let mut lines = output.lines().map_while(Result::ok);
    lines.find_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok())
}

impl Drop for Browser {
    fn drop(&mut self) {
        let deleted = self.client.delete(&self.session);
        // The browser is gone with its driver, whether or not it said goodbye.
        let _ = self.runtime.block_on(deleted.send());
        let _ = self.driver.kill().and_then(|()| self.driver.wait().map(drop));
    }
}

#[test]
fn the_page_of_a_run_works_at_every_width_in_both_schemes_and_by_keyboard() {
    let Some(browser) = Browser::start() else {
        eprintln!("skipped: chromedriver and chromium are not installed");
        return;
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let page = folder.join("run.html");
    write(&page);
    let open = || browser.post("/url", &json!({ "url": format!("file://{}", page.display()) }));
    for (width, scheme, ground) in [(1280, "light", "rgb(246, 247, 249)"), (420, "dark", "rgb(20, 23, 28)")] {
        browser.look(width, scheme);
        open();
        browser.picture(&folder.join(format!("run-{width}-{scheme}.png")));
        assert_eq!(browser.value("document.documentElement.scrollWidth <= innerWidth"), true, "wider than {width}");
        assert_eq!(browser.value("getComputedStyle(document.body).backgroundColor"), ground);
    }
    assert_eq!(browser.value("performance.getEntriesByType('resource').length"), 0, "something was loaded");
    keyboard(&browser);
    let link = "document.querySelector('.found a')";
    browser.value(&format!("{link}.click()"));
    let target = browser.value(&format!("document.getElementById({link}.hash.slice(1)).open"));
    assert_eq!(target, true, "a link opens what it leads to");
    browser.picture(&folder.join("run-opened.png"));
}

const SHOWN: &str = "document.querySelectorAll('details.check:not([hidden])').length";
const ALL: &str = "document.querySelectorAll('details.check').length";
const GRAVE: &str = "document.querySelectorAll('.check.fail, .check.flaky, .check.blocked, .check.warn').length";

fn keyboard(browser: &Browser) {
    assert_eq!(browser.value(SHOWN), browser.value(GRAVE), "what deviates is shown first");
    browser.keys("f");
    assert_eq!(browser.value(SHOWN), browser.value(ALL));
    browser.keys("/");
    assert_eq!(browser.value("document.activeElement.id"), "search");
    browser.keys("code-is-single");
    assert_eq!(browser.value(SHOWN), 1);
    browser.keys("\u{e00c}");
    assert_eq!(browser.value(SHOWN), browser.value(ALL), "Escape shows everything");
    browser.keys("fj\u{e007}");
    let focused = "document.activeElement.closest('details.check')";
    assert_eq!(browser.value(&format!("{focused}.open")), true, "Enter opens what j went to");
    let first = browser.value(&format!("{focused}.id"));
    browser.keys("j");
    assert_ne!(browser.value(&format!("{focused}.id")), first);
    browser.keys("k");
    assert_eq!(browser.value(&format!("{focused}.id")), first);
}

/// The page of a run with failures among many that pass.
fn write(page: &Path) {
    let report = format!("html={}", page.display());
    let defects = ["--defect", "code-reusable", "--defect", "token-error-description-echoes-input"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantcheck"));
    let output = command.args(["run", "--report", &report, "rfc6749"]).args(defects).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}
