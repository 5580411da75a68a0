//! Predicates: what must hold for one value, as a bare value or as a table.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

/// What must hold for one value. A bare value means equal; a text such as `4xx` is a class of status codes.
// Boxed: an `Expect` holds many, and most steps are without.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predicate(pub Box<PredicateTable>);

/// The long form of a predicate. Every key given must hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PredicateTable {
    /// The value is this (numbers and booleans compare by value, text after templates).
    pub equals: Option<Scalar>,
    /// The value is not this.
    pub not: Option<Scalar>,
    /// There is such a value (`true`) or there is none (`false`).
    pub present: Option<bool>,
    /// One of these.
    pub one_of: Option<Vec<Scalar>>,
    /// None of these.
    pub none_of: Option<Vec<Scalar>>,
    /// The text holds this.
    pub contains: Option<String>,
    /// The text does not hold this.
    pub excludes: Option<String>,
    /// The text holds this, in any case of letters.
    pub contains_ignoring_case: Option<String>,
    /// The text equals this, in any case of letters.
    pub equals_ignoring_case: Option<String>,
    /// The text starts with this.
    pub starts_with: Option<String>,
    /// The text ends with this.
    pub ends_with: Option<String>,
    /// The whole text matches this regular expression.
    pub matches: Option<String>,
    /// No part of the text matches this regular expression.
    pub never: Option<String>,
    /// The space-separated words of the text are a subset of those of this text.
    pub words_within: Option<String>,
    /// The space-separated words of the text include those of this text.
    pub words_include: Option<String>,
    /// The text is a JWS that a key of this JWK Set signed.
    pub signed_by: Option<String>,
    /// The type of the JSON value.
    #[serde(rename = "type")]
    pub kind: Option<JsonType>,
    /// At least this many characters.
    pub min_length: Option<u32>,
    /// The upper bound on the entropy of the values, in bits, over the sample; a JWT is judged by its `jti` or signature.
    pub min_bits: Option<u32>,
    /// The values of the sample are all different (`true`).
    pub distinct: Option<bool>,
    /// Different from this.
    pub differs_from: Option<String>,
    /// A number no greater than this.
    pub at_most: Option<f64>,
    /// A number no smaller than this.
    pub at_least: Option<f64>,
    /// How often the name occurs (parameters, members, headers).
    pub count: Option<u32>,
    /// When the value is absent the other keys do not count.
    pub optional: Option<bool>,
}

/// A bare value in a scenario file.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text, a template.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
}

/// The types of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum JsonType {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
    Null,
}

impl Predicate {
    pub(super) fn integers(&self) -> impl Iterator<Item = i64> {
        let lists = self.0.one_of.iter().flatten();
        self.0.equals.iter().chain(lists).filter_map(|scalar| match scalar {
            Scalar::Integer(number) => Some(*number),
            _ => None,
        })
    }

    /// Every template in it.
    pub fn texts(&self) -> Vec<&str> {
        let table = &self.0;
        let scalars = [&table.equals, &table.not].into_iter().flatten();
        let lists = [&table.one_of, &table.none_of].into_iter().flatten().flatten();
        let words = scalars.chain(lists).filter_map(|scalar| match scalar {
            Scalar::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let texts = [
            &table.contains,
            &table.excludes,
            &table.contains_ignoring_case,
            &table.equals_ignoring_case,
            &table.starts_with,
            &table.ends_with,
            &table.matches,
            &table.never,
            &table.words_within,
            &table.words_include,
            &table.differs_from,
            &table.signed_by,
        ];
        words.chain(texts.into_iter().flatten().map(String::as_str)).collect()
    }
}

impl<'de> Deserialize<'de> for Predicate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PredicateVisitor)
    }
}

struct PredicateVisitor;

impl PredicateVisitor {
    fn equals<E>(scalar: Scalar) -> Result<Predicate, E> {
        Ok(Predicate(Box::new(PredicateTable { equals: Some(scalar), ..PredicateTable::default() })))
    }
}

impl<'de> Visitor<'de> for PredicateVisitor {
    type Value = Predicate;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value, or a table such as { present = true }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Predicate, E> {
        Self::equals(Scalar::Text(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Predicate, E> {
        Self::equals(Scalar::Integer(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Predicate, E> {
        Self::equals(Scalar::Float(number))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Predicate, E> {
        Self::equals(Scalar::Bool(flag))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Predicate, A::Error> {
        Box::<PredicateTable>::deserialize(MapAccessDeserializer::new(map)).map(Predicate)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a number, true or false")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Integer(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float(number))
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(flag))
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer", "number", "boolean"] })
    }
}

impl JsonSchema for Predicate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Predicate".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let scalar = generator.subschema_for::<Scalar>();
        let table = generator.subschema_for::<PredicateTable>();
        schemars::json_schema!({ "anyOf": [scalar, table] })
    }
}
