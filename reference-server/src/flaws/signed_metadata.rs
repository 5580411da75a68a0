//! Signed metadata that is wrong. A healthy provider has none: the member is optional.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{Defect, Provider};

/// The value of `signed_metadata`. Its signature is made up: nobody is told the key.
pub fn signed_metadata(provider: &Provider) -> Option<String> {
    let unsigned = provider.breaks(Defect::SignedMetadataAlgNone);
    let others =
        [Defect::SignedMetadataWithoutIss, Defect::SignedMetadataNested, Defect::SignedMetadataContradictsPlain];
    if !unsigned && !provider.breaks_any(&others) {
        return None;
    }
    let issuer = &provider.config.issuer;
    let mut claims = json!({"iss": issuer, "issuer": issuer, "token_endpoint": format!("{issuer}/token")});
    if let Some(claims) = claims.as_object_mut().filter(|_| provider.breaks(Defect::SignedMetadataWithoutIss)) {
        claims.shift_remove("iss");
    }
    if provider.breaks(Defect::SignedMetadataNested) {
        claims["signed_metadata"] = json!("e30.e30.AAAA");
    }
    if provider.breaks(Defect::SignedMetadataContradictsPlain) {
        claims["token_endpoint"] = json!(format!("{issuer}/other/token"));
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let (algorithm, signature) = if unsigned { ("none", String::new()) } else { ("RS256", part(&json!(issuer))) };
    Some(format!("{}.{}.{signature}", part(&json!({"alg": algorithm})), part(&claims)))
}
