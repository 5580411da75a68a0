//! The device grant: its codes, its pages, and polling.

use super::*;

const GRANT: &str = "grant_type=urn:ietf:params:oauth:grant-type:device_code";

impl Probe {
    pub fn devices(&mut self) {
        self.post("/device_authorization", "client_id=app");
        self.post("/device_authorization", "client_id=limited&client_secret=limited-secret-99aabbccddeeff00");
        let mut browser = Browser::default();
        self.open_device(&mut browser, "/device");
        let page = self.open_device(&mut browser, "/device?user_code=WDJB-MJHT");
        let page = browser.submit(&self.provider, &page, "username=alice&password=wonderland-4711");
        self.note(page);
        self.approved_device(&mut browser);
        self.denied_device(&mut browser);
        self.hasty_device(&mut browser);
        self.forged_approval(&mut browser);
        self.guessed_devices(&mut browser);
    }

    fn open_device(&mut self, browser: &mut Browser, target: &str) -> Response {
        let page = browser.open(&self.provider, target);
        self.note(page)
    }

    /// The device code and the user code of a device of `app`.
    fn device(&mut self) -> (String, String) {
        let answer = self.post("/device_authorization", &format!("{APP}&scope=read"));
        (member(&answer, "device_code"), member(&answer, "user_code"))
    }

    fn poll(&mut self, client: &str, device_code: &str) -> Response {
        self.post("/token", &format!("{client}&{GRANT}&device_code={device_code}"))
    }

    fn approved_device(&mut self, browser: &mut Browser) {
        let (device_code, user_code) = self.device();
        self.poll(APP, &device_code);
        let page = self.open_device(browser, &format!("/device?user_code={}", user_code.to_lowercase()));
        let done = browser.submit(&self.provider, &page, "scope=read&decision=approve");
        self.note(done);
        self.poll(OTHER, &device_code);
        self.poll("client_id=app", &device_code);
        let answer = self.poll(APP, &device_code);
        self.use_tokens(&answer);
        self.poll(APP, &device_code);
        self.poll(APP, "invented");
    }

    fn denied_device(&mut self, browser: &mut Browser) {
        let (device_code, user_code) = self.device();
        let page = self.open_device(browser, &format!("/device?user_code={user_code}"));
        let done = browser.submit(&self.provider, &page, "decision=deny");
        self.note(done);
        self.poll(APP, &device_code);
    }

    fn hasty_device(&mut self, browser: &mut Browser) {
        let (device_code, user_code) = self.device();
        self.poll(APP, &device_code);
        self.poll(APP, &device_code);
        let page = self.open_device(browser, &format!("/device?user_code={user_code}"));
        browser.submit(&self.provider, &page, "scope=read&decision=approve");
        self.poll(APP, &device_code);
        let (late, _) = self.device();
        self.now += 601_000;
        self.poll(APP, &late);
        self.now -= 601_000;
    }

    /// The form of another site has no ticket.
    fn forged_approval(&mut self, browser: &mut Browser) {
        let (device_code, user_code) = self.device();
        self.open_device(browser, &format!("/device?user_code={user_code}"));
        let form = Request::post("/consent", "scope=read&decision=approve");
        self.send(form.with("Cookie", &browser.cookie));
        self.poll(APP, &device_code);
    }

    fn guessed_devices(&mut self, browser: &mut Browser) {
        let (_, user_code) = self.device();
        for _ in 0..30 {
            self.open_device(browser, "/device?user_code=AAAA-AAAA");
        }
        self.open_device(browser, &format!("/device?user_code={user_code}"));
    }
}
