//! Any text as a scenario file: an error with a place, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::scenario_file(text));
