//! A signed request, changed here and there: accepted exactly when it is right, and once.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::signed_request(bytes));
