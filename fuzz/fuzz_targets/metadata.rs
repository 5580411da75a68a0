//! Any metadata document: it adds to a target file and never overrides it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::metadata(bytes));
