//! What a case found: a scenario file that repeats it. It is confirmed by running that file, as `grantcheck run` does,
//! and made smaller as long as the file still fails.

use std::sync::Arc;

use super::case::Case;
use super::edits::{Edited, endpoint};
use super::invariant::{REASONS, Suspect};
use super::novelty::signature;
use super::route::{Route, stale};
use crate::catalogue::Catalogue;
use crate::modes::access::Access;
use crate::modes::check::{Options, run};
use crate::modes::known;
use crate::outcome::{CheckOutcome, Verdict};
use crate::scenario::{Check, Suite};
use crate::secret::Secrets;
use crate::target::Target;

/// What `found` says in the files.
const BY: &str = "grantcheck fuzz";

/// Something that was found, confirmed and made small.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which invariant it breaks.
    pub invariant: &'static str,
    /// What a `[[known]]` entry calls it, with any seed: `fuzz/ENDPOINT/INVARIANT`.
    pub known_as: String,
    /// The file's name without `.toml`.
    pub name: String,
    /// How many edits it takes.
    pub edits: usize,
    /// The scenario file.
    pub text: String,
    /// The verdict on it.
    pub outcome: CheckOutcome,
    /// What must not be shown of it.
    pub secrets: Secrets,
}

impl Finding {
    /// Whether the target file does not know it.
    pub fn is_new(&self) -> bool {
        self.outcome.known.is_none()
    }
}

/// Where findings are tried.
pub struct Lab<'a> {
    /// The flows.
    pub suite: &'a Suite,
    /// The rules; none of them is about a finding.
    pub catalogue: &'a Catalogue,
    /// Whom it is about.
    pub target: &'a Target,
    /// How it is reached.
    pub access: &'a Access,
    /// Where made values come from.
    pub seed: u64,
}

impl Lab<'_> {
    /// The finding behind a suspicion; none when the file that describes it does not fail twice. A smaller case has to get the
    /// same answer: by another one it may fail for another cause.
    pub async fn confirm(&self, route: &Route, case: &Case, suspect: &Suspect, answer: &str) -> Option<Finding> {
        let mut found = self.fails(route, case, suspect, answer).await?;
        let mut small = case.clone();
        let mut index = 0;
        while small.edits.len() > 1 && index < small.edits.len() {
            let mut smaller = small.clone();
            smaller.edits.remove(index);
            match self.fails(route, &smaller, suspect, answer).await {
                Some(still) => (small, found) = (smaller, still),
                None => index += 1,
            }
        }
        Some(found)
    }

    async fn fails(&self, route: &Route, case: &Case, suspect: &Suspect, answer: &str) -> Option<Finding> {
        let (name, text) = (name(route, case, suspect), text(route, case, suspect));
        let check = Check::parse(name.clone(), text.clone()).ok()?;
        let suite = self.suite.with_checks(vec![Arc::new(check)]);
        let options = Options { seed: self.seed, jobs: 1, ..Options::default() };
        let outcome = Box::pin(run(&suite, self.catalogue, self.target, self.access, &options, &|_| {})).await;
        let mut verdict = outcome
            .checks
            .into_iter()
            .next()
            .filter(|check| check.verdict == Verdict::Fail && signature(check.exchanges.last()) == answer)?;
        let known_as = known_as(route, case, suspect);
        verdict.known = known::reason(&self.target.known, &known_as);
        let invariant = suspect.invariant;
        let edits = case.edits.len();
        Some(Finding { invariant, known_as, name, edits, text, outcome: verdict, secrets: outcome.secrets })
    }
}

fn known_as(route: &Route, case: &Case, suspect: &Suspect) -> String {
    let to = route.step(case.step).map(endpoint).unwrap_or_default();
    let about = if suspect.about.is_empty() { String::new() } else { format!("-{}", suspect.about.replace(' ', "-")) };
    format!("fuzz/{to}/{}{about}", suspect.invariant)
}

/// Named for what it found and where, and numbered by what it edits.
fn name(route: &Route, case: &Case, suspect: &Suspect) -> String {
    let about = if suspect.about.is_empty() { String::new() } else { format!("-{}", suspect.about) };
    let edits = case.edits.iter().flat_map(Edited::changes);
    let edits: String = edits.map(|(at, change)| format!("{at} {}", change.written())).collect();
    let number = edits.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let words = format!("{}-{}-{}{about}-{number:08x}", route.name, case.step, suspect.invariant);
    words.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect()
}

fn text(route: &Route, case: &Case, suspect: &Suspect) -> String {
    let reason = REASONS.iter().find(|(name, ..)| *name == suspect.invariant);
    let (why, fix) = reason.map_or(("", ""), |(_, why, fix)| (*why, *fix));
    let steps = if case.is_stale() { stale(&route.text) } else { route.text.clone() };
    let mut edits = case.edits.iter().flat_map(Edited::changes);
    let first = edits
        .next()
        .map_or_else(String::new, |(at, change)| format!("at     = \"{at}\"\nchange = {}\n", change.written()));
    let further: String = edits
        .map(|(at, change)| format!("\n[[vary.also]]\nat     = \"{at}\"\nchange = {}\n", change.written()))
        .collect();
    let judge = if case.reaches_back() { format!("judge  = \"{}\"\n", case.step) } else { String::new() };
    let covers = suspect.row.map_or_else(String::new, |row| format!("covers = [\"{row}\"]\n"));
    let Suspect { title, expect, .. } = suspect;
    format!(
        "title  = \"{title}\"\n{covers}why    = \"{why}\"\nfix    = \"{fix}\"\nfound  = \"{BY}\"\n{steps}\n[vary]\n{first}{judge}{further}\n[vary.expect]\n{expect}\n"
    )
}
