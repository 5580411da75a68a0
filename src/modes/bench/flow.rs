//! The flows that can be a load, in terms of the flows of the suite, and who performs them.

use super::audit::{Owner, Wanted};
use crate::plan::{Plan, of_steps};
use crate::scenario::Suite;
use crate::target::{ClientAuth, Target};

/// A flow of a load as one worker performs it.
pub struct Flow {
    /// Its name.
    pub name: &'static str,
    /// The whole flow.
    pub plan: Plan,
    /// Whether only its last request is repeated, and what changes in it; none when all of it is.
    pub repeats: Option<Repeats>,
    /// What its last answer has to give.
    pub wanted: Wanted,
    /// The same with its code redeemed several times at once.
    pub raced: Option<Plan>,
    /// For whom.
    pub owner: Owner,
}

/// How the last request of a flow is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// As it is.
    Same,
    /// With the refresh token of the answer before.
    Chain,
}

/// A line of the table.
struct Kind {
    name: &'static str,
    /// Flows of the suite, in order.
    uses: &'static [&'static str],
    repeats: Option<Repeats>,
    wanted: Wanted,
    /// Whether there is a user.
    login: bool,
    /// Whether the confidential clients take turns; else the flow has its own client.
    turns: bool,
}

const KINDS: &[Kind] = &[
    kind("client-credentials", &["client-credentials"], Some(Repeats::Same), Wanted::Token, false, true),
    kind("code", &["code"], None, Wanted::Token, true, true),
    kind("implicit", &["implicit"], None, Wanted::Token, true, false),
    kind("refresh", &["refresh"], Some(Repeats::Chain), Wanted::Token, true, true),
    kind("introspect", &["client-credentials", "introspect"], Some(Repeats::Same), Wanted::Active, false, true),
    kind("resource", &["code", "resource"], Some(Repeats::Same), Wanted::Success, true, true),
    kind("password", &["password"], Some(Repeats::Same), Wanted::Token, true, false),
    kind("signed-request", &["signed"], None, Wanted::Token, false, false),
];

const fn kind(
    name: &'static str,
    uses: &'static [&'static str],
    repeats: Option<Repeats>,
    wanted: Wanted,
    login: bool,
    turns: bool,
) -> Kind {
    Kind { name, uses, repeats, wanted, login, turns }
}

/// A code that several callers redeem at once.
const RACED: &str = r#"
[[step]]
id       = "raced"
name     = "the client redeems the code several times at once"
repeat   = 4
together = true
[step.send]
to   = "token"
auth = "client"
[step.send.form]
grant_type    = "authorization_code"
code          = "{{code}}"
redirect_uri  = "{{client.redirect_uri}}"
code_verifier = "{{pkce.verifier}}"
"#;

/// The names of all flows.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

impl Flow {
    /// The flow of this name for this worker: workers take turns with the clients and users that there are. `Err` says what
    /// the target lacks.
    pub fn of(name: &str, worker: usize, suite: &Suite, target: &Target) -> Result<Self, String> {
        let kind = KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| format!("there is no flow `{name}`"))?;
        let (role, user) = (role(kind, worker, target), user(worker, target));
        let acting = |used: &&str| {
            let role = role.as_ref().filter(|_| *used != "introspect").map(|role| format!("as = \"{role}\"\n"));
            format!("\n[[step]]\nuse = \"{used}\"\nuser = \"{user}\"\n{}", role.unwrap_or_default())
        };
        let text: String = kind.uses.iter().map(acting).collect();
        let plan = of_steps("bench", &text, suite, target).map_err(|reason| format!("{name}: {reason}"))?;
        let raced = || {
            let text = format!("{}{}", acting(&"code-only"), as_role(RACED, role.as_deref()));
            of_steps("bench", &text, suite, target).ok()
        };
        let step = plan.steps.iter().find(|step| step.step.send.is_some() || step.step.authorize.is_some());
        let client = step.and_then(|step| target.client(&step.role)).ok_or("the flow has no client")?;
        let account = target.user(user).map(|user| user.username.clone());
        let owner = Owner { client: client.id.clone(), user: account.filter(|_| kind.login) };
        let fixed = matches!(client.method(), ClientAuth::Basic | ClientAuth::Post | ClientAuth::None);
        Ok(Self {
            name: kind.name,
            repeats: kind.repeats.filter(|_| fixed),
            wanted: kind.wanted,
            raced: (kind.name == "code").then(raced).flatten(),
            owner,
            plan,
        })
    }
}

/// Confidential clients take turns where there are two of them; else the flow has its own.
fn role(kind: &Kind, worker: usize, target: &Target) -> Option<String> {
    let may = |role: &str| {
        let uses = if kind.login { "authorization_code" } else { "client_credentials" };
        let client = target.clients.get(role)?;
        let secret = matches!(client.method(), ClientAuth::Basic | ClientAuth::Post);
        (client.may_use(uses) && secret && kind.turns).then(|| role.to_owned())
    };
    let roles = [may("confidential")?, may("other")?];
    Some(roles[worker % 2].clone())
}

fn user(worker: usize, target: &Target) -> &'static str {
    if target.users.contains_key("second") && worker / 2 % 2 == 1 { "second" } else { "default" }
}

fn as_role(text: &str, role: Option<&str>) -> String {
    role.map_or_else(|| text.to_owned(), |role| text.replace("[step.send]", &format!("as = \"{role}\"\n[step.send]")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modes::reference;

    #[test]
    fn every_flow_can_be_planned_and_workers_take_turns() {
        let (suite, target) = (Suite::embedded().unwrap(), reference());
        for name in names() {
            let owners: Vec<Owner> =
                (0..4).map(|worker| Flow::of(name, worker, &suite, &target).unwrap().owner).collect();
            let own = ["implicit", "password", "signed-request"].contains(&name);
            assert!(own == (owners[0] == owners[1]), "{name}: {owners:?}");
        }
        let code = |worker| Flow::of("code", worker, &suite, &target).unwrap();
        assert!(code(0).raced.is_some() && code(0).owner.user != code(2).owner.user);
    }
}
