//! The challenges of `WWW-Authenticate`, as RFC 9110 (sections 11.3 and 11.6.1) writes them: several fields, several
//! challenges in a field, each with parameters or one opaque text.

/// What `WWW-Authenticate` asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Challenges {
    /// Schemes in lower case, each with its parameters: names in lower case, values without quotes.
    pub list: Vec<(String, Vec<(String, String)>)>,
    /// Whether something was there that the grammar does not know.
    pub malformed: bool,
}

/// Reads all fields. What is malformed is passed over, so that the rest can still be judged.
pub fn challenges<'a>(fields: impl Iterator<Item = &'a str>) -> Challenges {
    let mut found = Challenges::default();
    for field in fields {
        let before = found.list.len();
        Reader { rest: field }.field(&mut found, before);
        found.malformed |= found.list.len() == before;
    }
    found
}

/// One challenge in the plainest form, every value quoted.
pub fn written((scheme, parameters): &(String, Vec<(String, String)>)) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let parameters = parameters.iter().map(|(name, value)| format!("{name}=\"{}\"", quoted(value)));
    format!("{scheme} {}", parameters.collect::<Vec<_>>().join(", ")).trim_end().to_owned()
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn field(&mut self, found: &mut Challenges, first: usize) {
        let mut comma = true;
        loop {
            comma |= self.skip(&[' ', '\t', ',']).contains(',');
            if self.rest.is_empty() {
                return;
            }
            let name = self.take(is_token);
            if name.is_empty() {
                found.malformed = true;
                self.step();
                continue;
            }
            match self.value(&mut found.malformed) {
                Some(value) if found.list.len() > first => {
                    found.malformed |= !comma;
                    if let Some((_, parameters)) = found.list.last_mut() {
                        parameters.push((name.to_ascii_lowercase(), value));
                    }
                    comma = false;
                }
                Some(_) => found.malformed = true,
                None => {
                    found.malformed |= !comma;
                    found.list.push((name.to_ascii_lowercase(), Vec::new()));
                    comma = self.opaque();
                }
            }
        }
    }

    /// `= token` or `= "text"`; nothing is consumed when no equals sign follows.
    fn value(&mut self, malformed: &mut bool) -> Option<String> {
        let after = self.rest.trim_start_matches([' ', '\t']).strip_prefix('=')?;
        self.rest = after.trim_start_matches([' ', '\t']);
        if self.rest.starts_with('"') {
            self.step();
            return Some(self.quoted(malformed));
        }
        let value = self.take(is_token);
        *malformed |= value.is_empty() || !(self.rest.is_empty() || self.rest.starts_with([' ', '\t', ',']));
        Some(value.to_owned())
    }

    fn quoted(&mut self, malformed: &mut bool) -> String {
        let mut text = String::new();
        loop {
            match self.step() {
                None => *malformed = true,
                Some('"') => {}
                Some('\\') => {
                    text.extend(self.step());
                    continue;
                }
                Some(other) => {
                    text.push(other);
                    continue;
                }
            }
            return text;
        }
    }

    /// The opaque text that may stand in place of parameters. Parameters may follow when it was not there.
    fn opaque(&mut self) -> bool {
        let trimmed = self.rest.trim_start_matches(' ');
        let body = trimmed.trim_start_matches(is_token68);
        let end = body.trim_start_matches('=').trim_start_matches([' ', '\t']);
        let alone = trimmed.len() > body.len() && (end.is_empty() || end.starts_with(','));
        if alone {
            self.rest = end;
        }
        !alone
    }

    fn take(&mut self, wanted: fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|char| !wanted(char)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, characters: &[char]) -> &'a str {
        let rest = self.rest.trim_start_matches(characters);
        let skipped = &self.rest[..self.rest.len() - rest.len()];
        self.rest = rest;
        skipped
    }

    fn step(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let first = characters.next();
        self.rest = characters.as_str();
        first
    }
}

fn is_token(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char)
}

fn is_token68(char: char) -> bool {
    char.is_ascii_alphanumeric() || "-._~+/".contains(char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&str]) -> (Vec<String>, bool) {
        let found = challenges(fields.iter().copied());
        let written = found.list.iter().map(|(scheme, parameters)| {
            let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{scheme}[{}]", parameters.join("|"))
        });
        (written.collect(), found.malformed)
    }

    #[test]
    fn well_formed_challenges() {
        let cases: [(&[&str], &[&str]); 9] = [
            (&["Bearer"], &["bearer[]"]),
            (&["Bearer realm=\"a, b\", Error = invalid_token"], &["bearer[realm=a, b|error=invalid_token]"]),
            (&["Basic realm=\"x\", Bearer realm=\"y\""], &["basic[realm=x]", "bearer[realm=y]"]),
            (&["Basic realm=\"x\"", "BEARER scope=\"a b\""], &["basic[realm=x]", "bearer[scope=a b]"]),
            (&["Negotiate, Bearer error=a"], &["negotiate[]", "bearer[error=a]"]),
            (&["Negotiate YWJj==, Bearer error=a"], &["negotiate[]", "bearer[error=a]"]),
            (&["Bearer realm="], &["bearer[]"]), // an opaque text, says the grammar
            (&["Bearer realm=\"a \\\"q\\\" b\""], &["bearer[realm=a \"q\" b]"]),
            (&[", Bearer realm=a ,, scope=b,"], &["bearer[realm=a|scope=b]"]),
        ];
        for (fields, expected) in cases {
            let (found, malformed) = read(fields);
            assert_eq!(found, expected, "{fields:?}");
            assert!(!malformed, "{fields:?}");
        }
    }

    #[test]
    fn malformed_challenges() {
        for field in ["", "realm=\"x\"", "Bearer realm=\"x\" error=\"y\"", "Bearer realm=\"x", "Bearer realm=\"a\"b\""]
        {
            assert!(read(&[field]).1, "{field}");
        }
        assert_eq!(read(&["Bearer realm=\"x\" error=\"y\""]).0, ["bearer[realm=x|error=y]"]);
    }
}
