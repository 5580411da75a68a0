//! Any text as a target file: an error with words, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::target_file(text));
