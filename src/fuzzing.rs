//! The bodies of the fuzz targets over the harness's own file formats, hidden from the documentation. Any text is either
//! read or refused with an error; the targets in `fuzz/` are one line each and the corpus replays under `cargo test`.

use crate::scenario::{Check, Selector, Template};
use crate::target::Target;

/// A scenario file: read, or refused with a place in it.
pub fn scenario_file(text: &str) {
    if let Err(error) = Check::parse("fuzz".into(), text.to_owned()) {
        assert!(!error.trim().is_empty());
    }
}

/// A target file: read, or refused with words.
pub fn target_file(text: &str) {
    if let Err(error) = Target::from_toml("fuzz.toml", text) {
        assert!(!error.to_string().trim().is_empty());
    }
}

/// A template and a selector: read, or refused with words.
pub fn template_and_selector(text: &str) {
    if let Err(error) = Template::parse(text) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = Selector::parse(text) {
        assert!(!error.to_string().is_empty());
    }
}
