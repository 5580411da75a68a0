//! Texts read or written in the wrong way.

use crate::{Request, Response, params};

/// A form in which every plus stands for itself.
pub fn plus_escaped(form: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(form).replace('+', "%2B").into()
}

/// A form whose percent pairs are read as ISO 8859-1.
pub fn latin1_escaped(form: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(form).into_owned();
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..2).and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if byte >= 0x80 => {
                out.push_str(&format!("{}{}", params::encode(&char::from(byte).to_string()), &part[2..]))
            }
            _ => out.push_str(&format!("%{part}")),
        }
    }
    out.into()
}

/// A JSON object as if it were a form.
pub fn json_as_form(body: &[u8]) -> Option<Vec<u8>> {
    let members: serde_json::Map<_, _> = serde_json::from_slice(body).ok()?;
    let pair = |(name, value): (&String, &serde_json::Value)| {
        Some(format!("{}={}", params::encode(name), params::encode(value.as_str()?)))
    };
    Some(members.iter().filter_map(pair).collect::<Vec<_>>().join("&").into())
}

/// Whether the media type has a charset parameter.
pub fn has_charset(request: &Request) -> bool {
    request
        .header("content-type")
        .is_some_and(|value| value.to_ascii_lowercase().windows(8).any(|part| part == b"charset="))
}

/// A secret as somebody stores it who trims every input and allows only simple characters.
pub fn trimmed(secret: &str) -> &str {
    secret.split(['"', ' ', '%', '&']).next().unwrap_or_default()
}

/// A value written into a header as it came: its line breaks begin new headers.
pub fn split_header(mut response: Response, value: &str) -> Response {
    for line in value.lines().skip(1) {
        if let Some((name, value)) = line.split_once(':') {
            response = response.with(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    response
}

/// The part of a value that somebody compares who does not compare all of it.
pub fn first_part(value: &str) -> &str {
    value.char_indices().nth(24).map_or(value, |(at, _)| &value[..at])
}

/// The first thing in a header that could be a token.
pub fn loosely(header: &str) -> &str {
    header.trim().trim_matches('"').split([' ', ',', '\t']).next().unwrap_or_default()
}
