//! The two formats that people write: read, or refused with words that point into the file.

use std::sync::{Arc, LazyLock};

use crate::modes::reference;
use crate::plan::plan;
use crate::scenario::{Check, Suite};
use crate::target::Target;

/// Any text as a scenario file. What is read can be planned, stays read with a comment behind it, and is refused with an
/// unknown key in front of it.
pub fn scenario_file(text: &str) {
    static WORLD: LazyLock<(Suite, Target)> =
        LazyLock::new(|| (Suite::embedded().expect("the suite is tested"), reference()));
    let read = |text: String| Check::parse("fuzz".into(), text);
    match read(text.to_owned()) {
        Err(error) => assert!(!error.trim().is_empty()),
        Ok(check) => {
            plan(&Arc::new(check), &WORLD.0, &WORLD.1);
            assert!(read(format!("{text}\n# more\n")).is_ok(), "a comment spoils the file");
            assert!(read(format!("no_such_key = 1\n{text}")).is_err(), "an unknown key is read");
        }
    }
}

/// Any text as a target file. What is read stays read with a comment behind it, is refused with an unknown key in front of
/// it, and hides its secrets.
pub fn target_file(text: &str) {
    let read = |text: &str| Target::from_toml("fuzz.toml", text);
    let target = match read(text) {
        Err(error) => return assert!(!error.to_string().trim().is_empty()),
        Ok(target) => target,
    };
    assert!(read(&format!("{text}\n# more\n")).is_ok(), "a comment spoils the file");
    assert!(read(&format!("no_such_key = 1\n{text}")).is_err(), "an unknown key is read");
    let secrets = target.secrets();
    let redactor = secrets.redactor();
    let of_clients = target.clients.values().filter_map(|client| client.secret.as_deref());
    let of_users = target.users.values().map(|user| user.password.as_str());
    for secret in of_clients.chain(of_users).filter(|secret| secret.chars().count() >= 4) {
        let shown = redactor.redact(&format!("<{secret}>"));
        assert!(!shown.contains(secret), "{secret:?} is shown as {shown:?}");
    }
}
