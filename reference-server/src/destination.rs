//! Where and how an authorization response travels: to the redirect URI, in its query, in its fragment, or as a
//! form that posts itself, or signed, as one parameter (JARM). `iss` goes along with every answer (RFC 9207), `state` comes back as it was sent.

use serde_json::{Map, Value};

use crate::config::ResponseType;
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Params, Provider, Response, device, flaws, pages, params};

type Members = Vec<(&'static str, String)>;

/// The place that an authorization response goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The redirect URI.
    pub uri: String,
    /// The part of the redirect that carries the parameters.
    pub mode: Mode,
    /// The client for which the parameters are signed, as `response_mode=jwt` asks.
    pub signed_for: Option<String>,
    /// The state of the request.
    pub state: Option<String>,
    /// Whether an access token or an ID token was asked for.
    pub implicit: bool,
    /// Whether the redirect has status 302, as in the classic dialect.
    pub found: bool,
    /// What the request said, for the promises about never echoing it.
    pub asked: String,
    /// Where the request wants a message to go, which a provider that keeps promises does not heed.
    pub wished: Option<String>,
}

/// How the parameters of a response travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In the query of the redirect URI.
    Query,
    /// In the fragment of the redirect URI.
    Fragment,
    /// In a form that the browser posts to the redirect URI.
    FormPost,
    /// In a message that a script sends to the window of the client, if that is of the redirect URI's origin.
    WebMessage,
    /// Not at all: the device that shows this code, which stands for the redirect URI, asks for itself.
    Device,
}

impl Destination {
    /// The destination that a request asks for. Without a usable `response_mode` the response type decides.
    pub fn of(provider: &Provider, uri: String, params: &Params) -> Self {
        let implicit = params
            .get("response_type")
            .is_some_and(|words| words.split(' ').any(|word| ["token", "id_token"].contains(&word)));
        let any_mode = !implicit || provider.breaks(Defect::ResponseModeQueryForTokens);
        let mode = Mode::named(params.get("response_mode")).filter(|mode| any_mode || *mode != Mode::Query);
        let fallback = if implicit { Mode::Fragment } else { Mode::Query };
        let state = params.get("state").filter(|_| !params.is_unclear("state")).map(Into::into);
        let asked = ["scope", "response_type"].into_iter().filter_map(|name| params.get(name)).collect();
        let wished = ["web_message_uri", "origin"].into_iter().find_map(|name| params.get(name)).map(Into::into);
        let signed_for = params.get("client_id").filter(|_| params.get("response_mode") == Some("jwt")).map(Into::into);
        let mode = mode.unwrap_or(fallback);
        Self { uri, mode, signed_for, state, implicit, found: false, asked, wished }
    }

    /// The device that shows this code.
    pub fn device(user_code: &str) -> Self {
        let (signed_for, state, implicit, found, asked, wished) = Default::default();
        Self { uri: user_code.to_owned(), mode: Mode::Device, signed_for, state, implicit, found, asked, wished }
    }

    /// Whether the answer travels as the request asked; a token never goes into a query.
    pub fn heeds(&self, provider: &Provider, params: &Params) -> bool {
        let asked = params.get("response_mode");
        let refused = provider.breaks(Defect::AnnouncedResponseModeRefused) && self.mode != Mode::FormPost;
        let known = self.signed_for.is_some() || Mode::named(asked) == Some(self.mode);
        asked.is_none() || known && !refused
    }

    /// Sends an error there.
    pub fn refuse(&self, provider: &Provider, refusal: &Refusal, now: u64) -> Response {
        if self.mode == Mode::Device {
            return device::deny(provider, &self.uri, now);
        }
        let members = flaws::authorization_error(provider, self, refusal);
        let mut destination = self.clone();
        if provider.breaks(Defect::ImplicitErrorInQuery) && self.implicit {
            destination.mode = Mode::Query;
        }
        if provider.breaks(Defect::CodeFlowErrorInFragment) && !self.implicit {
            destination.mode = Mode::Fragment;
        }
        if provider.breaks(Defect::StateMissingInError) && !self.implicit
            || provider.breaks(Defect::ImplicitErrorStateMissing) && self.implicit
        {
            destination.state = None;
        }
        if provider.breaks(Defect::AuthorizationErrorShownInsteadOfRedirect) {
            return pages::error(provider, refusal);
        }
        let iss = !provider.breaks(Defect::IssMissingInError);
        destination.deliver(provider, members, iss, now)
    }

    /// Sends a code or a token there.
    pub fn grant(&self, provider: &Provider, kind: ResponseType, members: Members, now: u64) -> Response {
        let mut destination = self.clone();
        if provider.breaks(Defect::CodeDeliveredInFragment) && kind == ResponseType::Code {
            destination.mode = Mode::Fragment;
        }
        if provider.breaks(Defect::ImplicitTokenInQuery) && kind == ResponseType::Token {
            destination.mode = Mode::Query;
        }
        if provider.breaks(Defect::TokenInRedirectQuery) && kind == ResponseType::Token {
            destination.mode = Mode::Query;
        }
        if provider.breaks(Defect::ImplicitStateMissing) && kind == ResponseType::Token {
            destination.state = None;
        }
        let iss = !provider.breaks_any(&[Defect::IssMissingFromResponse, Defect::IssAnnouncedButNotSent]);
        destination.deliver(provider, members, iss, now)
    }

    fn deliver(&self, provider: &Provider, mut members: Members, iss: bool, now: u64) -> Response {
        if let Some(state) = &self.state {
            members.push(("state", flaws::state(provider, state)));
        }
        if iss {
            members.push(("iss", flaws::iss(provider)));
        }
        if provider.breaks(Defect::IssDuplicated) {
            members.push(("iss", provider.config.issuer.clone()));
        }
        if provider.takes(Liberty::ExtraResponseParameters) {
            members.push(("session_state", "a1.b2".into()));
        }
        if provider.takes(Liberty::ResponseParametersReordered) {
            members.reverse();
        }
        if let Some(client) = &self.signed_for {
            members = vec![("response", signed(provider, client, members, now))];
        }
        if self.mode == Mode::FormPost && !provider.breaks(Defect::ResponseModesAdvertisesUnsupported) {
            return pages::form_post(provider, &self.uri, &members);
        }
        if self.mode == Mode::WebMessage {
            return pages::web_message(provider, &flaws::receiver(provider, self), &members);
        }
        let response = self.redirect(provider, &self.location(provider, &members));
        match &self.state {
            Some(state) if provider.breaks(Defect::StateSplitsResponseHeader) => flaws::split_header(response, state),
            _ => response,
        }
    }

    fn location(&self, provider: &Provider, members: &[(&'static str, String)]) -> String {
        let raw = provider.breaks(Defect::RedirectParametersNotEncoded)
            || provider.breaks(Defect::ImplicitFragmentNotEncoded) && self.mode == Mode::Fragment;
        let value = |text: &str| match raw {
            true => text.to_owned(),
            false if provider.takes(Liberty::ResponsePercentEncoded) => params::encode_all(text),
            false => params::encode(text),
        };
        let pairs: Vec<_> = members.iter().map(|(name, text)| format!("{name}={}", value(text))).collect();
        let rewritten = flaws::rewritten(provider, &self.uri);
        let uri = match rewritten.split_once('?') {
            Some((base, _)) if provider.breaks(Defect::RedirectUriQueryDropped) => base,
            _ => rewritten.as_ref(),
        };
        let joint = match self.mode {
            Mode::Fragment => "#",
            _ if uri.contains('?') => "&",
            _ => "?",
        };
        let location = format!("{uri}{joint}{}", pairs.join("&"));
        if provider.takes(Liberty::DummyFragment) && self.mode == Mode::Query {
            return format!("{location}#_=_");
        }
        if provider.breaks(Defect::FragmentSwallowsResponse) {
            location.replacen("&state=", "#&state=", 1)
        } else {
            location
        }
    }

    /// Status 303: the browser forgets the body that it just sent (RFC 9700 section 4.12).
    fn redirect(&self, provider: &Provider, location: &str) -> Response {
        if provider.breaks(Defect::AuthorizeNeverForwardsUserAgent) {
            return pages::done(provider);
        }
        let found =
            self.found || provider.takes(Liberty::Redirect302) || provider.breaks(Defect::AuthorizationRedirectUses302);
        let status = if provider.breaks(Defect::AuthorizationRedirectUses307) {
            307
        } else if found {
            302
        } else {
            303
        };
        let mut response =
            Response::empty(status).with("Location", location.to_owned()).with("Referrer-Policy", "no-referrer");
        if provider.takes(Liberty::RedirectWithBody) {
            response = response.with("Content-Type", "text/html; charset=utf-8");
            response.body = b"<!DOCTYPE html><title>Moved</title><p>On to the application.</p>".to_vec();
        }
        if provider.breaks(Defect::CodeRedirectCacheable) { response } else { response.uncached() }
    }
}

/// The parameters as claims of a JWT for this client, good for ten minutes (JARM section 2.1).
fn signed(provider: &Provider, client: &str, members: Members, now: u64) -> String {
    let mut claims: Map<String, Value> = members.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    claims.insert("iss".into(), flaws::jarm_iss(provider).into());
    claims.insert("aud".into(), client.into());
    claims.insert("exp".into(), (now / 1000 + 600).into());
    provider.signing_key.sign("JWT", &Value::Object(claims))
}

impl Mode {
    fn named(name: Option<&str>) -> Option<Self> {
        match name? {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            "web_message" => Some(Self::WebMessage),
            _ => None,
        }
    }
}
