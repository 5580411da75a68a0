//! Codes as time goes by: accepted exactly when they are right and unused.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::one_time_password(bytes));
