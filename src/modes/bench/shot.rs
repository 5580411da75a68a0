//! A request that is sent over and over, and the one value in it that changes.

use crate::exchange::Request;
use crate::wire::kept_bytes;

/// A request and its changing value.
pub struct Shot {
    request: Request,
    /// The value as it stands in there, form-encoded; empty when nothing changes.
    value: String,
    bytes: Vec<u8>,
}

impl Shot {
    /// A request in which this value changes, if one is given.
    pub fn new(request: Request, value: Option<&str>) -> Result<Self, String> {
        let bytes = kept_bytes(&request)?;
        Ok(Self { request, value: value.map(encode).unwrap_or_default(), bytes })
    }

    /// The request with the value of now.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it goes.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Puts another value in its place.
    pub fn load(&mut self, value: &str) -> Result<(), String> {
        let value = encode(value);
        if self.value.is_empty() || value == self.value {
            return Ok(());
        }
        self.request.url = self.request.url.replace(&self.value, &value);
        let body = String::from_utf8_lossy(&self.request.body).replace(&self.value, &value);
        self.request.body = body.into_bytes();
        self.value = value;
        self.bytes = kept_bytes(&self.request)?;
        Ok(())
    }
}

fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_changes_in_its_place_and_so_does_the_length() {
        let body = b"grant_type=refresh_token&refresh_token=a%2Bb".to_vec();
        let request = Request { method: "POST".into(), url: "http://h/token".into(), body, ..Request::default() };
        let mut shot = Shot::new(request, Some("a+b")).unwrap();
        shot.load("longer/one").unwrap();
        let text = String::from_utf8(shot.bytes().to_vec()).unwrap();
        assert!(text.ends_with("\r\n\r\ngrant_type=refresh_token&refresh_token=longer%2Fone"), "{text}");
        assert!(text.contains("Content-Length: 51\r\n") && text.contains("Connection: keep-alive\r\n"), "{text}");
    }
}
