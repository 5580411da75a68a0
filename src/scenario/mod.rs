//! The file format of checks and flows: types, loading, linting, schema. Nothing is executed here.

mod check;
mod expect;
mod lint;
mod load;
mod make;
mod params;
mod predicate;
mod schema;
mod selector;
mod step;
mod template;

pub use check::{Also, Case, Change, CheckFile, FlowFile, Kind, Overlap, PARTS, Setting, Vary, Warns, split_at};
pub use expect::{Expect, JwtExpect, RedirectExpect, Tally};
pub use lint::{Problem, Vocabulary, lint, nearest};
pub use load::{Check, Flow, LoadError, Suite, Unreadable};
pub use make::{Hmac, Jwt, Maker, Pem, Pkce, Random, Text, Time, Totp};
pub use params::{Params, Values};
pub use predicate::{JsonType, Predicate, PredicateTable, Scalar};
pub use schema::{scenario_schema, schema_of};
pub use selector::{Selector, SelectorError};
pub use step::{Auth, Authorize, Consent, Credentials, Hook, Send, Step, Tls, Until, Wait};
pub use template::{Piece, Rendered, Template, TemplateError};
