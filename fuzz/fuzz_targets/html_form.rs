//! Any page: the forms that were read are read the same from a plain page.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::html_form(text));
