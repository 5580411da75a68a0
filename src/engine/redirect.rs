//! Where an answer sends the browser: by `Location`, `Refresh`, a meta refresh, a form that submits itself, or a script;
//! read as a browser reads it. Nothing is requested here.

use url::Url;

use crate::exchange::{Answer, Exchange, Redirect};
use crate::judge::forms::{self, Form, Page, refresh_target};

/// The hop that an answer asks for, wherever it goes.
pub fn read_redirect(exchange: &Exchange) -> Option<Redirect> {
    hop(exchange, &[])
}

/// The same for a browser that stops at these addresses.
pub(super) fn hop(exchange: &Exchange, stops: &[String]) -> Option<Redirect> {
    let Answer::Response(response) = &exchange.answer else {
        return None;
    };
    let request = Url::parse(&exchange.request.url).ok();
    let hop = |url: &str, via: &str| Some(redirect(request.as_ref(), url, via, Vec::new()));
    if matches!(response.status, 301..=303 | 307 | 308)
        && let Some(location) = response.header("location")
    {
        return hop(location, "header");
    }
    if let Some(url) = response.header("refresh").and_then(refresh_target) {
        return hop(&url, "refresh");
    }
    let page = response.is_html().then(|| forms::read(&response.text()))?;
    of_page(&page, request.as_ref(), stops)
}

/// Whether a hop goes to a client, or anywhere else that is not the target.
pub(super) fn leaves(from: &str, to: &Redirect, stops: &[String]) -> bool {
    let stop = |stop: &String| to.url.starts_with(stop.as_str()) || to.read.starts_with(stop.as_str());
    let (Ok(from), Ok(read)) = (Url::parse(from), Url::parse(&to.read)) else {
        return true;
    };
    from.origin() != read.origin() || stops.iter().any(stop)
}

/// What a page does without anybody touching it. Scripts of a page with something to fill in or to decide are
/// taken for handlers, which wait for somebody.
fn of_page(page: &Page, request: Option<&Url>, stops: &[String]) -> Option<Redirect> {
    let joined = page.base.as_ref().and_then(|base| request?.join(base).ok());
    let base = joined.as_ref().or(request);
    if let Some(url) = &page.refresh {
        return Some(redirect(base, url, "meta", Vec::new()));
    }
    if page.forms.iter().any(|form| !is_silent(form)) {
        return None;
    }
    let away = |hop: &Redirect| request.is_none_or(|from| leaves(from.as_str(), hop, stops));
    let posted = page.forms.iter().find_map(|form| {
        let hop = of_form(form, base, request);
        let by_itself = match away(&hop) {
            true => submits(page) || delivers(form),
            false => submits(page) && buttons(form) == 0,
        };
        by_itself.then_some(hop)
    });
    let scripted = || page.scripts.iter().find_map(|script| assigned(script));
    posted.or_else(|| Some(redirect(base, &scripted()?, "script", Vec::new())))
}

/// Nothing to fill in and nothing to decide.
fn is_silent(form: &Form) -> bool {
    let quiet = ["hidden", "submit", "button", "image"];
    form.controls.iter().all(|control| quiet.contains(&control.kind.as_str())) && buttons(form) < 2
}

fn buttons(form: &Form) -> usize {
    let pressed = |kind: &str| matches!(kind, "submit" | "image");
    form.controls.iter().filter(|control| pressed(&control.kind)).count()
}

fn submits(page: &Page) -> bool {
    let calls = ["submit(", "submit.call(", ".click("];
    let submits = |script: &String| calls.iter().any(|call| script.to_lowercase().contains(call));
    page.scripts.iter().any(submits)
}

/// Whether a form carries an authorization response.
fn delivers(form: &Form) -> bool {
    let members = ["code", "access_token", "id_token", "error", "response"];
    form.controls.iter().any(|control| members.contains(&control.name.as_str()))
}

fn of_form(form: &Form, base: Option<&Url>, request: Option<&Url>) -> Redirect {
    let hidden = form.controls.iter().filter(|control| control.kind == "hidden" && !control.name.is_empty());
    let fields: Vec<_> = hidden.map(|control| (control.name.clone(), control.value.clone())).collect();
    let base = if form.action.is_empty() { request } else { base };
    if form.method == "POST" {
        return redirect(base, &form.action, "form_post", fields);
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let action = form.action.split(['?', '#']).next().unwrap_or_default();
    redirect(base, &format!("{action}?{query}"), "script", Vec::new())
}

/// The address that a script goes to: `location = "…"`, `location.href = "…"`, `location.replace("…")`.
fn assigned(script: &str) -> Option<String> {
    script.match_indices("location").find_map(|(at, word)| {
        let rest = &script[at + word.len()..];
        let call = [".replace(", ".assign("].iter().find_map(|call| rest.strip_prefix(call));
        let property = || rest.strip_prefix(".href").unwrap_or(rest).trim_start().strip_prefix('=');
        let value = call.or_else(property)?.trim_start();
        let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''))?;
        let text = value[1..].split(quote).next()?;
        Some(unescape(text))
    })
}

/// The escapes that templates write into addresses, after those of the page reader, which gives scripts as HTML.
fn unescape(text: &str) -> String {
    let escapes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("\\/", "/"),
        ("\\u0026", "&"),
        ("\\x26", "&"),
        ("\\u003d", "="),
        ("\\u003D", "="),
        ("\\x3d", "="),
        ("\\x3D", "="),
    ];
    escapes.iter().fold(text.to_owned(), |text, (escape, letter)| text.replace(escape, letter))
}

fn redirect(base: Option<&Url>, url: &str, via: &str, form: Vec<(String, String)>) -> Redirect {
    let read = base.map_or_else(|| Url::parse(url), |base| base.join(url));
    let read = read.map(String::from).unwrap_or_default();
    Redirect { url: url.to_owned(), read, via: via.to_owned(), form }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Request, Response};

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { url: "https://as.example/authorize?x=1".into(), ..Request::default() };
        Exchange::of(request, Answer::Response(Response { status, headers, body: body.into() }))
    }

    fn page(body: &str) -> Option<Redirect> {
        read_redirect(&answer(200, &[("content-type", "text/html")], body))
    }

    fn via(body: &str) -> Option<(String, String)> {
        page(body).map(|hop| (hop.via, hop.read))
    }

    #[test]
    fn a_location_is_read_as_a_browser_reads_it() {
        let table = [
            ("https://client.example/cb?code=1", "https://client.example/cb?code=1"),
            ("/login", "https://as.example/login"),
            ("//evil.example\\x", "https://evil.example/x"),
            ("https:\\\\evil.example/", "https://evil.example/"),
            ("https://cli\tent.example/", "https://client.example/"),
            ("com.example.app:/cb?code=1", "com.example.app:/cb?code=1"),
            ("https://[bad/", ""),
        ];
        for (location, read) in table {
            let redirect = read_redirect(&answer(302, &[("location", location)], "")).unwrap();
            assert_eq!((redirect.read.as_str(), redirect.via.as_str()), (read, "header"), "{location}");
            assert_eq!(redirect.url, location);
        }
    }

    #[test]
    fn only_a_redirecting_status_makes_a_location_a_redirect() {
        assert_eq!(read_redirect(&answer(201, &[("location", "https://c.example/")], "")), None);
        let refresh = read_redirect(&answer(200, &[("refresh", "0;url=https://c.example/cb")], "")).unwrap();
        assert_eq!((refresh.via.as_str(), refresh.read.as_str()), ("refresh", "https://c.example/cb"));
    }

    #[test]
    fn a_meta_refresh_is_a_redirect() {
        let meta =
            page("<meta http-equiv=\"Refresh\" content=\"0; url='https://c.example/cb#access_token=1'\">").unwrap();
        assert_eq!((meta.via.as_str(), meta.url.as_str()), ("meta", "https://c.example/cb#access_token=1"));
    }

    #[test]
    fn a_form_that_submits_itself_or_only_waits_for_a_click_delivers_its_fields() {
        let form = "<form method=post action=https://c.example/cb><input type=hidden name=code value=a><input type=hidden name=state value=b></form>";
        for page_ in [
            format!("<body onload=\"document.forms[0].submit()\">{form}"),
            form.to_owned(),
            format!("{form}<script>document.querySelector('form').requestSubmit()</script>"),
        ] {
            let post = page(&page_).unwrap();
            let fields = [("code", "a"), ("state", "b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!((post.via.as_str(), post.read.as_str()), ("form_post", "https://c.example/cb"));
            assert_eq!(post.form, fields);
        }
    }

    #[test]
    fn a_form_for_a_stop_on_the_targets_own_origin_is_a_redirect_too() {
        let form = "<form method=post action=/cb><input type=hidden name=code value=a></form>";
        let exchange = answer(200, &[("content-type", "text/html")], form);
        assert_eq!(hop(&exchange, &[]), None);
        let found = hop(&exchange, &["https://as.example/cb".into()]).unwrap();
        assert_eq!(found.via, "form_post");
    }

    #[test]
    fn simple_scripts_are_redirects() {
        let there = Some(("script".to_owned(), "https://c.example/cb?code=1&state=2".to_owned()));
        for script in [
            "window.location = 'https://c.example/cb?code=1&state=2';",
            "location.replace(\"https:\\/\\/c.example\\/cb?code\\u003d1\\u0026state=2\")",
            "top.location.href=\"https://c.example/cb?code=1\\x26state=2\"",
        ] {
            assert_eq!(via(&format!("<script>{script}</script>")), there, "{script}");
        }
        assert_eq!(via("<script>if (location == 'https://c.example/') {}</script>"), None);
    }

    #[test]
    fn pages_that_wait_for_somebody_are_no_redirects() {
        for body in [
            "<form method=post action=/login><input name=user></form>",
            "<form method=post><input name=u><input type=password name=p></form><script>function go() { location.href = 'https://other.example/' }</script>",
            "<form method=post action=/consent><input type=hidden name=csrf value=1><button name=d value=allow>Allow</button><button name=d value=deny>Deny</button></form><script>f.submit()</script>",
            "<form method=post action=/next><input type=hidden name=prompt value=consent><button>Continue</button></form><script>f.submit()</script>",
        ] {
            assert_eq!(via(body), None, "{body}");
        }
    }
}
