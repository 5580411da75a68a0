//! Client authentication by a signed assertion, `private_key_jwt`: RFC 7521 section 4.2 and RFC 7523 section 3. The
//! assertion names its client twice, is signed with a key of that client (ES256 or RS256), is for this provider and
//! nobody else, ends within the hour and counts once.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{self, signature::Verifier};
use rsa::{BoxedUint, PublicKey as RsaKey, pkcs1v15};
use serde_json::Value;
use sha2::Sha256;

use crate::config::{AuthMethod, Client, PublicKey};
use crate::refusal::Refusal;
use crate::shelf::{Shelf, key};
use crate::{Defect, Liberty, Params, Provider, flaws};

/// The algorithms of assertions.
pub const ALGORITHMS: [&str; 2] = ["RS256", "ES256"];

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far its end may be, in seconds.
const LONGEST: u64 = 3600;

/// Assertions that were accepted, until they end anyway.
#[derive(Debug)]
pub struct Accepted(Mutex<Shelf<()>>);

impl Default for Accepted {
    fn default() -> Self {
        Self(Mutex::new(Shelf::new(100_000)))
    }
}

/// The client that signed this assertion.
pub fn verify<'p>(
    provider: &'p Provider,
    assertion: &str,
    form: &Params,
    now: u64,
) -> Result<Cow<'p, Client>, Refusal> {
    let refuse = |what: &str| provider.invalid_client(what);
    if form.get("client_assertion_type") != Some(TYPE) || !provider.offers_assertions() {
        return Err(refuse("this type of client assertion is not supported"));
    }
    let (header, claims) = parts(assertion).ok_or_else(|| refuse("the client assertion is no JWT"))?;
    if header.get("crit").is_some() && !provider.breaks(Defect::ClientAssertionCritIgnored) {
        return Err(refuse("the client assertion has a critical header that is not known"));
    }
    let subject = claims["sub"].as_str().filter(|subject| claims["iss"] == *subject);
    let client = subject.and_then(|id| provider.client(id, now));
    let client = client.filter(|client| client.authenticates_by(AuthMethod::PrivateKeyJwt));
    let client = client.ok_or_else(|| refuse("iss and sub of the client assertion are not a client that signs"))?;
    let signed = |key| is_signed(key, &header, assertion) || flaws::forged_assertion(provider, key, &header, assertion);
    if !client.keys.iter().any(signed) && !flaws::lets_keyless_in(provider, &client, &header, assertion) {
        return Err(refuse("the client assertion is not signed with a key of the client"));
    }
    if !is_for(provider, &claims["aud"]) && !provider.breaks(Defect::AssertionAudienceNotChecked) {
        return Err(refuse("aud of the client assertion is not this provider alone"));
    }
    provider.accept_once(&client, &claims, now)?;
    match form.get("client_id") {
        Some(other) if provider.breaks(Defect::ClientAssertionNotMappedToClient) => {
            provider.client(other, now).ok_or_else(|| refuse("client_id is not known"))
        }
        _ => Ok(client),
    }
}

/// Header and claims. That there are exactly three parts is for the signature to show.
pub fn parts(assertion: &str) -> Option<(Value, Value)> {
    let mut parts = assertion.split('.').map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok());
    Some((parts.next()??, parts.next()??))
}

fn is_signed(key: &PublicKey, header: &Value, assertion: &str) -> bool {
    let named = header.get("kid").is_none_or(|kid| key.kid.as_ref().is_none_or(|own| kid == own));
    named && verifies(key, header["alg"].as_str().unwrap_or_default(), assertion).is_some()
}

/// The key decides which algorithm it is for; the header has to agree.
pub(crate) fn verifies(key: &PublicKey, algorithm: &str, assertion: &str) -> Option<()> {
    let (signed, signature) = assertion.rsplit_once('.')?;
    let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    match (key.kty.as_str(), algorithm) {
        ("EC", "ES256") => {
            let point = [vec![4], bytes(&key.x)?, bytes(&key.y)?].concat();
            let signature = ecdsa::Signature::from_slice(&signature).ok()?;
            ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?.verify(signed.as_bytes(), &signature).ok()
        }
        ("RSA", "RS256") => {
            let number = |text| bytes(text).map(|bytes| BoxedUint::from_be_slice_vartime(&bytes));
            let key = RsaKey::new(number(&key.n)?, number(&key.e)?).ok()?;
            let signature = pkcs1v15::Signature::try_from(signature.as_slice()).ok()?;
            pkcs1v15::VerifyingKey::<Sha256>::new(key).verify(signed.as_bytes(), &signature).ok()
        }
        _ => None,
    }
}

/// Whether the audience is the issuer and nothing else; RFC 7523 section 3 also knows the URL of the token endpoint.
fn is_for(provider: &Provider, audience: &Value) -> bool {
    let only = audience.as_array().and_then(|list| if let [only] = list.as_slice() { Some(only) } else { None });
    let audience = only.unwrap_or(audience);
    let endpoint =
        provider.takes(Liberty::AssertionForTokenEndpoint).then(|| format!("{}/token", provider.config.issuer));
    *audience == provider.config.issuer || endpoint.is_some_and(|endpoint| *audience == endpoint)
}

impl Provider {
    /// Whether clients may authenticate with assertions.
    pub(crate) fn offers_assertions(&self) -> bool {
        !self.breaks(Defect::OnlySharedSecretsOffered)
    }

    /// An assertion that has not ended counts once.
    fn accept_once(&self, client: &Client, claims: &Value, now: u64) -> Result<(), Refusal> {
        let (ends, seconds) = (claims["exp"].as_u64(), now / 1000);
        let ends = ends.filter(|ends| *ends > seconds && *ends <= seconds + LONGEST);
        let ends = ends.or_else(|| flaws::end_of_assertion(self, claims, seconds));
        let ends = ends.ok_or_else(|| self.invalid_client("the client assertion has ended, or ends too late"))?;
        let early = claims["nbf"].as_u64().is_some_and(|begins| begins > seconds);
        if early && !self.breaks(Defect::ClientAssertionNbfNotChecked) {
            return Err(self.invalid_client("the client assertion is not good yet"));
        }
        let name = claims["jti"].as_str().ok_or_else(|| self.invalid_client("the client assertion has no jti"))?;
        let used = key(&format!("{}\n{name}", client.id));
        let mut accepted = self.accepted_assertions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if accepted.get(&used, now).is_some() && !self.breaks(Defect::ClientAssertionReplayAccepted) {
            return Err(self.invalid_client("this client assertion was used before"));
        }
        Ok(accepted.put(used, (), ends * 1000, now)?)
    }
}
