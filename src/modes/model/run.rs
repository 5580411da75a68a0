//! A run of the model: histories one after the other, each finding shrunk and written down, its rule excused from then on, so
//! that it hides no other. The same seed gives the same run, however many threads play it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::super::access::Access;
use super::super::facts::millis;
use super::super::known;
use super::super::threads::{on_this_thread, parallel};
use super::action::Event;
use super::generate::{history, mixed};
use super::play::{Played, Player};
use super::rule::Rule;
use super::shrink::shrink;
use super::world::World;
use super::written::{Judged, scenario};
use crate::catalogue::Catalogue;
use crate::outcome::{CheckOutcome, RunOutcome, Verdict};
use crate::scenario::Kind;
use crate::secret::Secrets;
use crate::target::Target;

/// What is played.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where histories and all made values come from.
    pub seed: u64,
    /// At most so many histories.
    pub histories: u64,
    /// At most so long.
    pub time: Option<Duration>,
    /// End at the first finding.
    pub first: bool,
}

/// A broken rule with the shortest history that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The scenario file.
    pub scenario: String,
    /// How many events it has.
    pub events: usize,
    /// The number of the history that it was found with, counted from one.
    pub history: u64,
    played: Played,
}

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One verdict a rule.
    pub run: RunOutcome,
    /// What was found, in the order of finding.
    pub findings: Vec<Finding>,
    /// How many histories were played to their end.
    pub histories: u64,
}

/// Histories between two looks at the clock, in the process.
const BATCH: u64 = 256;
/// Histories a thread plays in one go.
const CHUNK: usize = 16;
/// So many stuck histories in a row end a run: nothing is learnt any more, and the target has had enough.
const STUCK: u32 = 10;

/// Plays histories against a target. `Err` says why none can be played.
pub async fn run(
    catalogue: &Catalogue,
    target: &Target,
    access: &Access,
    options: &Options,
) -> Result<Outcome, String> {
    let world = World::of(target, access.is_embedded());
    if !world.is_playable() {
        return Err(
            "a history needs the code grant, a client and a user who can log in; the target file lacks them".into()
        );
    }
    let player = Player { world: &world, target, access, excused: BTreeSet::new() };
    let mut run = Run { player, options, started: Instant::now(), tally: Tally::default(), findings: Vec::new() };
    let ended = run.all().await;
    Ok(run.outcome(catalogue, ended))
}

struct Run<'a> {
    player: Player<'a>,
    options: &'a Options,
    started: Instant,
    tally: Tally,
    findings: Vec<Finding>,
}

/// What happened to all histories.
#[derive(Default)]
struct Tally {
    histories: u64,
    events: usize,
    cut: u64,
    stuck: u64,
    stuck_in_a_row: u32,
    reason: String,
    tried: BTreeSet<Rule>,
    secrets: Secrets,
}

impl Run<'_> {
    /// Plays until the bounds; why it ended sooner.
    async fn all(&mut self) -> Option<String> {
        let mut next = 0;
        while next < self.options.histories && !self.is_over() {
            let end = self.options.histories.min(next + if self.player.access.is_embedded() { BATCH } else { 1 });
            let played = self.batch(next, end).await;
            for (number, played) in (next..end).zip(played) {
                next = number + 1;
                if self.take(number, played).await {
                    break;
                }
            }
            if self.tally.stuck_in_a_row >= STUCK {
                return Some(format!("{STUCK} histories in a row got stuck, the last one: {}", self.tally.reason));
            }
        }
        None
    }

    fn is_over(&self) -> bool {
        let late = self.options.time.is_some_and(|time| self.started.elapsed() >= time);
        late || self.options.first && !self.findings.is_empty()
    }

    async fn batch(&self, from: u64, to: u64) -> Vec<Played> {
        let numbers: Vec<u64> = (from..to).collect();
        if !self.player.access.is_embedded() {
            return self.several(&numbers).await;
        }
        let chunks: Vec<&[u64]> = numbers.chunks(CHUNK).collect();
        parallel(&chunks, |chunk| on_this_thread(self.several(chunk))).into_iter().flatten().collect()
    }

    async fn several(&self, numbers: &[u64]) -> Vec<Played> {
        let mut played = Vec::new();
        for number in numbers {
            played.push(self.player.play(&self.history(*number), self.seed(*number)).await);
        }
        played
    }

    fn history(&self, number: u64) -> Vec<Event> {
        history(&self.player, self.options.seed, number)
    }

    fn seed(&self, number: u64) -> u64 {
        mixed(self.options.seed, number)
    }

    /// Counts a history; whether the rest of the batch has to be played again, since another rule is excused now.
    async fn take(&mut self, number: u64, played: Played) -> bool {
        self.tally.take(&played);
        if played.broken.is_none() {
            return false;
        }
        let (shortest, played) = shrink(&self.player, self.history(number), played, self.seed(number)).await;
        let finding = self.finding(number, &shortest, played).await;
        self.tally.secrets.extend(&finding.played.secrets);
        self.player.excused.insert(finding.rule);
        self.findings.push(finding);
        true
    }

    /// A finding is played once more, with other values.
    async fn finding(&self, number: u64, shortest: &[Event], mut played: Played) -> Finding {
        let rule = played.broken.map_or(Rule::GoodAuthorization, |(rule, _)| rule);
        let again = self.player.play(shortest, self.seed(number) ^ 1).await;
        if again.broken.is_none_or(|(broken, _)| broken != rule) {
            played.verdict = Verdict::Flaky;
        }
        let excused = |rule: Rule| self.player.excused.contains(&rule);
        let predicted = self.player.predicted(shortest);
        let scenario = scenario(self.player.world, &predicted, rule, Judged::Last, &excused);
        let scenario =
            format!("# Found by `grantcheck model --seed {}`, history {}.\n{scenario}", self.options.seed, number + 1);
        Finding { rule, scenario, events: shortest.len(), history: number + 1, played }
    }

    fn outcome(self, catalogue: &Catalogue, ended: Option<String>) -> Outcome {
        let mut secrets = self.player.target.secrets();
        secrets.extend(&self.tally.secrets);
        let mut checks: Vec<CheckOutcome> = Rule::all().keys().map(|rule| self.verdict(catalogue, *rule)).collect();
        known::mark(&self.player.target.known, &mut checks);
        let stale_known = known::stale(&self.player.target.known, &checks);
        let died = ended.is_some();
        let run = RunOutcome {
            target: self.player.target.name.clone(),
            issuer: self.player.target.issuer.clone(),
            profile: "model".into(),
            seed: self.options.seed,
            duration_ms: millis(&self.started),
            checks,
            notes: self.player.target.caution().into_iter().chain(self.tally.notes()).chain(ended).collect(),
            died,
            stale_known,
            secrets,
            ..RunOutcome::default()
        };
        Outcome { run, histories: self.tally.histories, findings: self.findings }
    }

    fn verdict(&self, catalogue: &Catalogue, rule: Rule) -> CheckOutcome {
        let words = rule.words();
        let row = words.covers.iter().find_map(|id| catalogue.row(id));
        let found = self.findings.iter().find(|finding| finding.rule == rule).map(|finding| &finding.played);
        let (verdict, reason) = match found {
            Some(played) => (played.verdict, played.reason.clone()),
            None if self.tally.tried.contains(&rule) => (Verdict::Pass, String::new()),
            None => (Verdict::Skipped, "no history of this run came to it".into()),
        };
        CheckOutcome {
            id: format!("model/{}", rule.name()),
            case: None,
            title: words.title.clone(),
            verdict,
            covers: words.covers.clone(),
            spec: row.map(|row| row.spec.clone()).unwrap_or_default(),
            section: row.map(|row| row.section.clone()).unwrap_or_default(),
            level: row.map(|row| row.level.to_string()).unwrap_or_default(),
            rule: row.map(|row| row.says.clone()).unwrap_or_default(),
            why: words.why.clone(),
            fix: words.fix.clone(),
            kind: Kind::Refusal,
            reason,
            findings: found.map(|played| played.findings.clone()).unwrap_or_default(),
            exchanges: found.map(|played| played.exchanges.clone()).unwrap_or_default(),
            known: None,
            retried: false,
            duration_ms: 0,
        }
    }
}

impl Tally {
    fn take(&mut self, played: &Played) {
        self.histories += 1;
        self.events += played.events;
        self.tried.extend(&played.tried);
        self.secrets.extend(&played.secrets);
        self.cut += u64::from(played.verdict == Verdict::Skipped);
        if played.verdict == Verdict::Blocked {
            self.stuck += 1;
            self.stuck_in_a_row += 1;
            self.reason.clone_from(&played.reason);
        } else {
            self.stuck_in_a_row = 0;
        }
    }

    fn notes(&self) -> Vec<String> {
        let Tally { histories, events, cut, stuck, reason, .. } = self;
        let mut notes = vec![format!("{histories} histories with {events} events were played")];
        notes.extend((*cut > 0).then(|| format!("{cut} ended early: the target did not give what they went on with")));
        notes.extend((*stuck > 0).then(|| format!("{stuck} got stuck, the last one: {reason}")));
        notes
    }
}
