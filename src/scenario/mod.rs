//! The file format of checks and flows: types, loading, linting, schema. Nothing is executed here.

mod check;
mod expect;
mod lint;
mod load;
mod make;
mod params;
mod schema;
mod selector;
mod template;

pub use check::{
    Auth, Authorize, Case, Change, CheckFile, Consent, Credentials, FlowFile, Hook, Kind, Overlap, PARTS, Send,
    Setting, Step, Until, Vary, Wait, Warns,
};
pub use expect::{Expect, JsonType, JwtExpect, Predicate, PredicateTable, RedirectExpect, Scalar, Tally};
pub use lint::{Problem, Vocabulary, lint, nearest};
pub use load::{Check, Flow, LoadError, Suite, Unreadable};
pub use make::{Hmac, Jwt, Maker, Pkce, Random, Text, Time, Totp};
pub use params::{Params, Values};
pub use schema::{scenario_schema, schema_of};
pub use selector::{Selector, SelectorError};
pub use template::{Piece, Rendered, Template, TemplateError};
