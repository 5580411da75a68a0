//! Any JWT: two decoders agree, and what was written is read.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::jwt(text));
