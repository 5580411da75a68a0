//! A first message of TLS, written by hand: the TLS library offers neither old versions nor weak cipher suites, so whether a server
//! would take them is asked without it. Only the answer to that message is read; no key is ever agreed on.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::exchange::Handshake;

/// What is offered, and nothing besides: a version as on the wire, and cipher suites by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    pub version: [u8; 2],
    pub suites: &'static [u16],
}

/// Says hello and reads whether the server says hello too. An alert, an end and anything that is no TLS are a refusal.
pub async fn ask<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, host: &str, hello: Hello) -> Handshake {
    let asked = stream.write_all(&hello.record(host)).await;
    if asked.is_err() || stream.flush().await.is_err() {
        return Handshake::default();
    }
    answer(&mut stream).await.unwrap_or_default()
}

/// Version and cipher suite of a ServerHello, if that is what comes.
async fn answer<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Handshake> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let mut body = [0; 35];
    if head[0] != HANDSHAKE || head[5] != SERVER_HELLO || stream.read_exact(&mut body).await.is_err() {
        return None;
    }
    let mut rest = vec![0; usize::from(body[34]) + 2];
    stream.read_exact(&mut rest).await.ok()?;
    let suite = &rest[rest.len() - 2..];
    Some(Handshake {
        agreed: Some(written(body[0], body[1])),
        suite: Some(format!("0x{:02x}{:02x}", suite[0], suite[1])),
        trusted: None,
    })
}

/// A version as people write it.
fn written(major: u8, minor: u8) -> String {
    match (major, minor) {
        (3, 0) => "3.0".into(),
        (3, minor) => format!("1.{}", minor - 1),
        (major, minor) => format!("{major}.{minor}"),
    }
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

impl Hello {
    fn record(&self, host: &str) -> Vec<u8> {
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        let mut body = [&self.version[..], &RANDOM, &[0], &sized(&suites), &[1, 0]].concat();
        if self.version > [3, 0] {
            body.extend(sized(&self.extensions(host)));
        }
        let message = [&[CLIENT_HELLO, 0][..], &sized(&body)].concat();
        [&[HANDSHAKE, 3, self.version[1].min(1)][..], &sized(&message)].concat()
    }

    /// The name of the host, curves and how their points are written, that renegotiation is safe; in TLS 1.2 the signatures.
    fn extensions(&self, host: &str) -> Vec<u8> {
        let mut all = vec![
            extension(0x000a, &sized(&[0, 29, 0, 23, 0, 24, 0, 25])),
            extension(0x000b, &[1, 0]),
            extension(0xff01, &[0]),
        ];
        if host.parse::<std::net::IpAddr>().is_err() {
            all.push(extension(0x0000, &sized(&[&[0][..], &sized(host.as_bytes())].concat())));
        }
        if self.version >= [3, 3] {
            let known = [4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 6, 1, 2, 3, 2, 1, 2, 2];
            all.push(extension(0x000d, &sized(&known)));
        }
        all.concat()
    }
}

/// Nobody goes on after this message, so nothing depends on it.
const RANDOM: [u8; 32] = *b"grantcheck asks what is accepted";

fn extension(number: u16, content: &[u8]) -> Vec<u8> {
    [&number.to_be_bytes()[..], &sized(content)].concat()
}

/// Bytes behind their number in two bytes; no part of a hello is longer.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Hello = Hello { version: [3, 1], suites: &[0x002f, 0x000a] };

    #[test]
    fn every_length_in_a_hello_is_right() {
        let record = OLD.record("as.example");
        let length = |at: usize| usize::from(u16::from_be_bytes([record[at], record[at + 1]]));
        assert_eq!((record[0], length(3)), (HANDSHAKE, record.len() - 5));
        assert_eq!((record[5], record[6], length(7)), (CLIENT_HELLO, 0, record.len() - 9));
        assert_eq!((&record[9..11], record[43], length(44)), (&[3, 1][..], 0, 4));
        assert_eq!(length(52), record.len() - 54, "the extensions are the rest");
        assert!(record.windows(10).any(|window| window == b"as.example"));
        let oldest = Hello { version: [3, 0], ..OLD }.record("as.example");
        assert_eq!(oldest.len(), 52, "SSL 3.0 has no extensions");
    }

    #[tokio::test]
    async fn only_a_server_hello_is_an_agreement() {
        let hello = [&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
        let alert = b"\x15\x03\x01\x00\x02\x02\x46".to_vec();
        let cut = hello[..20].to_vec();
        for (bytes, agreed) in [(hello, Some("1.0")), (alert, None), (cut, None), (b"HTTP/1.1 400 \r\n".to_vec(), None)]
        {
            let (near, mut far) = tokio::io::duplex(1024);
            far.write_all(&bytes).await.unwrap();
            let mut rest = far;
            let (seen, ()) = tokio::join!(ask(near, "as.example", OLD), async {
                rest.shutdown().await.unwrap();
                let _ = rest.read_to_end(&mut Vec::new()).await;
            });
            assert_eq!(seen.agreed.as_deref(), agreed);
            assert_eq!(seen.suite.as_deref(), agreed.map(|_| "0x002f"));
        }
    }
}
