//! Any text as a scenario file: read, or refused with a place.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::scenario_file(text));
