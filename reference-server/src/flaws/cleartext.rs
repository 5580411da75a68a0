//! Endpoints that answer without TLS, and a terminator of TLS that agrees to too much.

use rustls::SupportedProtocolVersion;
use rustls::version::TLS13;

use crate::{Conduct, Defect, Provider, Request};

/// A revocation that came in the clear goes the way of everything else that did.
pub fn leaves_cleartext_revocations(provider: &Provider) -> bool {
    provider.breaks(Defect::HttpRevocationIgnored)
}

/// Whether an endpoint answers though the request came in the clear.
pub fn serves_cleartext(provider: &Provider, request: &Request, path: &str) -> bool {
    let refreshes = || request.form().is_some_and(|form| form.get("grant_type") == Some("refresh_token"));
    match path {
        "/authorize" => {
            provider.breaks(Defect::AuthorizationEndpointAnswersWithoutTls)
                || request.cookie("session").is_none() && provider.breaks(Defect::LoginPageServedWithoutTls)
        }
        "/token" => {
            provider.breaks(Defect::TokenEndpointAnswersWithoutTls)
                || refreshes() && provider.breaks(Defect::RefreshAnswersWithoutTls)
        }
        "/otp/verify" => provider.breaks(Defect::OtpAcceptedWithoutTls),
        "/resource" | "/resource/write" | "/archive" | "/userinfo" => {
            provider.breaks(Defect::ResourceAnswersWithoutTls)
        }
        path if path.starts_with("/.well-known/") => provider.breaks(Defect::MetadataOverHttp),
        _ => false,
    }
}

/// The versions of TLS that are spoken.
pub fn tls_versions(conduct: &Conduct) -> &'static [&'static SupportedProtocolVersion] {
    const NEWEST: &[&SupportedProtocolVersion] = &[&TLS13];
    if conduct.breaks(Defect::Tls12NotSupported) { NEWEST } else { rustls::ALL_VERSIONS }
}

/// Whether first messages are looked at before TLS is: an answer to one of them may be wrong.
pub fn reads_hellos(conduct: &Conduct) -> bool {
    let all =
        [Defect::OldTlsAccepted, Defect::NullCipherAccepted, Defect::StaticKeyExchangeAccepted, Defect::TlsNotOffered];
    all.into_iter().filter(|defect| conduct.breaks(*defect)).count() > 0
}

/// What is answered to a first message that should be refused: the first thing that it offers is agreed to.
pub fn careless_hello(conduct: &Conduct, record: &[u8]) -> Option<Vec<u8>> {
    if conduct.breaks(Defect::TlsNotOffered) {
        return Some(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".into());
    }
    let (version, suites) = offered(record)?;
    let old = version < [3, 3] && conduct.breaks(Defect::OldTlsAccepted);
    let wanted = |suite: &[u8; 2]| version >= [3, 3] && agreeable(conduct, *suite);
    let suite = suites.iter().find(|suite| old || wanted(suite))?;
    Some(server_hello(version, *suite))
}

fn agreeable(conduct: &Conduct, suite: [u8; 2]) -> bool {
    weak(suite) && conduct.breaks(Defect::NullCipherAccepted)
        || fixed(suite) && conduct.breaks(Defect::StaticKeyExchangeAccepted)
}

/// Version and cipher suites of a ClientHello.
fn offered(record: &[u8]) -> Option<([u8; 2], Vec<[u8; 2]>)> {
    let hello = record.get(9..)?;
    let after_session = 35 + usize::from(*hello.get(34)?);
    let length = usize::from(u16::from_be_bytes([*hello.get(after_session)?, *hello.get(after_session + 1)?]));
    let suites = hello.get(after_session + 2..after_session + 2 + length)?;
    Some(([hello[0], hello[1]], suites.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()))
}

/// No encryption, no server, a key for export, RC4, DES.
fn weak([high, low]: [u8; 2]) -> bool {
    match high {
        0x00 => matches!(low, 0x01..=0x1b | 0x3b | 0x34 | 0x3a | 0x6c | 0x6d),
        0xc0 => matches!(low, 0x02 | 0x03 | 0x06..=0x08 | 0x0c | 0x0d | 0x10..=0x12 | 0x15..=0x19),
        _ => false,
    }
}

/// The key of the certificate decrypts the session, now and later.
fn fixed([high, low]: [u8; 2]) -> bool {
    high == 0 && matches!(low, 0x2f | 0x35 | 0x3c | 0x3d | 0x9c | 0x9d)
}

fn server_hello(version: [u8; 2], suite: [u8; 2]) -> Vec<u8> {
    let body = [&version[..], &[7; 32], &[0], &suite, &[0]].concat();
    let handshake = [&[2, 0, 0, 38], &body[..]].concat();
    [&[22, version[0], version[1], 0, 42], &handshake[..]].concat()
}
