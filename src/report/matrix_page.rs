//! `docs/matrix.md`: every defect of the provider, the checks of its rule, and the others that notice it, with the reason.

use reference_server::Defect;

use crate::catalogue::Catalogue;
use crate::modes::prove::{Matrix, Seen, declares};

/// The page, as Markdown.
pub fn matrix_page(matrix: &Matrix, catalogue: &Catalogue) -> String {
    let pairs = |seen: Seen| matrix.rows().flat_map(|(_, checks)| checks).filter(|(_, of)| *of == seen).count();
    let rows: String = matrix.rows().map(|(defect, checks)| row(defect, &checks, catalogue)).collect();
    format!(
        "# Defects and checks\n\nGenerated: `grantcheck prove --matrix docs/matrix.md` runs every check under every defect of the reference provider that \
can concern it, and\nfails when a pair is red that neither the check names nor `requirements/overlaps.toml` declares.\n\n\
{} defects; {} times a check is red under a defect of its own rule, {} times under that of another, for the reason in the last column.\n\n\
| defect | what the provider does | checks of its rule | others that notice it | why |\n| --- | --- | --- | --- | --- |\n{rows}",
        matrix.rows().count(),
        pairs(Seen::Named),
        pairs(Seen::Beside),
    )
}

fn row(defect: Defect, checks: &[(&str, Seen)], catalogue: &Catalogue) -> String {
    let ids = |seen: Seen| -> Vec<&str> { checks.iter().filter(|(_, of)| *of == seen).map(|(id, _)| *id).collect() };
    let list = |ids: &[&str]| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join("<br>");
    let beside = ids(Seen::Beside);
    let declared = catalogue.overlaps().iter().filter(|overlap| beside.iter().any(|id| declares(overlap, defect, id)));
    let reasons: Vec<&str> = declared.map(|overlap| overlap.reason.as_str()).collect();
    let (own, others) = (list(&ids(Seen::Named)), list(&beside));
    format!("| `{}` | {} | {own} | {others} | {} |\n", defect.name(), defect.what(), reasons.join("<br>"))
}
