//! PKCE, RFC 7636: reading the challenge of an authorization request and checking the verifier of the
//! exchange against it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::config::{Client, Profile};
use crate::constant_time::same;
use crate::grants::Code;
use crate::refusal::Refusal;
use crate::{Defect, Liberty, Params, Provider, flaws};

/// A challenge as it is stored with the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    value: String,
    method: Method,
}

/// How the challenge was made from the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// SHA-256, base64url.
    S256,
    /// The verifier itself.
    Plain,
}

/// The challenge of an authorization request, if it has one.
pub fn read(provider: &Provider, params: &Params) -> Result<Option<Challenge>, Refusal> {
    let value = match provider.breaks(Defect::FirstChallengeCheckedLastStored) {
        true => params.all("code_challenge").next_back(),
        false => params.get("code_challenge"),
    };
    let Some(value) = value else { return Ok(None) };
    if params.literal("code_challenge_method") == Some("") && provider.breaks(Defect::EmptyMethodSkipsVerification) {
        return Ok(Some(Challenge { value: String::new(), method: Method::Plain }));
    }
    let method = method(provider, params)?;
    let unchecked = provider.breaks_any(&[
        Defect::MalformedChallengeAccepted,
        Defect::S256ChallengeComparedByPrefix,
        Defect::S256AcceptsHexDigest,
        Defect::PaddedChallengeMatches,
    ]);
    if !is_well_formed(value) && !unchecked {
        return Err(Refusal::invalid_request("code_challenge is not 43 to 128 unreserved characters"));
    }
    let short = method == Method::S256 || provider.breaks(Defect::LongPlainChallengeRefused);
    if short && value.len() != 43 && !unchecked {
        return Err(Refusal::invalid_request("an S256 code_challenge has 43 characters"));
    }
    Ok(Some(Challenge { value: value.to_owned(), method }))
}

/// Checks the verifier of an exchange against the challenge that was stored with the code.
pub fn verify(provider: &Provider, code: &Code, form: &Params) -> Result<(), Refusal> {
    let ignored = provider.breaks_any(&[Defect::ChallengeIgnored, Defect::CodeNotBoundToChallenge]);
    let challenge = provider.last_challenge(&code.grant).or(code.challenge.clone()).filter(|_| !ignored);
    let verifier = form.get("code_verifier");
    match (challenge, verifier) {
        (None, None) if provider.breaks(Defect::NoPkceCodeDemandsVerifier) => Err(Refusal::missing("code_verifier")),
        (None, None) => Ok(()),
        (None, Some(_)) if ignored || flaws::takes_needless_verifier(provider) => Ok(()),
        (None, Some(_)) => Err(Refusal::invalid_grant("code_verifier was sent for a code without a challenge")),
        (Some(_), None) if provider.breaks(Defect::MissingVerifierAccepted) => Ok(()),
        (Some(_), None)
            if provider.breaks(Defect::EmptyVerifierAccepted) && form.literal("code_verifier").is_some() =>
        {
            Ok(())
        }
        (Some(_), None) if provider.takes(Liberty::MissingVerifierInvalidRequest) => {
            Err(Refusal::missing("code_verifier"))
        }
        (Some(_), None) => Err(Refusal::invalid_grant("code_verifier is missing")),
        (Some(_), Some(verifier)) if !verifier_is_well_formed(provider, verifier) => {
            Err(Refusal::invalid_grant("code_verifier is not 43 to 128 unreserved characters"))
        }
        (Some(challenge), Some(verifier)) if challenge.matches(provider, verifier, form) => Ok(()),
        _ if provider.breaks(Defect::VerifierMismatchReportedAsInvalidRequest) => {
            Err(Refusal::invalid_request("code_verifier does not match"))
        }
        _ => Err(Refusal::invalid_grant("code_verifier does not match the challenge")),
    }
}

/// The refusal of a request that has to use PKCE and does not.
pub fn missing_challenge(provider: &Provider) -> Refusal {
    match provider.breaks(Defect::MissingChallengeNotExplained) {
        true => Refusal::invalid_request("something is wrong"),
        false => Refusal::invalid_request("code_challenge is missing: this client has to use PKCE"),
    }
}

fn method(provider: &Provider, params: &Params) -> Result<Method, Refusal> {
    let named = params.get("code_challenge_method");
    let folded = named.map(str::to_lowercase);
    let no_s256 = provider.breaks_any(&[Defect::S256NotImplemented, Defect::S256RefusedPlainAccepted]);
    match named {
        Some("S256") if !no_s256 => Ok(Method::S256),
        Some("plain") if provider.offers_plain() => Ok(Method::Plain),
        None if params.literal("code_challenge_method").is_some() && provider.breaks(Defect::EmptyMethodRefused) => {
            Err(Refusal::invalid_request("code_challenge_method is not supported"))
        }
        None if provider.breaks(Defect::MissingMethodDefaultsToS256) => Ok(Method::S256),
        None if provider.offers_plain() || provider.breaks(Defect::MissingMethodTakenForPlain) => Ok(Method::Plain),
        _ if provider.breaks(Defect::MethodNameCaseFolded) && folded.as_deref() == Some("s256") => Ok(Method::S256),
        _ if provider.breaks(Defect::MethodNameCaseFolded) && folded.as_deref() == Some("plain") => Ok(Method::Plain),
        _ if provider.breaks(Defect::UnsupportedMethodFallsBackToPlain) => Ok(Method::Plain),
        _ if provider.breaks(Defect::UnsupportedMethodNotExplained) => {
            Err(Refusal::invalid_request("something is wrong"))
        }
        _ => Err(Refusal::invalid_request("code_challenge_method is not supported")),
    }
}

impl Challenge {
    /// The challenge as it was sent.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// How it was made.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether it is the verifier itself.
    pub fn is_plain(&self) -> bool {
        self.method == Method::Plain
    }

    fn matches(&self, provider: &Provider, verifier: &str, form: &Params) -> bool {
        let verifier =
            if provider.breaks(Defect::VerifierCutAt64) { verifier.get(..64).unwrap_or(verifier) } else { verifier };
        let expected = self.method.transform(verifier);
        same(&expected, &self.value) || flaws::is_taken_for(self, provider, verifier, &expected, form)
    }
}

impl Method {
    /// The challenge that belongs to a verifier.
    pub fn transform(self, verifier: &str) -> String {
        match self {
            Self::S256 => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
            Self::Plain => verifier.to_owned(),
        }
    }
}

impl Provider {
    /// Whether the method `plain` is served.
    pub(crate) fn offers_plain(&self) -> bool {
        self.config.pkce_plain && self.config.profile == Profile::Rfc6749 || self.breaks(Defect::PlainOffered)
    }

    /// Whether this client has to use PKCE with the code grant.
    pub(crate) fn requires_pkce(&self, client: &Client) -> bool {
        let public_only = self.breaks_any(&[
            Defect::PkceDemandedFromPublicClientsOnly,
            Defect::ConfidentialClientWithoutChallengeAccepted,
        ]);
        !self.trusts(client) || !public_only && (client.require_pkce || self.config.profile == Profile::Oauth21)
    }
}

fn verifier_is_well_formed(provider: &Provider, verifier: &str) -> bool {
    let length = verifier.len();
    if length == 43 && provider.breaks(Defect::VerifierMinimumOffByOne)
        || verifier.contains('~') && provider.breaks(Defect::VerifierTildeRefused)
    {
        return false;
    }
    is_well_formed(verifier)
        || length < 43 && provider.breaks(Defect::ShortVerifierAccepted)
        || length > 128 && provider.breaks(Defect::LongVerifierAccepted)
        || (43..=128).contains(&length) && provider.breaks(Defect::VerifierAlphabetNotChecked)
}

fn is_well_formed(value: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&value.len()) && value.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_of_the_specification_matches() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(Method::S256.transform(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
