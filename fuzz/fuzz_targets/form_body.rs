//! Any form body: the provider reads what `form_urlencoded` reads.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::form_body(bytes));
