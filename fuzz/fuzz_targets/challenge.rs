//! Any WWW-Authenticate fields: what was read is written and read alike.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::challenge(text));
