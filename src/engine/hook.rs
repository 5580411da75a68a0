//! Changes at the server itself: a command of the target file, or the provider in the process.

use super::program;
use crate::target::{Target, User};
use crate::wire::Wire;

/// Runs the hook of this name for a user; `Err` says why it did nothing.
pub async fn run(wire: &Wire, target: &Target, name: &str, user: &User) -> Result<(), String> {
    if wire.is_in_process() {
        wire.switch_user(&user.username, name == "enable_user");
        return Ok(());
    }
    let words = target.hooks.get(name).ok_or_else(|| format!("the target file has no hook `{name}`"))?;
    let filled: Vec<String> = words.iter().map(|word| word.replace("{username}", &user.username)).collect();
    match program::output(&filled).await {
        Err(reason) => Err(format!("the hook `{name}`: {reason}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("the hook `{name}` failed ({})", output.status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{Pace, Tls};

    async fn outcome(command: &[&str]) -> Result<(), String> {
        let wire = Wire::network(&Pace::default(), Vec::new(), &Tls::default()).unwrap();
        let words = command.iter().map(ToString::to_string).collect();
        let target = Target { hooks: [("disable_user".to_owned(), words)].into(), ..Target::default() };
        let user = User { username: "bob".into(), password: String::new(), credential: None };
        run(&wire, &target, "disable_user", &user).await
    }

    #[tokio::test]
    async fn a_hook_gets_the_name_of_the_user_and_says_when_it_fails() {
        assert_eq!(outcome(&["test", "{username}", "=", "bob"]).await, Ok(()));
        assert!(outcome(&["test", "{username}", "=", "alice"]).await.unwrap_err().contains("failed"));
        assert!(outcome(&["/no/such/program"]).await.unwrap_err().contains("/no/such/program"));
        assert!(outcome(&[]).await.unwrap_err().contains("empty"));
    }

    #[tokio::test]
    async fn a_hook_that_nobody_wrote_is_named() {
        let wire = Wire::network(&Pace::default(), Vec::new(), &Tls::default()).unwrap();
        let user = User { username: "bob".into(), password: String::new(), credential: None };
        let error = run(&wire, &Target::default(), "enable_user", &user).await.unwrap_err();
        assert_eq!(error, "the target file has no hook `enable_user`");
    }
}
