//! `prove`: each check fails under each of its defects, and none fails on a healthy provider or under a liberty.

use std::path::PathBuf;

use super::exit::{Done, Exit};
use super::output;
use super::selection::{Scenarios, selected};
use crate::catalogue::Catalogue;
use crate::modes::prove::{Proof, ProveOptions, prove};
use crate::modes::reference;
use crate::report::{bold, matrix_page, seconds};
use clap::Args;

/// The arguments.
#[derive(Args)]
pub struct Prove {
    /// Which checks to prove; all, and that every defect is noticed, unless given
    #[arg(value_name = "SELECT")]
    select: Vec<String>,
    /// Run every defect against every check and write which are red, as Markdown; - is standard output
    #[arg(long, value_name = "FILE")]
    matrix: Option<PathBuf>,
    /// Where all made values come from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    scenarios: Scenarios,
}

impl Prove {
    /// Proves and prints what does not hold.
    pub fn execute(self) -> Done {
        let suite = self.scenarios.load()?;
        let checks = selected(&suite, &self.select)?.len();
        self.matrix.as_deref().map_or(Ok(()), output::ensure_writable)?;
        let options = ProveOptions {
            select: self.select,
            seed: self.seed,
            matrix: self.matrix.is_some(),
            ..ProveOptions::default()
        };
        let catalogue = Catalogue::embedded()?;
        let proof = prove(&suite, &catalogue, &reference(), &options);
        let text = as_text(&proof, checks);
        match &self.matrix {
            Some(path) if output::is_standard_output(path) => output::print_aside(&text)?,
            _ => output::print(&text)?,
        }
        self.matrix.as_deref().map_or(Ok(()), |path| output::write(path, &matrix_page(&proof.matrix, &catalogue)))?;
        Ok(if proof.holds() { Exit::Passed } else { Exit::Failed })
    }
}

fn as_text(proof: &Proof, checks: usize) -> String {
    let lists = [
        ("Not green on the healthy provider", &proof.unhealthy),
        ("A defect is not noticed", &proof.unnoticed),
        ("Not proven", &proof.unproven),
        ("A liberty is not borne", &proof.intolerant),
        ("An overlap of the matrix is not as declared", &proof.undeclared),
    ];
    let mut text = String::new();
    for (title, lines) in lists.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        text.push_str(&format!("{}\n{lines}\n", bold(&format!("{title}: {}", lines.lines().count()))));
    }
    let verdict = if proof.holds() { "the proof holds" } else { "the proof does not hold" };
    let Proof { red, borne, .. } = proof;
    let took = seconds(proof.duration_ms);
    format!(
        "{text}{verdict}: {checks} checks, {red} times a defect was noticed, {borne} times a liberty was borne (in {took})\n"
    )
}
