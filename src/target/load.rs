//! Reads a target file. Errors point into it.

use std::path::Path;

use thiserror::Error;

use super::environment::{Unset, interpolate};
use super::file::Target;
use crate::caret::caret;
use crate::crypto::PrivateKey;

/// A target file that cannot be used; the text has the file, the line and a caret.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct TargetError(String);

impl Target {
    /// Reads a file; `${VARIABLE}` comes from the environment.
    pub fn load(path: &Path) -> Result<Self, TargetError> {
        let name = path.display().to_string();
        let source = std::fs::read_to_string(path).map_err(|error| TargetError(format!("{name}: {error}")))?;
        let mut target = Self::from_toml(&name, &source)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let read = target.tls.read(folder);
        read.map_err(|(word, message, help)| at_word(&name, &source, &word, &message, help))?;
        Ok(target)
    }

    /// Reads the text of a file of this name.
    pub fn from_toml(name: &str, source: &str) -> Result<Self, TargetError> {
        Self::read(name, source, &|variable| std::env::var(variable).ok())
    }

    fn read(name: &str, source: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, TargetError> {
        let text = interpolate(source, lookup).map_err(|unset| unset_variable(name, source, &unset))?;
        let mut target: Target =
            toml::from_str(&text).map_err(|error| TargetError(format!("{name}: {}", error.to_string().trim_end())))?;
        if target.name.is_empty() {
            let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            target.name = stem.unwrap_or_else(|| "target".into());
        }
        target.resolve().map_err(|(word, message, help)| at_word(name, source, &word, &message, &help))?;
        Ok(target)
    }

    /// Relative endpoints are resolved against the issuer; every URL is checked. The error names the text to point at.
    fn resolve(&mut self) -> Result<(), (String, String, String)> {
        if let Some(issuer) = &self.issuer {
            absolute(issuer)?;
        }
        if let Some(cleartext) = &self.tls.cleartext {
            absolute(cleartext)?;
        }
        if let Some(metadata) = &self.metadata {
            absolute(metadata)?;
        }
        let issuer = self.issuer.clone();
        for url in self.endpoints.values_mut() {
            if url.starts_with('/') {
                let base = issuer.as_ref().ok_or_else(|| {
                    let help = "give the whole URL, or an `issuer`";
                    (
                        url.clone(),
                        format!("`{url}` is relative, but there is no issuer to resolve it against"),
                        help.to_owned(),
                    )
                })?;
                *url = format!("{}{url}", base.trim_end_matches('/'));
            }
            absolute(url)?;
        }
        for key in self.clients.values().filter_map(|client| client.key.as_ref()) {
            let help = "write it as JSON text, with its private members";
            PrivateKey::from_jwk(key).map_err(|error| (key.clone(), error.to_string(), help.to_owned()))?;
        }
        if self.issuer.is_none() && self.endpoints.is_empty() {
            let help = "write `issuer = \"https://…\"`, or `[endpoints]`";
            return Err((String::new(), "the file says neither `issuer` nor `[endpoints]`".into(), help.into()));
        }
        Ok(())
    }
}

fn absolute(text: &str) -> Result<(), (String, String, String)> {
    let help = "write an absolute http or https URL";
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        Ok(url) => Err((text.to_owned(), format!("`{}` is no scheme that can be asked", url.scheme()), help.into())),
        Err(error) => Err((text.to_owned(), format!("`{text}` is no URL: {error}"), help.into())),
    }
}

fn unset_variable(name: &str, source: &str, unset: &Unset) -> TargetError {
    let length = source[unset.at..].find('}').map_or(2, |length| length + 1);
    let message = format!("the environment variable {} is not set", unset.name);
    let help = format!("set it (`export {}=…`), or give a default: `${{{}:-…}}`", unset.name, unset.name);
    TargetError(caret(name, source, unset.at..unset.at + length, &message, &help))
}

fn at_word(name: &str, source: &str, word: &str, message: &str, help: &str) -> TargetError {
    match source.find(word).filter(|_| !word.is_empty()) {
        Some(at) => TargetError(caret(name, source, at..at + word.len(), message, help)),
        None => TargetError(format!("{name}: {message}; {help}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<Target, TargetError> {
        Target::read("x.toml", source, &|_| None)
    }

    #[test]
    fn a_missing_secret_names_file_line_and_variable() {
        let error =
            read("issuer = \"https://as.example\"\n[clients.confidential]\nid = \"a\"\nsecret = \"${APP_SECRET}\"\n");
        let text = error.unwrap_err().to_string();
        assert!(text.contains("APP_SECRET is not set") && text.contains("x.toml:4:"), "{text}");
    }

    #[test]
    fn a_wrong_key_and_a_bad_url_have_a_caret() {
        for (source, part) in
            [("isuer = \"x\"", "isuer"), ("issuer = \"as.example\"", "as.example"), ("issuer = \"ftp://a/\"", "ftp")]
        {
            let text = read(source).unwrap_err().to_string();
            assert!(text.contains('^') && text.contains(part), "{text}");
        }
    }

    #[test]
    fn relative_endpoints_stand_below_the_issuer() {
        let target = read("issuer = \"https://as.example/t/\"\nendpoints.token = \"/token\"").unwrap();
        assert_eq!(target.endpoints["token"], "https://as.example/t/token");
    }

    #[test]
    fn a_refresh_token_is_asked_for_with_the_scope_of_a_login_unless_it_has_its_own() {
        let scopes = |file: &str| {
            let target = read(&format!("issuer = \"https://as.example\"\n{file}")).unwrap();
            [target.scope("refresh"), target.scope("machine")]
        };
        assert_eq!(scopes("[scopes]\nlogin = \"a\""), [Some("a".into()), None]);
        assert_eq!(scopes("[scopes]\nlogin = \"a\"\nrefresh = \"b\""), [Some("b".into()), None]);
        assert_eq!(scopes("[scopes]\nlogin = \"a\"\nrefresh = \"\""), [None, None]);
    }
}
