//! Coverage, computed and never claimed: which rows the checks of a suite cover, and which of those are proven.

use std::collections::BTreeSet;

use serde::Serialize;

use super::load::Catalogue;
use super::requirement::Requirement;

/// The coverage of one specification, or of one of its sections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpecCoverage {
    /// The file's stem, `rfc6749`.
    pub spec: String,
    /// The section; empty for the whole.
    pub section: String,
    /// Rows.
    pub rows: usize,
    /// Rows that can be tested.
    pub testable: usize,
    /// Testable rows that a check covers.
    pub covered: usize,
    /// Testable rows for which the catalogue says why no check can cover them.
    pub excused: usize,
    /// Covered rows whose defect the provider has, so that the proof shows the check red.
    pub proven: usize,
    /// Covered rows that can only warn.
    pub warnings_only: usize,
    /// Testable rows that are neither covered nor excused.
    pub missing: Vec<String>,
}

/// One entry a specification (`by_section` false) or a section. `covers` are the rows that checks name, `defects`
/// the names that the provider knows.
pub fn coverage(
    catalogue: &Catalogue,
    covers: &BTreeSet<String>,
    defects: &BTreeSet<String>,
    by_section: bool,
) -> Vec<SpecCoverage> {
    let mut table: Vec<SpecCoverage> = Vec::new();
    for row in catalogue.rows() {
        let section = if by_section { row.section.as_str() } else { "" };
        let place = table.iter().position(|entry| entry.spec == row.file && entry.section == section);
        let place = place.unwrap_or_else(|| {
            table.push(SpecCoverage { spec: row.file.clone(), section: section.to_owned(), ..SpecCoverage::default() });
            table.len() - 1
        });
        table[place].enter(row, covers, defects);
    }
    table
}

impl SpecCoverage {
    fn enter(&mut self, row: &Requirement, covers: &BTreeSet<String>, defects: &BTreeSet<String>) {
        self.rows += 1;
        if !row.testable() {
            return;
        }
        self.testable += 1;
        let covered = covers.contains(&row.id) || row.same_as.iter().any(|twin| covers.contains(twin));
        match (covered, row.excuse.is_empty()) {
            (true, _) => {
                self.covered += 1;
                self.proven += usize::from(defects.contains(&row.defect));
                self.warnings_only += usize::from(!row.must());
            }
            (false, true) => self.missing.push(row.id.clone()),
            (false, false) => self.excused += 1,
        }
    }
}
