//! Checks what a server signed: a compact JWS against a JWK Set (RFC 7515, RFC 7517, RFC 7518, RFC 8037). Whether its
//! claims are good is not asked here.

use aws_lc_rs::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Whether a key of this JWK Set made the signature of this JWS. A `kid` chooses among the keys that have one, a
/// `use` or `alg` that does not fit excludes a key.
pub fn is_signed_by(jws: &str, set: &str) -> bool {
    let (Some((signed, signature)), Ok(set)) = (jws.rsplit_once('.'), serde_json::from_str::<Value>(set)) else {
        return false;
    };
    let header = signed.split_once('.').and_then(|(header, _)| bytes(header));
    let Some(header) = header.and_then(|header| serde_json::from_slice::<Map<String, Value>>(&header).ok()) else {
        return false;
    };
    let keys = set["keys"].as_array().into_iter().flatten().filter(|key| may_have_signed(key, &header));
    let (Some(algorithm), Some(signature)) = (header.get("alg").and_then(Value::as_str), bytes(signature)) else {
        return false;
    };
    keys.into_iter().any(|key| verifies(algorithm, key, signed.as_bytes(), &signature).is_some())
}

fn may_have_signed(key: &Value, header: &Map<String, Value>) -> bool {
    let same = |name: &str| key.get(name).zip(header.get(name)).is_none_or(|(own, wanted)| own == wanted);
    same("kid") && same("alg") && key.get("use").is_none_or(|purpose| purpose == "sig")
}

/// `Some` when the key is of the algorithm's kind and the signature is right.
fn verifies(algorithm: &str, key: &Value, message: &[u8], given: &[u8]) -> Option<()> {
    let is = |name: &str, value: &str| (key[name] == value).then_some(());
    let elliptic = |curve: &str, algorithm: &'static dyn VerificationAlgorithm| {
        is("crv", curve)?;
        let point = [vec![4], member(key, "x")?, member(key, "y")?].concat();
        UnparsedPublicKey::new(algorithm, point).verify(message, given).ok()
    };
    let rsa = |parameters: &RsaParameters| {
        is("kty", "RSA")?;
        let key = RsaPublicKeyComponents { n: member(key, "n")?, e: member(key, "e")? };
        key.verify(parameters, message, given).ok()
    };
    match algorithm {
        "ES256" => elliptic("P-256", &signature::ECDSA_P256_SHA256_FIXED),
        "ES384" => elliptic("P-384", &signature::ECDSA_P384_SHA384_FIXED),
        "ES512" => elliptic("P-521", &signature::ECDSA_P521_SHA512_FIXED),
        "RS256" => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        "PS384" => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        "PS512" => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        "EdDSA" | "Ed25519" => {
            is("crv", "Ed25519")?;
            UnparsedPublicKey::new(&signature::ED25519, member(key, "x")?).verify(message, given).ok()
        }
        _ => None,
    }
}

/// A member of a JWK that holds bytes.
pub fn member(key: &Value, name: &str) -> Option<Vec<u8>> {
    bytes(key.get(name)?.as_str()?)
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515 A.3 and A.2, RFC 8037 A.4.
    const EXAMPLES: [(&str, &str); 3] = [
        (
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
        ),
        (
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#,
        ),
        (
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        ),
    ];

    #[test]
    fn the_examples_of_the_rfcs_verify_with_their_key_and_with_no_other() {
        for (token, _) in EXAMPLES {
            let verifying = EXAMPLES.iter().filter(|(_, key)| is_signed_by(token, &format!(r#"{{"keys":[{key}]}}"#)));
            assert_eq!(verifying.count(), 1, "{token}");
        }
    }

    #[test]
    fn one_changed_letter_is_noticed_and_a_key_of_another_name_or_purpose_is_not_asked() {
        let (token, key) = EXAMPLES[0];
        assert!(!is_signed_by(&token.replace("eyJpc3Mi", "eyJpc3Nj"), &format!(r#"{{"keys":[{key}]}}"#)));
        for member in [r#""use":"enc","#, r#""alg":"ES384","#] {
            let key = key.replacen('{', &format!("{{{member}"), 1);
            assert!(!is_signed_by(token, &format!(r#"{{"keys":[{key}]}}"#)), "{member}");
        }
    }

    #[test]
    fn what_is_no_token_or_no_set_verifies_nothing() {
        for (token, set) in [("", "{}"), ("a.b", "{\"keys\":[]}"), (EXAMPLES[0].0, "[]"), (EXAMPLES[0].0, "")] {
            assert!(!is_signed_by(token, set), "{token} {set}");
        }
    }
}
