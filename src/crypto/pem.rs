//! A public key as servers keep it in a file: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) in PEM (RFC 7468). It is what a
//! careless verifier takes for an HMAC secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::public_key::member;

/// The public half of a JWK in PEM, with a line break at its end; of a JWK Set, that of the first key that can be
/// written. `None` when there is none of kty RSA, EC with P-256, or OKP with Ed25519.
pub fn public_pem(jwk_or_set: &str) -> Option<String> {
    let json: Value = serde_json::from_str(jwk_or_set).ok()?;
    let one = std::slice::from_ref(&json);
    let der = json["keys"].as_array().map_or(one, Vec::as_slice).iter().find_map(public_key_info)?;
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(LINE).map(|at| &text[at..text.len().min(at + LINE)]).collect();
    Some(format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n")))
}

const LINE: usize = 64;
/// Object identifiers as DER: rsaEncryption with its empty parameters, a P-256 key, Ed25519.
const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
const P256: &[u8] = &[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const ED25519: &[u8] = &[6, 3, 0x2b, 0x65, 0x70];
/// Tags of DER.
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const SEQUENCE: u8 = 0x30;

fn public_key_info(jwk: &Value) -> Option<Vec<u8>> {
    let part = |name: &str| member(jwk, name);
    let (algorithm, key) = match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
        ("RSA", _) => {
            (RSA, der(SEQUENCE, &[der(INTEGER, &positive(part("n")?)), der(INTEGER, &positive(part("e")?))].concat()))
        }
        ("EC", Some("P-256")) => (P256, [vec![4], part("x")?, part("y")?].concat()),
        ("OKP", Some("Ed25519")) => (ED25519, part("x")?),
        _ => return None,
    };
    let bits = [vec![0], key].concat();
    Some(der(SEQUENCE, &[der(SEQUENCE, algorithm), der(BIT_STRING, &bits)].concat()))
}

/// A number whose first bit would make it negative gets an octet of zeros in front.
fn positive(mut number: Vec<u8>) -> Vec<u8> {
    if number.first().is_some_and(|first| *first >= 0x80) {
        number.insert(0, 0);
    }
    number
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let octets: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
    let short = u8::try_from(length).ok().filter(|length| *length < 0x80);
    let length = short.map_or_else(|| [vec![0x80 | octets.len() as u8], octets].concat(), |length| vec![length]);
    [vec![tag], length, content.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys as JWKs, and as the Python package `cryptography` writes them (OpenSSL).
    const EXAMPLES: &[(&str, &str)] = &[
        (
            r#"{"kty":"RSA","n":"y_x-dRlVJySa_QUpoBpvI4OFeCGqgMA1liB7T-CJXLGMBRDJqNjbpQFRHnQDL6VCYA7OI5g6fiqCMTq5P5KsSG1qkKpVmHhK2E_NDA95AkxcisrCLVdUnnD586cAhnkVrvs-bzxSgG8G6IVhhUVj3MYdhq83m20Chks3fz13ZFnQRdq7Acx6cFru-8MDjZ47jKPbVOQEsQWRjvgiApoPGG4qiCriakcflorJxk-tI8n1qTo5AOqnO1uh3Wq3aMax8CfrooualtyMSH4KrPhdm2NHBFYHSkjxOQ5kyxIj2eInyliRCEmnNmPr3KEmrEzH2x6OP70pqvkJbvYFfCQk4Q","e":"AQAB"}"#,
            "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAy/x+dRlVJySa/QUpoBpv\nI4OFeCGqgMA1liB7T+CJXLGMBRDJqNjbpQFRHnQDL6VCYA7OI5g6fiqCMTq5P5Ks\nSG1qkKpVmHhK2E/NDA95AkxcisrCLVdUnnD586cAhnkVrvs+bzxSgG8G6IVhhUVj\n3MYdhq83m20Chks3fz13ZFnQRdq7Acx6cFru+8MDjZ47jKPbVOQEsQWRjvgiApoP\nGG4qiCriakcflorJxk+tI8n1qTo5AOqnO1uh3Wq3aMax8CfrooualtyMSH4KrPhd\nm2NHBFYHSkjxOQ5kyxIj2eInyliRCEmnNmPr3KEmrEzH2x6OP70pqvkJbvYFfCQk\n4QIDAQAB\n-----END PUBLIC KEY-----\n",
        ),
        (
            r#"{"kty":"EC","crv":"P-256","x":"aLDPVtqjORfTIYWXl4FSnMoH7tGK_v4GmOibXqcGzfE","y":"-aiDYVwlZmMQoVcZwFUuplIevXuF0x243uHzVRJyh9I"}"#,
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaLDPVtqjORfTIYWXl4FSnMoH7tGK\n/v4GmOibXqcGzfH5qINhXCVmYxChVxnAVS6mUh69e4XTHbje4fNVEnKH0g==\n-----END PUBLIC KEY-----\n",
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"ry1_huc_cdI73UoRNXpCMhGNRpzQb9OTqOQDtZS2WJM"}"#,
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAry1/huc/cdI73UoRNXpCMhGNRpzQb9OTqOQDtZS2WJM=\n-----END PUBLIC KEY-----\n",
        ),
    ];

    #[test]
    fn a_key_is_written_as_openssl_writes_it() {
        for (jwk, pem) in EXAMPLES {
            assert_eq!(public_pem(jwk).as_deref(), Some(*pem), "{jwk}");
            assert_eq!(public_pem(&format!(r#"{{"keys":[{{"kty":"oct"}},{jwk}]}}"#)).as_deref(), Some(*pem), "{jwk}");
        }
    }

    #[test]
    fn what_has_no_such_key_has_no_pem() {
        for text in
            ["", "{}", r#"{"keys":[]}"#, r#"{"kty":"oct","k":"AQAB"}"#, r#"{"kty":"EC","crv":"P-256","x":"AA"}"#]
        {
            assert_eq!(public_pem(text), None, "{text}");
        }
    }
}
