//! The driver on pages of real servers, cut to what matters.

use super::*;
use crate::judge::forms::read;

struct Asked<'a> {
    consent: Consent,
    scopes: Option<&'a [String]>,
    help: LoginForm,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self { consent: Consent::Approve, scopes: None, help: LoginForm::default() }
    }
}

fn ask(html: &str, asked: &Asked<'_>) -> Move {
    let user = User { username: "alice".into(), password: "pw".into(), credential: None };
    decide(
        &read(html),
        &Answers {
            user: &user,
            user_code: Some("WDJB-MJHT"),
            consent: asked.consent,
            approve_scopes: asked.scopes,
            help: &asked.help,
        },
    )
}

/// `METHOD action name=value&...`
fn told(decided: Move) -> String {
    match decided {
        Move::Submit { action, method, fields, .. } => {
            let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{method} {action} {}", pairs.join("&"))
        }
        Move::Follow(href) => format!("link {href}"),
        Move::Done => "done".into(),
        Move::Stuck(reason) => format!("stuck: {reason}"),
    }
}

fn approve(html: &str) -> String {
    told(ask(html, &Asked::default()))
}

fn deny(html: &str) -> String {
    told(ask(html, &Asked { consent: Consent::Deny, ..Asked::default() }))
}

const REFERENCE_LOGIN: &str = r#"<h1>Log in</h1><p>to continue to <strong>App</strong></p><form method="post" action="/login">
<input type="hidden" name="csrf" value="t1"><label>User name <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label><button type="submit">Log in</button></form>"#;

const REFERENCE_CONSENT: &str = r#"<h1>Allow access?</h1><form method="post" action="/consent"><input type="hidden" name="csrf" value="t2">
<fieldset><label><input type="checkbox" name="scope" value="read" checked> read</label>
<label><input type="checkbox" name="scope" value="write" checked> write</label></fieldset>
<button name="decision" value="approve">Allow</button><button name="decision" value="deny">Deny</button></form>"#;

const OIDC_PROVIDER_LOGIN: &str = r#"<h1>Sign-in</h1><form autocomplete="off" action="http://127.0.0.1:4000/interaction/u1" method="post">
<input type="hidden" name="prompt" value="login"/><input required type="text" name="login" placeholder="Enter any login" value="hint">
<input required type="password" name="password" placeholder="and password" autofocus="on">
<button type="submit" class="login login-submit">Sign-in</button></form>
<div class="login-help"><a href="http://127.0.0.1:4000/interaction/u1/abort">[ Cancel ]</a></div>"#;

const OIDC_PROVIDER_CONSENT: &str = r#"<h1>Authorize</h1><ul><li>scopes:</li></ul>
<form autocomplete="off" action="http://127.0.0.1:4000/interaction/u1" method="post"><input type="hidden" name="prompt" value="consent"/>
<button autofocus type="submit" class="login login-submit">Continue</button></form>
<div class="login-help"><a href="http://127.0.0.1:4000/interaction/u1/abort">[ Cancel ]</a><a href="https://app.example/tos">[ Terms of Service ]</a></div>"#;

const CANAILLE_NAME: &str = r#"<form method="POST" id="loginform" action="" enctype="multipart/form-data"><input type="hidden" name="csrf_token" value="c"/>
<label for="login">Login</label><input id="login" name="login" placeholder="jane" type="text" value=""><button type="submit">Continue</button></form>
<a href="/register">Create an account</a>"#;

const CANAILLE_PASSWORD: &str = r#"<form method="POST" id="passwordform" action="" enctype="multipart/form-data"><input type="hidden" name="csrf_token" value="c"/>
<input autocomplete="current-password" id="password" name="password" type="password" value=""><a href="/reset">Forgotten password</a>
<button name="answer" type="submit">Sign in</button></form>"#;

const CANAILLE_CONSENT: &str = r#"<form method="POST" id="form" action="" enctype="multipart/form-data"><input type="hidden" name="csrf_token" value="c"/>
<button name="answer" type="submit" value="deny" id="deny">Deny</button><button name="answer" type="submit" value="logout" id="logout">Switch user</button>
<button name="answer" type="submit" value="accept" id="accept">Accept</button></form>"#;

const NODE_CONSENT: &str = r#"<form method="post"><input type="hidden" name="csrf" value="s"><button name="allowed" value="true">Allow</button>
<button name="allowed" value="false">Deny</button></form>"#;

const CHECKBOX_CONSENT: &str = r#"<form action="" method="post"><label><input type="checkbox" name="confirm"><span>Consent?</span></label><button>Submit</button></form>"#;

#[test]
fn login_pages_are_filled_in_and_hidden_fields_kept() {
    assert_eq!(approve(REFERENCE_LOGIN), "POST /login csrf=t1&username=alice&password=pw");
    assert_eq!(
        approve(OIDC_PROVIDER_LOGIN),
        "POST http://127.0.0.1:4000/interaction/u1 prompt=login&login=alice&password=pw"
    );
    assert_eq!(approve(CANAILLE_NAME), "POST  csrf_token=c&login=alice");
    assert_eq!(approve(CANAILLE_PASSWORD), "POST  csrf_token=c&password=pw&answer=");
    assert!(matches!(ask(CANAILLE_NAME, &Asked::default()), Move::Submit { multipart: true, .. }));
}

#[test]
fn who_means_to_deny_logs_in_first() {
    for page in [REFERENCE_LOGIN, OIDC_PROVIDER_LOGIN, CANAILLE_NAME, CANAILLE_PASSWORD] {
        assert_eq!(deny(page), approve(page));
    }
}

#[test]
fn consent_pages_are_approved_or_denied() {
    assert_eq!(approve(REFERENCE_CONSENT), "POST /consent csrf=t2&scope=read&scope=write&decision=approve");
    assert!(deny(REFERENCE_CONSENT).ends_with("&decision=deny"));
    assert_eq!(approve(CANAILLE_CONSENT), "POST  csrf_token=c&answer=accept");
    assert_eq!(deny(CANAILLE_CONSENT), "POST  csrf_token=c&answer=deny");
    assert_eq!(approve(NODE_CONSENT), "POST  csrf=s&allowed=true");
    assert_eq!(deny(NODE_CONSENT), "POST  csrf=s&allowed=false");
    assert_eq!(approve(CHECKBOX_CONSENT), "POST  confirm=on");
    assert_eq!(deny(CHECKBOX_CONSENT), "POST  ");
}

#[test]
fn a_link_denies_where_no_button_does() {
    assert_eq!(approve(OIDC_PROVIDER_CONSENT), "POST http://127.0.0.1:4000/interaction/u1 prompt=consent");
    assert_eq!(deny(OIDC_PROVIDER_CONSENT), "link http://127.0.0.1:4000/interaction/u1/abort");
    let nothing = r#"<form method=post><button>Continue</button></form><a href="/terms">Terms</a>"#;
    assert!(deny(nothing).starts_with("stuck: the page offers no way to deny"));
}

#[test]
fn yes_and_no_may_be_forms_of_their_own() {
    let yes = r#"<form method=post action=/yes><input type=submit name=commit value=Authorize></form>"#;
    let no = r#"<form method=post action=/no><input type=hidden name=_method value=delete><input type=submit name=commit value=Deny></form>"#;
    for page in [format!("{yes}{no}"), format!("{no}{yes}")] {
        assert_eq!(approve(&page), "POST /yes commit=Authorize");
        assert_eq!(deny(&page), "POST /no _method=delete&commit=Deny");
    }
}

#[test]
fn a_page_of_links_only_is_answered_by_one() {
    let page = r##"<a href="#top">Cancel</a><a href="/yes?t=1">Authorize App</a><a href="/no?t=1">No, thanks</a>"##;
    assert_eq!((approve(page), deny(page)), ("link /yes?t=1".into(), "link /no?t=1".into()));
    assert_eq!(approve(r#"<a href="/authorize-docs">How to authorize</a>"#), "done");
}

#[test]
fn only_the_chosen_scopes_stay_ticked() {
    let scopes = ["read".to_owned()];
    let told = told(ask(REFERENCE_CONSENT, &Asked { scopes: Some(&scopes), ..Asked::default() }));
    assert_eq!(told, "POST /consent csrf=t2&scope=read&decision=approve");
    let boxes = "<form method=post><input type=checkbox name=scope value=a><input type=checkbox name=remember value=1><button>Allow</button></form>";
    assert_eq!(approve(boxes), "POST  scope=a");
}

#[test]
fn radios_and_selects_carry_the_answer() {
    let radios = "<form method=post><input type=radio name=d value=allow_once><input type=radio name=d value=allow_always><input type=radio name=d value=deny checked><button>Go</button></form>";
    assert_eq!((approve(radios), deny(radios)), ("POST  d=allow_once".into(), "POST  d=deny".into()));
    let select = "<form method=post><select name=lang><option>de<option selected>no</select><select name=d><option value=no>No<option value=yes>Yes</select><button>Go</button></form>";
    assert_eq!((approve(select), deny(select)), ("POST  lang=no&d=yes".into(), "POST  lang=no&d=no".into()));
}

#[test]
fn the_right_one_of_several_forms_is_answered() {
    let search = "<form action=/search><input name=q><button>Search</button></form>";
    let register = "<form method=post action=/register><input name=email><input type=password name=p1><input type=password name=p2><button>Sign up</button></form>";
    let logout = "<form method=post action=/logout><button>Log out</button></form>";
    let news = "<form method=post action=/news><input type=email name=email><button>Subscribe</button></form>";
    assert_eq!(approve(&[search, news, register, REFERENCE_LOGIN].concat()), approve(REFERENCE_LOGIN));
    assert_eq!(approve(&[logout, search, REFERENCE_CONSENT].concat()), approve(REFERENCE_CONSENT));
    assert_eq!(approve(&[logout, search].concat()), "done");
}

#[test]
fn login_and_consent_on_one_page_are_answered_together() {
    let page = "<form method=post><input name=username><input type=password name=password><button name=a value=deny>Deny</button><button name=a value=allow>Allow</button></form>";
    assert_eq!(approve(page), "POST  username=alice&password=pw&a=allow");
    assert_eq!(deny(page), "POST  username=alice&password=pw&a=deny");
    let cancel = "<form method=post><input name=u><input type=password name=p><button name=b value=cancel>Cancel</button><button name=b value=login>Log in</button></form>";
    assert_eq!(deny(cancel), "POST  u=alice&p=pw&b=login");
}

#[test]
fn a_button_may_have_its_own_action_and_method() {
    let page = "<form action=/yes><button formaction=/no formmethod=post name=x value=1>Deny</button><button>Allow</button></form>";
    assert_eq!((approve(page), deny(page)), ("GET /yes ".into(), "POST /no x=1".into()));
}

#[test]
fn the_target_file_may_name_the_fields() {
    let page = "<form method=post><input name=kennung><input name=geheim><input name=mandant value=0><button>Weiter</button></form>";
    let help = LoginForm {
        username: Some("kennung".into()),
        password: Some("geheim".into()),
        fields: [("mandant".to_owned(), "7".to_owned())].into_iter().collect(),
        ..LoginForm::default()
    };
    assert_eq!(told(ask(page, &Asked { help, ..Asked::default() })), "POST  kennung=alice&geheim=pw&mandant=7");
    let page = "<form method=post><input type=hidden name=antwort value=''><button name=knopf value=nein>Nein</button><button name=knopf value=ja>Ja</button></form>";
    let help =
        LoginForm { approve: Some("knopf=ja".into()), deny: Some("antwort=nein".into()), ..LoginForm::default() };
    let (yes, no) =
        (Asked { help: help.clone(), ..Asked::default() }, Asked { help, consent: Consent::Deny, ..Asked::default() });
    assert_eq!(told(ask(page, &yes)), "POST  antwort=&knopf=ja");
    assert_eq!(told(ask(page, &no)), "POST  antwort=nein");
}

#[test]
fn the_code_of_a_device_is_typed_where_it_is_asked_for_and_nowhere_else() {
    let entry = "<form method=post action=/device><input type=hidden name=xsrf value=1><input name=user_code><button>Continue</button></form>";
    let deny = Asked { consent: Consent::Deny, ..Asked::default() };
    assert_eq!(approve(entry), "POST /device xsrf=1&user_code=WDJB-MJHT");
    assert_eq!(told(ask(entry, &deny)), "POST /device xsrf=1&user_code=WDJB-MJHT");
    assert!(asks_for_code(&read(entry), &LoginForm::default()));
    let both = "<form method=post><input name=user_code><button name=d value=allow>Allow</button><button name=d value=deny>Deny</button></form>";
    assert_eq!(told(ask(both, &deny)), "POST  user_code=WDJB-MJHT&d=deny");
    assert!(!asks_for_code(&read(both), &LoginForm::default()));
    let login = "<form method=post><input name=user_name><input type=password name=p><button>Log in</button></form>";
    assert_eq!(approve(login), "POST  user_name=alice&p=pw");
}
