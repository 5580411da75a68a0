//! The bodies of the fuzz targets, hidden from the documentation. What they assert holds for any input. The targets in
//! `fuzz/` are one line each, and their corpus replays under `cargo test`. No generators here: the fuzzer brings the bytes.

mod expressions;
mod fields;
mod files;
mod one_time;
mod parameters;
mod readers;
mod redirect_uri;
mod requests;
mod seeds;
mod session;

pub use expressions::{selector, template};
pub use fields::{authorization_header, challenge, cookie};
pub use files::{scenario_file, target_file};
pub use one_time::{one_time_password, signed_request};
pub use parameters::{form_body, query};
pub use readers::{html_form, jwt, metadata};
pub use redirect_uri::redirect_uri;
pub use requests::{authorize_request, introspect_request, revoke_request, token_request};
pub use seeds::seeds;
pub use session::{provider_request, requests, session};

/// The body of a target over bytes.
pub type Body = fn(&[u8]);

/// Every target: its name, as in `fuzz/fuzz_targets/`, and its body.
pub const TARGETS: &[(&str, Body)] = &[
    ("authorization_header", authorization_header),
    ("authorize_request", authorize_request),
    ("challenge", |bytes| challenge(&text(bytes))),
    ("cookie", cookie),
    ("form_body", form_body),
    ("html_form", |bytes| html_form(&text(bytes))),
    ("introspect_request", introspect_request),
    ("jwt", |bytes| jwt(&text(bytes))),
    ("metadata", metadata),
    ("one_time_password", one_time_password),
    ("provider_request", provider_request),
    ("query", |bytes| query(&text(bytes))),
    ("redirect_uri", |bytes| redirect_uri(&text(bytes))),
    ("revoke_request", revoke_request),
    ("scenario_file", |bytes| scenario_file(&text(bytes))),
    ("selector", |bytes| selector(&text(bytes))),
    ("session", session),
    ("signed_request", signed_request),
    ("target_file", |bytes| target_file(&text(bytes))),
    ("template", |bytes| template(&text(bytes))),
    ("token_request", token_request),
];

fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
