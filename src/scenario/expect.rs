//! Expectations: which values of an answer are looked at (selectors, as tables).

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::predicate::{Predicate, Scalar};
use super::template::Template;

/// What must hold for an answer. Every key given must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Only for `when`: the endpoint that answered (`token`, `resource`, ...).
    pub endpoint: Option<Predicate>,
    /// Only for `when`: the method of the request.
    pub method: Option<Predicate>,
    /// The status code.
    pub status: Option<Predicate>,
    /// Whether the request was refused: with a 4xx status or a stated error, and with nothing issued.
    pub refused: Option<Predicate>,
    /// Whether any HTTP answer came.
    pub answered: Option<Predicate>,
    /// Whether the user was asked: a page other than a login was answered on the way to the redirect.
    pub asked: Option<Predicate>,
    /// Milliseconds until the answer.
    pub took: Option<Predicate>,
    /// The body as text.
    pub body: Option<Predicate>,
    /// Header fields by lower-case name; several fields of one name are joined by `, `.
    #[serde(default)]
    pub header: IndexMap<String, Predicate>,
    /// Parameters of the challenges in `WWW-Authenticate`, by scheme in lower case; `*` are the names of all.
    #[serde(default)]
    pub challenge: IndexMap<String, IndexMap<String, Predicate>>,
    /// Whether the challenges keep to the grammar of HTTP.
    pub challenges_parse: Option<Predicate>,
    /// Members of the JSON body by name or JSON pointer.
    #[serde(default)]
    pub json: IndexMap<String, Predicate>,
    /// JWTs held by members of the JSON body.
    #[serde(default)]
    pub jwt: IndexMap<String, JwtExpect>,
    /// The redirect to the client, read as a browser reads it.
    pub redirect: Option<RedirectExpect>,
    /// Cookies set by the answer, by name; `*` is each of them; the value is the whole `Set-Cookie` field.
    #[serde(default)]
    pub cookie: IndexMap<String, Predicate>,
    /// The HTML page: `text`, `title`, `html`, `login`, `consent`, `elements`, `actions`, `scripts`, `forms`.
    #[serde(default)]
    pub page: IndexMap<String, Predicate>,
    /// What came of the handshake of a `tls` step: `agreed`, `suite`, `trusted`.
    #[serde(default)]
    pub tls: IndexMap<String, Predicate>,
    /// Values captured so far; after `repeat` all of them.
    #[serde(default)]
    pub captured: IndexMap<String, Predicate>,
    /// At least one of these holds as a whole: for rules that leave a choice.
    #[serde(default)]
    pub any: Vec<Expect>,
    /// After `repeat`: how many answers are of a kind. Without it each answer must satisfy the rest.
    #[serde(default)]
    pub tally: Vec<Tally>,
}

/// Header and claims of a JWT.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtExpect {
    /// Header parameters.
    #[serde(default)]
    pub header: IndexMap<String, Predicate>,
    /// Claims.
    #[serde(default)]
    pub claims: IndexMap<String, Predicate>,
}

/// The redirect away from the target.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedirectExpect {
    /// The URL without the response parameters' query and fragment: scheme, authority and path.
    pub to: Option<Predicate>,
    /// The whole URL as sent.
    pub url: Option<Predicate>,
    /// How: `header`, `meta`, `form_post`, `refresh` (header), `script`.
    pub via: Option<Predicate>,
    /// The host as a browser reads it.
    pub host: Option<Predicate>,
    /// The raw query.
    pub raw_query: Option<Predicate>,
    /// The raw fragment.
    pub raw_fragment: Option<Predicate>,
    /// Parameters in the query, form-decoded.
    #[serde(default)]
    pub query: IndexMap<String, Predicate>,
    /// Parameters in the fragment, form-decoded.
    #[serde(default)]
    pub fragment: IndexMap<String, Predicate>,
    /// Parameters wherever they were delivered (query, fragment or posted form).
    #[serde(default)]
    pub param: IndexMap<String, Predicate>,
}

/// Counts answers after `repeat`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// The answers that are counted.
    #[serde(rename = "where")]
    pub of: Expect,
    /// No more than this.
    pub at_most: Option<u32>,
    /// No fewer than this.
    pub at_least: Option<u32>,
}

impl Expect {
    /// Whether this asks for a refusal: an error status or code, or that nothing is issued and nobody is redirected.
    pub fn refuses(&self) -> bool {
        self.predicates().into_iter().any(|(selector, predicate)| {
            let absent = predicate.0.present == Some(false);
            match selector.as_str() {
                "status" => {
                    predicate.texts().iter().any(|text| text.starts_with('4'))
                        || predicate.integers().any(|code| code / 100 == 4)
                }
                "json.error" | "redirect.query.error" | "redirect.fragment.error" | "redirect.param.error" => !absent,
                "refused" => predicate.0.equals == Some(Scalar::Bool(true)),
                "json.active" => predicate.0.equals == Some(Scalar::Bool(false)),
                "json.access_token"
                | "json.client_id"
                | "json.code"
                | "redirect.to"
                | "redirect.query.code"
                | "redirect.param.code"
                | "redirect.fragment.access_token"
                | "tls.agreed" => absent,
                _ => false,
            }
        }) || self.tally.iter().any(|tally| tally.at_most.is_some())
            || self.any.iter().any(Expect::refuses)
    }

    /// Every selector with its predicate, those of tallies left out.
    pub fn predicates(&self) -> Vec<(String, &Predicate)> {
        let mut all = Vec::new();
        let single = [
            ("endpoint", &self.endpoint),
            ("method", &self.method),
            ("status", &self.status),
            ("refused", &self.refused),
            ("answered", &self.answered),
            ("asked", &self.asked),
            ("took", &self.took),
            ("body", &self.body),
            ("challenges_parse", &self.challenges_parse),
        ];
        all.extend(single.into_iter().filter_map(|(name, predicate)| Some((name.to_owned(), predicate.as_ref()?))));
        all.extend(named("header", &self.header));
        for (scheme, parameters) in &self.challenge {
            all.extend(named(&format!("challenge.{scheme}"), parameters));
        }
        all.extend(named("json", &self.json));
        for (member, jwt) in &self.jwt {
            all.extend(named(&format!("jwt.{member}.header"), &jwt.header));
            all.extend(named(&format!("jwt.{member}.claims"), &jwt.claims));
        }
        all.extend(self.redirect.iter().flat_map(RedirectExpect::predicates));
        all.extend(named("cookie", &self.cookie));
        all.extend(named("page", &self.page));
        all.extend(named("tls", &self.tls));
        all.extend(named("captured", &self.captured));
        all
    }

    /// Every template in it, tallies included.
    pub fn texts(&self) -> Vec<&str> {
        let own = self.predicates().into_iter().flat_map(|(_, predicate)| predicate.texts());
        let tallied = self.tally.iter().flat_map(|tally| tally.of.texts());
        own.chain(tallied).chain(self.any.iter().flat_map(Expect::texts)).collect()
    }

    /// Every name that its templates use.
    pub fn names(&self) -> Vec<String> {
        let templates =
            self.texts().into_iter().filter(|text| text.contains("{{")).filter_map(|text| Template::parse(text).ok());
        templates.flat_map(|template| template.names().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()).collect()
    }
}

impl RedirectExpect {
    fn predicates(&self) -> Vec<(String, &Predicate)> {
        let single = [
            ("to", &self.to),
            ("url", &self.url),
            ("via", &self.via),
            ("host", &self.host),
            ("raw_query", &self.raw_query),
            ("raw_fragment", &self.raw_fragment),
        ];
        let single =
            single.into_iter().filter_map(|(name, predicate)| Some((format!("redirect.{name}"), predicate.as_ref()?)));
        let query = named("redirect.query", &self.query);
        let fragment = named("redirect.fragment", &self.fragment);
        single.chain(query).chain(fragment).chain(named("redirect.param", &self.param)).collect()
    }
}

fn named<'a>(prefix: &str, table: &'a IndexMap<String, Predicate>) -> Vec<(String, &'a Predicate)> {
    table.iter().map(|(name, predicate)| (format!("{prefix}.{name}"), predicate)).collect()
}
