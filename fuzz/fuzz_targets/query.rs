//! Any request target: a browser's URL reader finds the same parameters.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::query(text));
