//! A history as a scenario file. This text is what is played and what is written down, so that both are the same.

mod expected;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::action::*;
use super::forecast::{Prediction, Rotation};
use super::rule::Rule;
use super::world::World;

/// How the steps before the last one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Every step is judged.
    All,
    /// The steps before the last one are set-up.
    Last,
}

/// The scenario file of a history that is about a rule.
pub fn scenario(
    world: &World,
    history: &[(Event, Prediction)],
    about: Rule,
    judged: Judged,
    excused: &dyn Fn(Rule) -> bool,
) -> String {
    let words = about.words();
    let mut text = format!("title  = {:?}\ncovers = {:?}\n", words.title, words.covers);
    let needs = needs(history);
    let _ = writeln!(text, "needs  = {needs:?}\nwhy    = {:?}\nfix    = {:?}", words.why, words.fix);
    let ranks = history.iter().enumerate().map(|(index, (event, _))| (event.id, index + 1)).collect();
    let writer = Writer { world, ranks, used: used(history), excused };
    for (index, (event, prediction)) in history.iter().enumerate() {
        let control = judged == Judged::Last && index + 1 < history.len();
        text.push_str(&writer.step(index + 1, event, prediction, control));
    }
    text
}

/// What a target must offer for a history.
fn needs(history: &[(Event, Prediction)]) -> Vec<&'static str> {
    let mut needs = Vec::new();
    let mut need = |words: &[&'static str]| {
        for word in words.iter().filter(|word| !needs.contains(*word)).copied().collect::<Vec<_>>() {
            needs.push(word);
        }
    };
    for (event, _) in history {
        match &event.action {
            Action::Authorize(asked) if asked.denied => need(&["authorization_code", "scripted_denial"]),
            Action::Authorize(_) | Action::Redeem(_) => need(&["authorization_code", "scripted_user"]),
            Action::Refresh(_) => need(&["refresh_token"]),
            Action::Own(_) => need(&["client_credentials"]),
            Action::Password(_) => need(&["password"]),
            Action::Revoke(_) => need(&["revocation"]),
            Action::Introspect(_) => need(&["introspection"]),
            Action::Call(call) if call.write => need(&["scoped_resources"]),
            Action::Call(_) => need(&["resource_endpoint"]),
            Action::SwitchOff(_) => need(&["hook_disable_user"]),
            Action::Tick(_) => {}
        }
    }
    needs
}

struct Writer<'a> {
    world: &'a World,
    /// Events are called by their place, so that the file is read from top to bottom.
    ranks: BTreeMap<Id, usize>,
    /// What later events go on with; nothing else is captured.
    used: BTreeSet<(Kind, Id)>,
    excused: &'a dyn Fn(Rule) -> bool,
}

/// The codes and tokens that are presented or compared.
fn used(history: &[(Event, Prediction)]) -> BTreeSet<(Kind, Id)> {
    let presented = history.iter().filter_map(|(event, _)| event.action.thing()).map(|thing| (thing.kind, thing.of));
    let given = history.iter().filter_map(|(_, prediction)| prediction.given);
    let compared = given.flat_map(|Rotation { old, new }| [(Kind::Refresh, old), (Kind::Refresh, new)]);
    presented.chain(compared).collect()
}

impl Writer<'_> {
    fn step(&self, rank: usize, event: &Event, prediction: &Prediction, control: bool) -> String {
        let mut text = prediction.given.map(|given| self.given(given)).unwrap_or_default();
        text.push_str(&format!("\n[[step]]\nid = \"step-{rank}\"\n"));
        if control {
            text.push_str("control = true\n");
        }
        text.push_str(&self.act(rank, &event.action));
        text.push_str(&self.captures(rank, event.id));
        text.push_str(&self.expected(rank, &event.action, prediction));
        text
    }

    fn act(&self, rank: usize, action: &Action) -> String {
        match action {
            Action::Authorize(asked) => self.authorize(rank, asked),
            Action::Redeem(redeem) => self.redeem(rank, redeem),
            Action::Refresh(refresh) => self.refresh(rank, refresh),
            Action::Own(own) => {
                let scope = own.scope.template("{{scopes.machine?}}");
                let form = [("grant_type", "client_credentials".into()), ("scope", scope)];
                send("a client asks for a token of its own", "token", own.by, "", &form)
            }
            Action::Password(password) => self.password(password),
            Action::Revoke(revoke) => {
                self.about("withdraws", "revocation", rank, &revoke.token, revoke.by, revoke.hint)
            }
            Action::Introspect(asked) => {
                self.about("asks about", "introspection", rank, &asked.token, asked.by, asked.hint)
            }
            Action::Call(call) => self.call(rank, call),
            Action::Tick(tick) => wait(*tick),
            Action::SwitchOff(user) => format!(
                "name = \"the user {user} is switched off\"\nuser = \"{user}\"\nhook = {{ run = \"disable_user\", undo = \"enable_user\" }}\n"
            ),
        }
    }

    fn authorize(&self, rank: usize, asked: &Authorize) -> String {
        let answer = if asked.denied { "denies" } else { "approves" };
        let Authorize { client, user, .. } = asked;
        let mut text = format!(
            "name = \"the user {user} {answer} a request of the client {client}\"\nas = \"{client}\"\nuser = \"{user}\"\nbrowser = \"{user}\"\n\
             make.state_{rank} = {{ random = {{ bytes = 16 }} }}\n"
        );
        let method = match asked.pkce {
            Pkce::S256 => Some("S256"),
            Pkce::Plain => Some("plain"),
            Pkce::None => None,
        };
        if let Some(method) = method {
            let _ = writeln!(text, "make.pkce_{rank} = {{ pkce = {{ method = \"{method}\" }} }}");
        }
        text.push_str("[step.authorize]\n");
        if asked.denied {
            text.push_str("consent = \"deny\"\n");
        }
        if let Some(approved) = asked.approved {
            let _ = writeln!(text, "approve_scopes = [{:?}]", approved.template(self.world.login_scope));
        }
        text.push_str("[step.authorize.query]\nresponse_type = \"code\"\nclient_id = \"{{client.id}}\"\n");
        let _ = asked.uri.map(|uri| writeln!(text, "redirect_uri = \"{}\"", uri.template()));
        let _ = writeln!(
            text,
            "scope = \"{}\"\nstate = \"{{{{state_{rank}}}}}\"",
            asked.scope.template(self.world.login_scope)
        );
        if let Some(method) = method {
            let _ = writeln!(
                text,
                "code_challenge = \"{{{{pkce_{rank}.challenge}}}}\"\ncode_challenge_method = \"{method}\""
            );
        }
        text
    }

    fn redeem(&self, rank: usize, redeem: &Redeem) -> String {
        let (make, code) = self.value(rank, &redeem.code);
        let uri = redeem.uri.map_or_else(String::new, Uri::template);
        let verifier = match redeem.verifier {
            Verifier::Of(id) => Some(format!("{{{{pkce_{}.verifier}}}}", self.rank(id))),
            Verifier::Challenge => Some(format!("{{{{pkce_{}.challenge}}}}", self.rank(redeem.code.of))),
            Verifier::Wrong => Some("wrong-verifier-0123456789-abcdefghijklmnopqrstuvwxyz".into()),
            Verifier::Empty => Some(String::new()),
            Verifier::Missing => None,
        };
        let mut form = vec![("grant_type", "authorization_code".into()), ("code", code)];
        form.extend(redeem.uri.map(|_| ("redirect_uri", uri)));
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        send(
            &format!("the client {} redeems {}", redeem.by.role, self.named(&redeem.code)),
            "token",
            redeem.by,
            &make,
            &form,
        )
    }

    fn refresh(&self, rank: usize, refresh: &Refresh) -> String {
        let (make, token) = self.value(rank, &refresh.token);
        let mut form = vec![("grant_type", "refresh_token".into()), ("refresh_token", token)];
        form.extend(refresh.scope.map(|scope| ("scope", scope.template(self.world.login_scope))));
        let name = format!("the client {} refreshes with {}", refresh.by.role, self.named(&refresh.token));
        send(&name, "token", refresh.by, &make, &form)
    }

    fn password(&self, password: &Password) -> String {
        let user = password.user;
        let form = [
            ("grant_type", "password".into()),
            ("username", format!("{{{{users.{user}.username}}}}")),
            ("password", format!("{{{{users.{user}.password}}}}")),
            ("scope", password.scope.template("{{scopes.password?}}")),
        ];
        let name = format!("the client {} presents the password of the user {user}", password.by.role);
        send(&name, "token", password.by, "", &form)
    }

    fn about(&self, verb: &str, to: &str, rank: usize, thing: &Thing, by: Caller, hint: Option<Kind>) -> String {
        let (make, token) = self.value(rank, thing);
        let mut form = vec![("token", token)];
        form.extend(hint.map(|hint| {
            let hint = if hint == Kind::Refresh { "refresh_token" } else { "access_token" };
            ("token_type_hint", hint.into())
        }));
        send(&format!("the client {} {verb} {}", by.role, self.named(thing)), to, by, &make, &form)
    }

    fn call(&self, rank: usize, call: &Call) -> String {
        let (make, token) = self.value(rank, &call.token);
        let to = if call.write { "resource_write" } else { "resource" };
        let name = self.named(&call.token);
        format!("name = \"somebody calls {to} with {name}\"\n{make}[step.send]\nto = \"{to}\"\nbearer = \"{token}\"\n")
    }

    /// The maker and the template of a code or token that is presented.
    fn value(&self, rank: usize, thing: &Thing) -> (String, String) {
        let whole = format!("{{{{{}_{}}}}}", thing.kind.name(), self.rank(thing.of));
        let edit = match thing.form {
            Form::Whole => return (String::new(), whole),
            Form::Forged => "flip = -6",
            Form::OtherCase => "swap_case = true",
        };
        let made = format!("{}_{rank}", if thing.form == Form::Forged { "forged" } else { "other_case" });
        (format!("make.{made} = {{ text = {{ of = \"{whole}\", edit = {{ {edit} }} }} }}\n"), format!("{{{{{made}}}}}"))
    }

    fn captures(&self, rank: usize, id: Id) -> String {
        let all = [
            (Kind::Code, "redirect.param.code?"),
            (Kind::Access, "json.access_token?"),
            (Kind::Refresh, "json.refresh_token?"),
        ];
        let used = all.iter().filter(|(kind, _)| self.used.contains(&(*kind, id)));
        let lines: String = used.map(|(kind, from)| format!("{}_{rank} = \"{from}\"\n", kind.name())).collect();
        if lines.is_empty() { lines } else { format!("[step.capture]\n{lines}") }
    }

    fn named(&self, thing: &Thing) -> String {
        let odd = match thing.form {
            Form::Whole => "",
            Form::Forged => ", one letter changed",
            Form::OtherCase => ", in the other case",
        };
        format!("{}_{}{odd}", thing.kind.name(), self.rank(thing.of))
    }

    fn rank(&self, id: Id) -> usize {
        self.ranks.get(&id).copied().unwrap_or_default()
    }

    /// Where a server keeps refresh tokens there is nothing to say about the old one.
    fn given(&self, Rotation { old, new }: Rotation) -> String {
        let (old, new) = (self.rank(old), self.rank(new));
        format!(
            "\n[[step]]\nid = \"given-{new}\"\nname = \"the server replaces refresh tokens\"\nor_skip = \"the target does not replace refresh tokens\"\n\
             [step.expect]\ncaptured.refresh_{new} = {{ present = true, differs_from = \"{{{{refresh_{old}}}}}\" }}\n"
        )
    }
}

fn send(name: &str, to: &str, by: Caller, make: &str, form: &[(&str, String)]) -> String {
    let (auth, credentials) = match by.secret {
        Secret::Right => ("client", ""),
        Secret::Wrong => ("client", "credentials = { secret = \"wrong-secret-0123456789abcdef\" }\n"),
        Secret::Missing => ("id", ""),
    };
    let form: String = form.iter().map(|(name, value)| format!("{name} = \"{value}\"\n")).collect();
    let role = by.role;
    format!(
        "name = \"{name}\"\nas = \"{role}\"\n{make}[step.send]\nto = \"{to}\"\nauth = \"{auth}\"\n{credentials}[step.send.form]\n{form}"
    )
}

fn wait(tick: Tick) -> String {
    let (name, seconds) = match tick {
        Tick::Seconds => ("a moment passes", "0"),
        Tick::PastCode => ("codes of before have ended", "{{lifetimes.code}}"),
        Tick::PastAccess => ("access tokens of before have ended", "{{lifetimes.access_token}}"),
        Tick::PastRefresh => ("refresh tokens of before have ended", "{{lifetimes.refresh_token}}"),
    };
    format!("name = \"{name}\"\nwait = {{ seconds = \"{seconds}\", plus = 5 }}\n")
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Access => "access",
            Kind::Refresh => "refresh",
        }
    }
}

impl Uri {
    fn template(self) -> String {
        let Uri { of, index, longer } = self;
        format!("{{{{clients.{of}.redirect_uris.{index}}}}}{}", if longer { "/more" } else { "" })
    }
}
