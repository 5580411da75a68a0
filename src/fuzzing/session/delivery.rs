//! How an authorization endpoint sends its answer to the client: a redirect, a form that posts itself, or one of the classic
//! dialect's page and document. Texts are searched, not parsed: the provider's pages are known.

use base64::Engine as _;
use reference_server::Response;

use super::reading::{Pairs, Seen};

/// An answer on its way to the client.
#[derive(Debug)]
pub enum Delivery {
    /// A URL with the parameters behind it.
    Redirect(String),
    /// A URL, and the parameters beside it.
    Beside(String, Pairs),
}

impl Delivery {
    /// What this answer sends to the client, if anything.
    pub fn of(seen: &Seen<'_>) -> Option<Self> {
        if let Some(location) = seen.response.header("location") {
            return Some(Self::Redirect(location.to_owned()));
        }
        let Some(page) = seen.page() else { return document(seen.response) };
        if let Some(url) = behind(page, "meta http-equiv=\"refresh\" content=\"0; url=") {
            return Some(Self::Redirect(unescaped(url)));
        }
        let action = behind(page, FORM).filter(|action| !action.starts_with('/'))?;
        Some(Self::Beside(unescaped(action), fields(page)))
    }

    /// The parameters, if they go to this URI and nowhere else.
    pub fn to(&self, uri: &str) -> Option<Pairs> {
        match self {
            Self::Beside(url, fields) => (url == uri).then(|| fields.clone()),
            Self::Redirect(url) => {
                let rest = url.strip_prefix(uri)?.strip_prefix(['?', '&', '#'])?;
                let pairs = Pairs::read(rest.as_bytes());
                Some(pairs.get("response").and_then(claims).unwrap_or(pairs))
            }
        }
    }
}

/// Where the form on a page goes, and its ticket.
pub fn form<'a>(seen: &Seen<'a>) -> Option<(&'a str, &'a str)> {
    let page = seen.page()?;
    Some((behind(page, FORM)?, behind(page, "input type=\"hidden\" name=\"csrf\" value=\"")?))
}

const FORM: &str = "form method=\"post\" action=\"";

fn document(response: &Response) -> Option<Delivery> {
    let value: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    let members = value.as_object().filter(|members| members.contains_key("url"))?;
    let text = |(name, value): (&String, &serde_json::Value)| Some((name.clone(), value.as_str()?.to_owned()));
    Some(Delivery::Beside(members["url"].as_str()?.to_owned(), Pairs::of(members.iter().filter_map(text).collect())))
}

fn fields(page: &str) -> Pairs {
    let pair = |tag: &str| {
        let (name, rest) = tag.strip_prefix("input type=\"hidden\" name=\"")?.split_once('"')?;
        Some((unescaped(name), unescaped(rest.strip_prefix(" value=\"")?.split('"').next()?)))
    };
    Pairs::of(page.split('<').filter_map(pair).collect())
}

/// The parameters in a signed response, as far as they are texts; whether it is signed well is not looked at here.
fn claims(jwt: &str) -> Option<Pairs> {
    let part = jwt.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).ok()?;
    let claims: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes).ok()?;
    Some(Pairs::of(
        claims.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect(),
    ))
}

/// What follows this beginning of a tag, up to the next quote.
fn behind<'a>(page: &'a str, tag: &str) -> Option<&'a str> {
    page.split('<').find_map(|part| part.strip_prefix(tag))?.split('"').next()
}

fn unescaped(text: &str) -> String {
    let table = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#10;", "\n"),
        ("&#13;", "\r"),
        ("&amp;", "&"),
    ];
    if !text.contains('&') {
        return text.to_owned();
    }
    table.iter().fold(text.to_owned(), |text, (escape, letter)| text.replace(escape, letter))
}
