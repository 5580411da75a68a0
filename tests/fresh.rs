//! Generated files are fresh: `UPDATE=1 cargo test --test fresh` rewrites them.

use grantcheck::scenario::{scenario_schema, schema_of};
use grantcheck::target::Target;

#[test]
fn the_schema_of_scenario_files_is_fresh() {
    fresh("scenarios/schema.json", &scenario_schema());
}

#[test]
fn the_schema_of_target_files_is_fresh() {
    fresh("targets/schema.json", &schema_of::<Target>());
}

fn fresh(path: &str, generated: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, generated).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == generated, "{path} is stale; `UPDATE=1 cargo test --test fresh` rewrites it");
}
