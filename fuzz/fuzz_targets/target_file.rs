//! Any text as a target file: read, or refused with words; its secrets are hidden.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::target_file(text));
