//! Any text as a template: rendered, or refused with words.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::template(text));
