//! Any redirect URI: accepted only where a browser would end up at a registered place.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| grantcheck::fuzzing::redirect_uri(text));
