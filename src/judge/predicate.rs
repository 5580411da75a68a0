//! One predicate on the values that a selector gave.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use regex::Regex;
use serde_json::Value;

use crate::crypto::is_signed_by;
use crate::exchange::Observation;
use crate::scenario::{JsonType, PredicateTable, Rendered, Scalar, Template};

/// What a predicate says.
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not: what was wanted, what was there.
    Broken { wanted: String, got: String },
}

/// Applies a predicate. Every occurrence must satisfy it; no occurrence satisfies only what asks for absence.
pub fn judge(table: &PredicateTable, values: &[Value], observation: &Observation) -> Verdict {
    let broken = |wanted: String, got: String| Verdict::Broken { wanted, got };
    let spared = values.is_empty() && table.optional == Some(true);
    if let Some(count) = table.count.filter(|count| !spared && values.len() != *count as usize) {
        return broken(format!("{count} of them"), values.len().to_string());
    }
    if table.present == Some(false) {
        return match values.first() {
            Some(value) => broken("nothing".into(), short(value)),
            None => Verdict::Holds,
        };
    }
    if values.is_empty() {
        return if bears_absence(table) {
            Verdict::Holds
        } else {
            broken(wanted(table, observation), "nothing".into())
        };
    }
    for value in values {
        match one(table, value, observation) {
            Err(name) => {
                return broken(wanted(table, observation), format!("no value for {{{{{name}}}}} to compare with"));
            }
            Ok(Some(wanted)) => return broken(wanted, short(value)),
            Ok(None) => {}
        }
    }
    Verdict::Holds
}

/// Predicates that only forbid something hold when nothing is there.
fn bears_absence(table: &PredicateTable) -> bool {
    let forbids = PredicateTable {
        optional: None,
        not: None,
        none_of: None,
        excludes: None,
        never: None,
        differs_from: None,
        distinct: None,
        count: None,
        ..table.clone()
    };
    table.optional == Some(true) || forbids == PredicateTable::default()
}

/// `Ok(Some(words))` says what was wanted and is not there; `Err` names a template without a value.
fn one(table: &PredicateTable, value: &Value, observation: &Observation) -> Result<Option<String>, String> {
    let text = as_text(value);
    let render = |template: &String| render(template, observation);
    let scalar = |scalar: &Scalar| rendered(scalar, observation);
    let mut wrong = None;
    let mut must = |holds: bool, words: String| {
        if !holds && wrong.is_none() {
            wrong = Some(words);
        }
    };
    if let Some(expected) = &table.equals {
        let expected = scalar(expected)?;
        must(equals(&expected, value), say(&expected));
    }
    if let Some(other) = &table.not {
        let other = scalar(other)?;
        must(!equals(&other, value), format!("anything but {}", say(&other)));
    }
    if let Some(list) = &table.one_of {
        let list = list.iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
        must(list.iter().any(|item| equals(item, value)), format!("one of {}", all(&list)));
    }
    if let Some(list) = &table.none_of {
        let list = list.iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
        must(!list.iter().any(|item| equals(item, value)), format!("none of {}", all(&list)));
    }
    for (template, holds, words) in texts(table) {
        let expected = render(template)?;
        must(holds(&text, &expected), format!("{words} {}", cut(&expected)));
    }
    if let Some(kind) = table.kind {
        must(is(kind, value), format!("a JSON {}", format!("{kind:?}").to_lowercase()));
    }
    if let Some(length) = table.min_length {
        must(text.chars().count() >= length as usize, format!("at least {length} characters"));
    }
    let number = value.as_f64().or_else(|| text.trim().parse().ok());
    if let Some(most) = table.at_most {
        must(number.is_some_and(|number| number <= most), format!("at most {most}"));
    }
    if let Some(least) = table.at_least {
        must(number.is_some_and(|number| number >= least), format!("at least {least}"));
    }
    Ok(wrong)
}

type Holds = fn(&str, &str) -> bool;

/// The predicates that compare two texts.
fn texts(table: &PredicateTable) -> Vec<(&String, Holds, &'static str)> {
    let rows: [(&Option<String>, Holds, &'static str); 12] = [
        (&table.contains, |text, part| text.contains(part), "a text that holds"),
        (&table.excludes, |text, part| !text.contains(part), "a text without"),
        (
            &table.contains_ignoring_case,
            |text, part| text.to_lowercase().contains(&part.to_lowercase()),
            "a text that holds",
        ),
        (&table.equals_ignoring_case, |text, other| text.eq_ignore_ascii_case(other), "in any case of letters"),
        (&table.starts_with, |text, head| text.starts_with(head), "a text that starts with"),
        (&table.ends_with, |text, tail| text.ends_with(tail), "a text that ends with"),
        (&table.matches, matches, "a text that matches"),
        (&table.never, |text, pattern| !occurs(text, pattern), "a text in which nothing matches"),
        (&table.words_within, |text, all| words(text).is_subset(&words(all)), "no words but"),
        (&table.words_include, |text, some| words(some).is_subset(&words(text)), "the words"),
        (&table.differs_from, |text, other| text != other, "anything but"),
        (&table.signed_by, is_signed_by, "a text that is signed by a key of"),
    ];
    rows.into_iter().filter_map(|(template, holds, words)| Some((template.as_ref()?, holds, words))).collect()
}

fn matches(text: &str, pattern: &str) -> bool {
    occurs(text, &format!("(?s)^(?:{pattern})$"))
}

/// Compiling costs more than matching, and a watch looks at thousands of answers with one pattern: patterns are kept.
fn occurs(text: &str, pattern: &str) -> bool {
    thread_local!(static KNOWN: RefCell<HashMap<String, Option<Regex>>> = RefCell::default());
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(pattern) {
            if known.len() >= MOST_PATTERNS {
                known.clear();
            }
            known.insert(pattern.to_owned(), Regex::new(pattern).ok());
        }
        known[pattern].as_ref().is_some_and(|regex| regex.is_match(text))
    })
}

/// Patterns may hold values of a run, so there is no end to them.
const MOST_PATTERNS: usize = 500;

fn words(text: &str) -> BTreeSet<&str> {
    text.split(' ').filter(|word| !word.is_empty()).collect()
}

/// What a predicate wants, in words.
pub fn wanted(table: &PredicateTable, observation: &Observation) -> String {
    let table = &filled(table, observation);
    let compared = texts(table).into_iter().map(|(template, _, words)| format!("{words} {}", cut(template)));
    let exact = table.equals.iter().map(say);
    let lists = table.one_of.iter().map(|list| format!("one of {}", all(list)));
    let kind = table.kind.iter().map(|kind| format!("a JSON {}", format!("{kind:?}").to_lowercase()));
    let bits = table.min_bits.iter().map(|bits| format!("at least {bits} bits"));
    let parts: Vec<String> = exact.chain(lists).chain(compared).chain(kind).chain(bits).collect();
    match (parts.is_empty(), table.present) {
        (true, Some(false)) => "nothing".into(),
        (true, _) => "a value".into(),
        (false, _) => parts.join(" and "),
    }
}

/// The predicate with its templates rendered, as far as they have values, for the reader.
fn filled(table: &PredicateTable, observation: &Observation) -> PredicateTable {
    let text = |template: &Option<String>| {
        template.as_ref().map(|template| render(template, observation).unwrap_or_else(|_| template.clone()))
    };
    PredicateTable {
        equals: table.equals.as_ref().map(|scalar| rendered(scalar, observation).unwrap_or_else(|_| scalar.clone())),
        contains: text(&table.contains),
        excludes: text(&table.excludes),
        contains_ignoring_case: text(&table.contains_ignoring_case),
        equals_ignoring_case: text(&table.equals_ignoring_case),
        starts_with: text(&table.starts_with),
        ends_with: text(&table.ends_with),
        words_within: text(&table.words_within),
        words_include: text(&table.words_include),
        differs_from: text(&table.differs_from),
        ..table.clone()
    }
}

fn render(template: &str, observation: &Observation) -> Result<String, String> {
    let parsed = Template::parse(template).map_err(|error| error.to_string())?;
    match parsed.render(&|name| observation.values.get(name).cloned()) {
        Rendered::Text(text) => Ok(text),
        Rendered::Omitted => Ok(String::new()),
        Rendered::Missing(name) => Err(name),
    }
}

fn rendered(scalar: &Scalar, observation: &Observation) -> Result<Scalar, String> {
    match scalar {
        Scalar::Text(template) => render(template, observation).map(Scalar::Text),
        other => Ok(other.clone()),
    }
}

/// Types count in JSON; a number in the file also equals the text of a header or a parameter.
fn equals(expected: &Scalar, value: &Value) -> bool {
    match (expected, value) {
        (Scalar::Text(class), Value::Number(number)) => {
            class_of(class).is_some_and(|class| number.as_u64().map(|n| n / 100) == Some(class))
        }
        (Scalar::Text(text), Value::String(value)) => text == value,
        (Scalar::Integer(number), Value::Number(value)) => value.as_i64() == Some(*number),
        (Scalar::Integer(number), Value::String(value)) => *value == number.to_string(),
        (Scalar::Float(number), Value::Number(value)) => value.as_f64() == Some(*number),
        (Scalar::Bool(flag), Value::Bool(value)) => flag == value,
        (Scalar::Bool(flag), Value::String(value)) => *value == flag.to_string(),
        _ => false,
    }
}

/// `4xx` is the class 4.
fn class_of(text: &str) -> Option<u64> {
    text.strip_suffix("xx")?.parse().ok()
}

fn is(kind: JsonType, value: &Value) -> bool {
    match kind {
        JsonType::String => value.is_string(),
        JsonType::Number => value.is_number(),
        JsonType::Integer => value.is_i64() || value.is_u64(),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Array => value.is_array(),
        JsonType::Object => value.is_object(),
        JsonType::Null => value.is_null(),
    }
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn say(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(text) => cut(text),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Float(number) => number.to_string(),
        Scalar::Bool(flag) => flag.to_string(),
    }
}

fn all(list: &[Scalar]) -> String {
    list.iter().map(say).collect::<Vec<_>>().join(", ")
}

fn short(value: &Value) -> String {
    cut(&as_text(value))
}

/// At most 120 characters, for a reader.
fn cut(text: &str) -> String {
    if text.is_empty() {
        return "an empty text".into();
    }
    match text.char_indices().nth(120) {
        Some((place, _)) => format!("{}…", &text[..place]),
        None => text.to_owned(),
    }
}
