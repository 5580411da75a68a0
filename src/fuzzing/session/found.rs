//! What a session brought to light, in order, and the placeholders that stand for it in requests.

/// Values by kind, each in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Found([Vec<String>; KINDS.len()]);

/// What is collected; `signed` is the right Authorization field of the request that is next.
const KINDS: [&str; 8] =
    ["session", "csrf", "code", "access_token", "refresh_token", "signed", "client_id", "client_secret"];

impl Found {
    /// Keeps a value of this kind.
    pub fn add(&mut self, kind: &str, value: &str) {
        if let Some(at) = KINDS.iter().position(|known| *known == kind) {
            self.0[at].push(value.to_owned());
        }
    }

    /// The last value of this kind.
    pub fn latest(&self, kind: &str) -> Option<&str> {
        self.earlier(kind, 0)
    }

    /// The value of this kind that came so many before the last one.
    pub fn earlier(&self, kind: &str, before: usize) -> Option<&str> {
        let at = KINDS.iter().position(|known| *known == kind)?;
        self.0[at].iter().rev().nth(before).map(String::as_str)
    }

    /// The text with placeholders for everything that was found.
    pub fn abstracted(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (kind, values) in KINDS.iter().zip(&self.0) {
            for (before, value) in values.iter().rev().enumerate() {
                let name = if before == 0 { (*kind).to_owned() } else { format!("{kind}.{before}") };
                text = text.replace(value, &format!("{{{{{name}}}}}"));
            }
        }
        text
    }
}

/// The bytes with each `{{kind}}` or `{{kind.N}}` replaced by the last value of the kind, or the one N before it. What
/// names nothing that was found stays as it is.
pub fn filled(bytes: &[u8], found: &Found) -> Vec<u8> {
    if !bytes.contains(&b'{') {
        return bytes.to_vec();
    }
    let (mut out, mut rest) = (Vec::with_capacity(bytes.len() + 64), bytes);
    while let Some(open) = position(rest, b"{{") {
        out.extend(&rest[..open]);
        let inner = &rest[open + 2..];
        let value = position(inner, b"}}").and_then(|end| Some((end, value(&inner[..end], found)?)));
        match value {
            Some((end, value)) => {
                out.extend(value.as_bytes());
                rest = &inner[end + 2..];
            }
            None => {
                out.extend(b"{{");
                rest = inner;
            }
        }
    }
    out.extend(rest);
    out
}

fn value<'a>(name: &[u8], found: &'a Found) -> Option<&'a str> {
    let name = std::str::from_utf8(name).ok()?;
    let (kind, before) = name.split_once('.').unwrap_or((name, "0"));
    found.earlier(kind, before.parse().ok()?)
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_stand_for_the_last_value_and_for_earlier_ones() {
        let mut found = Found::default();
        ["one", "two"].into_iter().for_each(|code| found.add("code", code));
        assert_eq!(filled(b"a {{code}} {{code.1}} {{code.2}} {{x}} {{", &found), b"a two one {{code.2}} {{x}} {{");
        assert_eq!(found.abstracted("a two one three"), "a {{code}} {{code.1}} three");
    }
}
