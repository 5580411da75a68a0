//! Templates: text with `{{name}}` in it. `{{name?}}` may have no value; `{{name|form}}` encodes it.

use base64::Engine as _;
use thiserror::Error;

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// Text, or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A name, whether it may have no value, and the filters its value goes through.
    Name {
        /// `client.id`.
        path: String,
        /// Written with `?`.
        optional: bool,
        /// In order.
        filters: Vec<Filter>,
    },
}

/// An encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Filter {
    Form,
    Percent,
    Base64,
    Hex,
    Upper,
    Lower,
    Html,
}

/// What a template becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rendered {
    /// A text.
    Text(String),
    /// It is one optional name without a value: the parameter is left out.
    Omitted,
    /// This name has no value.
    Missing(String),
}

/// A template that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// `{{` without `}}`.
    #[error("`{{{{` without `}}}}` in `{0}`")]
    Unclosed(String),
    /// Nothing between the braces.
    #[error("a name is missing in `{0}`")]
    Empty(String),
    /// An unknown filter.
    #[error("there is no filter `{0}`; there are form, percent, base64, hex, upper, lower, html")]
    Filter(String),
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].to_owned()));
            }
            let close = rest[open..].find("}}").ok_or_else(|| TemplateError::Unclosed(text.to_owned()))? + open;
            pieces.push(name(rest[open + 2..close].trim(), text)?);
            rest = &rest[close + 2..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { pieces })
    }

    /// Each name with whether it is optional.
    pub fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Name { path, optional, .. } => Some((path.as_str(), *optional)),
            Piece::Text(_) => None,
        })
    }

    /// Puts the values in place.
    pub fn render(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Rendered {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Name { path, optional, filters } => match lookup(path) {
                    Some(value) => text.push_str(&filters.iter().fold(value, |value, filter| filter.apply(&value))),
                    None if !optional => return Rendered::Missing(path.clone()),
                    None if self.pieces.len() == 1 => return Rendered::Omitted,
                    None => {}
                },
            }
        }
        Rendered::Text(text)
    }
}

fn name(inner: &str, text: &str) -> Result<Piece, TemplateError> {
    let mut parts = inner.split('|').map(str::trim);
    let path = parts.next().unwrap_or_default();
    let filters = parts.map(filter).collect::<Result<_, _>>()?;
    let optional = path.ends_with('?');
    let path = path.trim_end_matches('?').to_owned();
    if path.is_empty() {
        Err(TemplateError::Empty(text.to_owned()))
    } else {
        Ok(Piece::Name { path, optional, filters })
    }
}

fn filter(word: &str) -> Result<Filter, TemplateError> {
    Ok(match word {
        "form" => Filter::Form,
        "percent" => Filter::Percent,
        "base64" => Filter::Base64,
        "hex" => Filter::Hex,
        "upper" => Filter::Upper,
        "lower" => Filter::Lower,
        "html" => Filter::Html,
        _ => return Err(TemplateError::Filter(word.to_owned())),
    })
}

/// RFC 3986 section 2.3: everything but unreserved characters.
const RESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Filter {
    fn apply(self, value: &str) -> String {
        match self {
            Filter::Form => form_urlencoded::byte_serialize(value.as_bytes()).collect(),
            Filter::Percent => percent_encoding::utf8_percent_encode(value, RESERVED).to_string(),
            Filter::Base64 => base64::engine::general_purpose::STANDARD.encode(value),
            Filter::Hex => data_encoding::HEXLOWER.encode(value.as_bytes()),
            Filter::Upper => value.to_uppercase(),
            Filter::Lower => value.to_lowercase(),
            Filter::Html => {
                value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Rendered {
        let lookup = |name: &str| (name == "client.id").then(|| "a b".to_owned());
        Template::parse(template).unwrap().render(&lookup)
    }

    #[test]
    fn a_name_becomes_its_value_and_a_filter_encodes_it() {
        assert_eq!(render("<{{client.id}}|{{ client.id|form|upper }}>"), Rendered::Text("<a b|A+B>".into()));
    }

    #[test]
    fn an_optional_name_alone_leaves_the_parameter_out_and_in_a_text_is_empty() {
        assert_eq!(render("{{scope?}}"), Rendered::Omitted);
        assert_eq!(render("x{{scope?}}"), Rendered::Text("x".into()));
        assert_eq!(render("x{{scope}}"), Rendered::Missing("scope".into()));
    }

    #[test]
    fn a_broken_template_says_what_is_wrong() {
        for (text, error) in [("{{a", "without"), ("{{}}", "missing"), ("{{a|rot13}}", "rot13")] {
            assert!(Template::parse(text).unwrap_err().to_string().contains(error), "{text}");
        }
    }
}
