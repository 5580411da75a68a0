//! Handshakes without a request: what is offered in words, and by whom it is done. What today's TLS library speaks it does, with its
//! verification; what it refuses to speak is only asked for (`hello.rs`).

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{Error, ProtocolVersion, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::exchange::Handshake;

use super::hello::{self, Hello};
use super::tls::Trust;

/// What is offered, and nothing besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A whole handshake in one of these versions.
    Whole(&'static [&'static SupportedProtocolVersion]),
    /// Only a first message.
    First(Hello),
}

impl Offer {
    /// From the words of a scenario; `Err` says what they are not.
    pub fn of(version: Option<&str>, suites: Option<&str>) -> Result<Self, String> {
        let known = version.map(|version| VERSIONS.iter().find(|(name, _)| *name == version).ok_or(version));
        let known = known.transpose().map_err(|version| format!("`{version}` is no version of TLS"))?;
        let bytes = known.map(|(_, minor)| [3, *minor]);
        match (bytes, suites) {
            (None, None) => Ok(Self::Whole(rustls::ALL_VERSIONS)),
            (Some([_, 3]), None) => Ok(Self::Whole(TLS12)),
            (Some([_, 4]), None) => Ok(Self::Whole(TLS13)),
            (Some([_, 4]), Some(_)) => Err("families of cipher suites are those of TLS 1.2 and older".into()),
            (version, suites) => {
                let family = suites.unwrap_or("usual");
                let suites = SUITES.iter().find(|(name, _)| *name == family);
                let (_, suites) = suites.ok_or_else(|| format!("`{family}` is no family of cipher suites"))?;
                Ok(Self::First(Hello { version: version.unwrap_or([3, 3]), suites }))
            }
        }
    }
}

const TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// The second byte on the wire; SSL 3.0 is the first one of the line.
const VERSIONS: &[(&str, u8)] = &[("3.0", 0), ("1.0", 1), ("1.1", 2), ("1.2", 3), ("1.3", 4)];

/// Families of cipher suites by the numbers that IANA gave them.
const SUITES: &[(&str, &[u16])] = &[
    ("strong", &[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0x009e, 0x009f]),
    ("usual", &[0xc009, 0xc00a, 0xc013, 0xc014, 0x0033, 0x0039, 0x002f, 0x0035, 0xc012, 0x000a, 0x0005, 0x0004]),
    ("static", &[0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035]),
    ("null", &[0x0001, 0x0002, 0x003b, 0xc006, 0xc010]),
    ("anonymous", &[0x0018, 0x001b, 0x0034, 0x003a, 0x006c, 0x006d, 0xc016, 0xc017, 0xc018, 0xc019]),
    ("export", &[0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014]),
    ("rc4", &[0x0004, 0x0005, 0xc007, 0xc011]),
    ("des", &[0x0009, 0x000a, 0x0012, 0x0013, 0x0015, 0x0016, 0xc008, 0xc012]),
];

/// Agrees with a server at the other end of a stream, or sees it refuse. `Err` is no answer to the question.
pub async fn shake<S>(stream: S, host: &str, offer: Offer, trust: &Trust) -> Result<Handshake, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match offer {
        Offer::First(hello) => Ok(hello::ask(stream, host, hello).await),
        Offer::Whole(versions) => {
            let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
            let (config, lenient) = trust.observed(versions)?;
            let shaken = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await;
            let trusted = !lenient.is_some_and(|lenient| lenient.noticed());
            Ok(shaken.as_ref().map_or_else(refused, |stream| agreed(stream.get_ref().1, trusted)))
        }
    }
}

fn agreed(connection: &rustls::ClientConnection, trusted: bool) -> Handshake {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "1.2",
        _ => "1.3",
    };
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("0x{:04x}", u16::from(suite.suite())));
    Handshake { agreed: Some(version.into()), suite, trusted: Some(trusted) }
}

/// A certificate that proves nothing is told; for all else that went wrong, nothing was agreed on.
fn refused(error: &std::io::Error) -> Handshake {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    let untrusted = matches!(cause, Some(Error::InvalidCertificate(_)));
    Handshake { trusted: untrusted.then_some(false), ..Handshake::default() }
}
