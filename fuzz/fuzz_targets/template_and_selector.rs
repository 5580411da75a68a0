//! Any text as a template and as a selector: an error with words, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::template_and_selector(text));
