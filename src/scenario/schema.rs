//! JSON Schemas of the two file formats, for editors. Generated into `scenarios/schema.json` and `targets/schema.json`.

use schemars::{JsonSchema, schema_for};

use super::check::{CheckFile, FlowFile};

/// A scenario file: a check or a flow.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, clippy::large_enum_variant, reason = "only its schema is used")]
enum ScenarioFile {
    Check(CheckFile),
    Flow(FlowFile),
}

/// The schema of `scenarios/**.toml`, as pretty JSON.
pub fn scenario_schema() -> String {
    pretty(schema_for!(ScenarioFile))
}

/// The schema of any other file format, as pretty JSON.
pub fn schema_of<T: JsonSchema>() -> String {
    pretty(schema_for!(T))
}

fn pretty(schema: schemars::Schema) -> String {
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
