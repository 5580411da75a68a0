//! Predicates on a whole sample: all values different, and an upper bound on their entropy.

use std::collections::{BTreeMap, BTreeSet};

use super::select::{decode, select};
use super::violations::Violation;
use crate::exchange::Observation;
use crate::scenario::{Predicate, Selector};

/// The violation of `distinct` or `min_bits`, over the values of all observations.
pub fn violation(selector: &Selector, predicate: &Predicate, observations: &[Observation]) -> Option<Violation> {
    let table = &predicate.0;
    if table.distinct.is_none() && table.min_bits.is_none() {
        return None;
    }
    let values: Vec<String> = observations
        .iter()
        .flat_map(|observation| select(selector, observation))
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect();
    let wrong = |wanted: String, got: String| Some(Violation { selector: selector.to_string(), wanted, got });
    let different = values.iter().collect::<BTreeSet<_>>().len();
    if table.distinct == Some(true) && different < values.len() {
        return wrong(format!("{} different values", values.len()), different.to_string());
    }
    let bits = table.min_bits?;
    if values.len() < SMALLEST {
        return wrong(format!("a sample of at least {SMALLEST}"), values.len().to_string());
    }
    let secret: Vec<String> = values.iter().map(|value| unguessable_part(value)).collect();
    let found = entropy(&secret);
    let counter = if counts(&secret) { " (they count upwards)" } else { "" };
    let enough = found + 0.5 >= f64::from(bits) && counter.is_empty();
    if enough { None } else { wrong(format!("at least {bits} bits"), format!("{found:.0} bits{counter}")) }
}

/// Fewer values say nothing about their distribution.
const SMALLEST: usize = 20;

/// A JWT is judged by its `jti`, else by its signature: the rest is meant to be read.
fn unguessable_part(value: &str) -> String {
    let segments: Vec<&str> = value.split('.').collect();
    let signed = segments.len() == 3 && decode(value, 0).is_some_and(|header| header.contains_key("alg"));
    if !signed {
        return value.to_owned();
    }
    let identifier = decode(value, 1).and_then(|claims| claims.get("jti")?.as_str().map(str::to_owned));
    identifier.unwrap_or_else(|| segments[2].to_owned())
}

/// An upper bound in bits, position by position. A position that varies as much as a uniform draw from the
/// sample's alphabet counts fully, another by its entropy (Miller–Madow), a fixed one nothing.
fn entropy(values: &[String]) -> f64 {
    let columns = columns(values);
    let seen: BTreeSet<char> =
        columns.iter().filter(|column| column.len() > 1).flat_map(BTreeMap::keys).copied().collect();
    let alphabet = alphabet(&seen);
    columns.iter().map(|column| bits(column, alphabet, values.len())).sum()
}

/// How often each character stands at each position.
fn columns(values: &[String]) -> Vec<BTreeMap<char, usize>> {
    let letters: Vec<Vec<char>> = values.iter().map(|value| value.chars().collect()).collect();
    let length = letters.iter().map(Vec::len).min().unwrap_or(0);
    let column = |at: usize| {
        let mut counts = BTreeMap::new();
        letters.iter().for_each(|letters| *counts.entry(letters[at]).or_insert(0) += 1);
        counts
    };
    (0..length).map(column).collect()
}

fn bits(column: &BTreeMap<char, usize>, alphabet: usize, sample: usize) -> f64 {
    let (letters, size, sample) = (column.len() as f64, alphabet as f64, sample as f64);
    if column.len() < 2 {
        return 0.0;
    }
    let small = (2..=5).map(|power| 1 << power).find(|size| column.len() <= *size).unwrap_or(alphabet);
    for size in [size, small as f64] {
        let expected = size * (1.0 - (1.0 - 1.0 / size).powf(sample));
        let even =
            column.values().copied().max().unwrap_or(0) as f64 <= sample / size + 5.0 * (sample / size).sqrt() + 4.0;
        if letters >= 0.7 * expected && even {
            return size.log2();
        }
    }
    let plain: f64 = column.values().map(|&count| -(count as f64 / sample) * (count as f64 / sample).log2()).sum();
    (plain + (letters - 1.0) / (2.0 * sample * std::f64::consts::LN_2)).min(size.log2())
}

/// The usual alphabet that holds all characters seen.
fn alphabet(seen: &BTreeSet<char>) -> usize {
    let within = |test: fn(char) -> bool| seen.iter().all(|letter| test(*letter));
    if within(|letter| letter.is_ascii_digit()) {
        10
    } else if within(|letter| matches!(letter, '0'..='9' | 'a'..='f'))
        || within(|letter| matches!(letter, '0'..='9' | 'A'..='F'))
    {
        16
    } else if within(|letter| letter.is_ascii_lowercase()) || within(|letter| letter.is_ascii_uppercase()) {
        26
    } else if within(|letter| matches!(letter, '2'..='7' | 'A'..='Z')) {
        32
    } else if within(|letter| letter.is_ascii_digit() || letter.is_ascii_lowercase()) {
        36
    } else if within(|letter| letter.is_ascii_alphanumeric()) {
        62
    } else {
        seen.len().max(64)
    }
}

/// Whether the values rise through the whole sample, as a counter or a clock does.
fn counts(values: &[String]) -> bool {
    let same_length = values.windows(2).all(|pair| pair[0].len() == pair[1].len());
    same_length && values.len() >= SMALLEST && values.windows(2).all(|pair| pair[0] < pair[1])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(count: usize, of: impl Fn(u64, u64) -> String) -> Vec<String> {
        (0..count as u64).map(|index| of(mix(index), mix(index + 10_000))).collect()
    }

    fn mix(seed: u64) -> u64 {
        let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    #[test]
    fn a_counter_is_noticed() {
        let values: Vec<String> = (0..50).map(|index| format!("{index:032x}")).collect();
        assert!(counts(&values) && entropy(&values) < 12.0);
    }

    #[test]
    fn a_fixed_prefix_counts_nothing() {
        let values = sample(60, |high, _| format!("fixed-prefix-that-is-long-{high:016x}"));
        assert!((60.0..66.0).contains(&entropy(&values)), "{}", entropy(&values));
    }

    proptest! {
        #[test]
        fn sixteen_random_bytes_have_128_bits_in_hex_and_in_base64url(
            bytes in proptest::collection::vec(any::<[u8; 16]>(), 50..150)
        ) {
            use base64::Engine as _;
            let hex: Vec<String> = bytes.iter().map(|bytes| data_encoding::HEXLOWER.encode(bytes)).collect();
            let url: Vec<String> =
                bytes.iter().map(|bytes| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)).collect();
            for values in [hex, url] {
                let found = entropy(&values);
                prop_assert!((127.5..129.5).contains(&found), "{found} {values:?}");
            }
        }
    }
}
