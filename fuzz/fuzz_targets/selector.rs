//! Any text as a selector: written and read alike.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::selector(text));
