//! Proxies as the environment names them (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), the same for every way that a
//! request goes. A proxy only opens tunnels: what it would change or answer by itself is not what the target says.

use std::collections::HashMap;

use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use url::Url;

use super::incoming::Incoming;
use super::words;
use crate::target::is_local;

/// The proxies on the way to some origins; those without one are reached directly.
#[derive(Clone, Default)]
pub struct Proxies(HashMap<String, Proxy>);

/// A proxy, and who it lets through.
#[derive(Clone)]
pub struct Proxy {
    pub url: Url,
    pub authorization: Option<reqwest::header::HeaderValue>,
}

/// Where the environment names proxies; it is checked that each can be one, since otherwise nobody would notice that it is not used.
const VARIABLES: [&str; 6] = ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"];

impl Proxies {
    /// What the environment says of these origins.
    pub fn of_environment(origins: &[String]) -> Result<Self, String> {
        if origins.iter().all(|origin| is_here(origin)) {
            return Ok(Self::default());
        }
        let set = VARIABLES.iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
        for (name, value) in set.filter(|(_, value)| !value.is_empty()) {
            if intercept(&Matcher::builder().all(value).build(), "http://as.example").is_none() {
                return Err(format!("{name} is no address of a proxy: write http://host:port"));
            }
        }
        Self::toward(origins, &Matcher::from_env())
    }

    /// The same for proxies from elsewhere.
    pub fn toward(origins: &[String], matcher: &Matcher) -> Result<Self, String> {
        let mut proxies = HashMap::new();
        for origin in origins.iter().filter(|origin| !is_here(origin)) {
            let Some(proxy) = intercept(matcher, origin) else { continue };
            if proxy.url.scheme() != "http" {
                let name = proxy.url.host_str().unwrap_or_default();
                let scheme = proxy.url.scheme();
                return Err(format!(
                    "the proxy {name} speaks {scheme}: only those that are http://host:port can be gone through"
                ));
            }
            proxies.insert(origin.clone(), proxy);
        }
        Ok(Self(proxies))
    }

    /// The proxy on the way to a URL.
    pub fn before(&self, url: &str) -> Option<&Proxy> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&Url::parse(url).ok()?.origin().ascii_serialization())
    }

    /// Each origin with its proxy.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Proxy)> {
        self.0.iter()
    }
}

fn intercept(matcher: &Matcher, origin: &str) -> Option<Proxy> {
    let found = matcher.intercept(&origin.parse().ok()?)?;
    let url = Url::parse(&found.uri().to_string()).ok()?;
    Some(Proxy { url, authorization: found.basic_auth().cloned() })
}

/// Whether it is this machine, which no proxy leads to; so is every name below localhost (RFC 6761).
fn is_here(origin: &str) -> bool {
    is_local(origin)
        || Url::parse(origin).is_ok_and(|url| url.domain().is_some_and(|name| name.ends_with(".localhost")))
}

impl Proxy {
    /// A connection to a host, as if it were direct.
    pub async fn tunnel(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let told = |reason: String| format!("no tunnel to {host}:{port} through the proxy {}: {reason}", self.name());
        self.opened(host, port).await.map_err(told)
    }

    async fn opened(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let place = (self.url.host_str().unwrap_or_default().trim_matches(['[', ']']), self.url.port().unwrap_or(80));
        let mut stream = TcpStream::connect(place).await.map_err(words)?;
        stream.write_all(&self.request(host, port)).await.map_err(words)?;
        let mut incoming = Incoming::from(stream);
        // What comes after the head is the tunnel's.
        let answer = incoming.response("HEAD").await?;
        match (answer.status, incoming.buffer.is_empty()) {
            (200..=299, true) => Ok(incoming.stream),
            (200..=299, false) => Err("it says more than that the tunnel is open".into()),
            (status, _) => Err(format!("it answers {status}")),
        }
    }

    fn request(&self, host: &str, port: u16) -> Vec<u8> {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
        let authorization = self.authorization.iter();
        let field = authorization.flat_map(|value| [&b"Proxy-Authorization: "[..], value.as_bytes(), b"\r\n"].concat());
        head.into_bytes().into_iter().chain(field).chain(*b"\r\n").collect()
    }

    /// As reports may show it: without a password.
    pub fn name(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_has_the_proxy_of_its_scheme_unless_it_is_excepted_or_on_this_machine() {
        let matcher = Matcher::builder().http("http://one:1").https("two:2").no("inner.example, 10.0.0.0/8").build();
        let origins = [
            ("http://as.example", Some("http://one:1")),
            ("https://as.example", Some("http://two:2")),
            ("https://as.inner.example:8443", None),
            ("https://10.1.2.3", None),
            ("https://[2001:db8::1]:8443", Some("http://two:2")),
            ("http://localhost:9000", None),
            ("http://127.0.0.2", None),
            ("https://[::1]:8443", None),
        ];
        let all: Vec<String> = origins.iter().map(|(origin, _)| (*origin).to_owned()).collect();
        let proxies = Proxies::toward(&all, &matcher).unwrap();
        for (origin, wanted) in origins {
            let found = proxies.before(&format!("{origin}/a/../token")).map(Proxy::name);
            assert_eq!(found.as_deref(), wanted, "{origin}");
        }
        let https = Matcher::builder().all("https://proxy.example:3128").build();
        assert!(Proxies::toward(&all, &https).err().is_some_and(|words| words.contains("speaks https")));
    }

    #[test]
    fn a_tunnel_to_an_ipv6_address_is_asked_for_in_brackets() {
        let proxy = Proxy { url: Url::parse("http://proxy.example").unwrap(), authorization: None };
        assert_eq!(proxy.request("::1", 443), b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n");
    }
}
