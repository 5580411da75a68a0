//! A check and a target become concrete runs of flat steps, or the reason why the check does not apply.
//! Nothing travels here and nothing is judged.

use std::sync::Arc;

use crate::offer::offers;
use crate::scenario::{Case, Change, Check, CheckFile, Expect, Step, Suite, split_at};
use crate::target::Target;

/// What will be done for one check.
#[derive(Clone, Debug)]
pub enum Planned {
    /// These runs give the verdicts.
    Runs(Plan),
    /// The check does not apply, and why.
    Skipped(String),
}

/// All runs of one check.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The check.
    pub check: Arc<Check>,
    /// Flattened steps of the unchanged check.
    pub steps: Vec<PlannedStep>,
    /// One entry a verdict: the check itself, or each row of its table that applies, or why it does not.
    pub cases: Vec<PlannedCase>,
}

/// One verdict's run.
#[derive(Clone, Debug)]
pub struct PlannedCase {
    /// The row's name; `None` when there is no table.
    pub name: Option<String>,
    /// Why this row does not apply.
    pub skipped: Option<String>,
    /// `{{case.NAME}}`.
    pub with: Vec<(String, String)>,
    /// The one change, for a varied check.
    pub variation: Option<Variation>,
}

/// What is changed, and what is expected then.
#[derive(Clone, Debug)]
pub struct Variation {
    /// The id of the first step that is changed.
    pub step: String,
    /// The changes in order; one, except in what a fuzzer found.
    pub alterations: Vec<Alteration>,
    /// The step whose answer is judged.
    pub judge: String,
    /// What must hold for it.
    pub expect: Option<Expect>,
    /// What is warned about.
    pub should: Option<Expect>,
    /// What must hold when the run ends before the judged step.
    pub earlier: Option<Expect>,
}

impl Variation {
    /// As far as it concerns this step.
    pub fn of(&self, step: &str) -> Option<Self> {
        let alterations = self.alterations.iter().filter(|alteration| alteration.step == step).cloned().collect();
        let concerned = Self { alterations, ..self.clone() };
        (!concerned.alterations.is_empty()).then_some(concerned)
    }
}

/// One change of one step.
#[derive(Clone, Debug)]
pub struct Alteration {
    /// The step's id.
    pub step: String,
    /// The part, `query`, `form`, `header`, `as`, `auth`, `method`, `bearer`, `credentials`.
    pub part: String,
    /// The name within the part; empty for parts that are one value.
    pub name: String,
    /// What happens to the value.
    pub change: Change,
}

/// A step with everything that its flow and check say about it.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// The id, with the prefix of its `use` step: `authorize` or `second.authorize`.
    pub id: String,
    /// What it does, in words.
    pub name: String,
    /// Set-up: a violation blocks.
    pub setup: bool,
    /// Put before the names of what it makes and captures: `` or `second.`.
    pub prefix: String,
    /// The client role.
    pub role: String,
    /// `{{with.NAME}}`, templates of the caller.
    pub with: Vec<(String, String)>,
    /// Which repetition group it belongs to: a `use` step with `repeat` repeats all its steps.
    pub group: Option<Group>,
    /// The step itself.
    pub step: Step,
}

/// Steps of one `use` that are repeated together, in order, `times` times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The `use` step's index in the check.
    pub of: usize,
    /// How often.
    pub times: u32,
}

impl PlannedStep {
    /// The role of the client that its answer makes, with the prefix of the flow.
    pub fn registers(&self) -> Option<String> {
        self.step.registers.as_ref().map(|role| format!("{}{role}", self.prefix))
    }
}

/// Turns a check into runs against a target.
pub fn plan(check: &Arc<Check>, suite: &Suite, target: &Target) -> Planned {
    let mut steps = Vec::new();
    let mut needs: Vec<String> = check.file.needs.clone();
    let role = check.file.client.clone().unwrap_or_else(|| DEFAULT_ROLE.into());
    let context = Context { suite, prefix: String::new(), role, with: Vec::new(), setup: false };
    if let Err(reason) = context.flatten(&check.file.step, &mut steps, &mut needs) {
        return Planned::Skipped(reason);
    }
    if let Some(reason) = needs.iter().find_map(|word| offers(target, word).err()) {
        return Planned::Skipped(reason);
    }
    let registered: Vec<String> = steps.iter().filter_map(PlannedStep::registers).collect();
    if let Some(reason) = steps.iter().find_map(|step| absent_role(step, target, &registered)) {
        return Planned::Skipped(reason);
    }
    Planned::Runs(Plan { check: check.clone(), steps, cases: cases(&check.file, target) })
}

/// The plan of a scenario file that is in memory only; `Err` says why there is none.
pub fn of_file(id: &str, source: String, suite: &Suite, target: &Target) -> Result<Plan, String> {
    let check = Check::parse(id.into(), source)?;
    match plan(&Arc::new(check), suite, target) {
        Planned::Runs(plan) => Ok(plan),
        Planned::Skipped(reason) => Err(reason),
    }
}

/// The same for steps alone, and what may stand before them: nobody reads titles and reasons.
pub fn of_steps(id: &str, text: &str, suite: &Suite, target: &Target) -> Result<Plan, String> {
    of_file(id, format!("title = \"\"\nwhy = \"\"\nfix = \"\"\n{text}"), suite, target)
}

/// The role of steps that name none.
pub const DEFAULT_ROLE: &str = "confidential";

/// Where the flattening of steps is: inside which flow, as whom, with which parameters.
struct Context<'a> {
    suite: &'a Suite,
    prefix: String,
    role: String,
    with: Vec<(String, String)>,
    setup: bool,
}

impl Context<'_> {
    fn flatten(&self, from: &[Step], into: &mut Vec<PlannedStep>, needs: &mut Vec<String>) -> Result<(), String> {
        for (index, step) in from.iter().enumerate() {
            match &step.flow {
                None => into.push(self.planned(index, step.clone())),
                Some(name) => self.expand(index, step, name, into, needs)?,
            }
        }
        Ok(())
    }

    /// A `use` step: what it makes, the flow's steps as set-up, then what it expects itself.
    fn expand(
        &self,
        index: usize,
        step: &Step,
        name: &str,
        into: &mut Vec<PlannedStep>,
        needs: &mut Vec<String>,
    ) -> Result<(), String> {
        let flow = self.suite.flow(name).ok_or_else(|| format!("there is no flow `{name}`"))?;
        needs.extend(flow.file.needs.iter().cloned());
        if !step.make.is_empty() {
            into.push(self.planned(index, Step { make: step.make.clone(), ..Step::default() }));
        }
        let inner = Context {
            suite: self.suite,
            prefix: step.id.as_ref().map_or_else(|| self.prefix.clone(), |id| format!("{}{id}.", self.prefix)),
            role: step.role.clone().or_else(|| flow.file.client.clone()).unwrap_or_else(|| self.role.clone()),
            with: self.parameters(step, &flow.file.with),
            setup: true,
        };
        let start = into.len();
        inner.flatten(&flow.file.step, into, needs)?;
        for planned in &mut into[start..] {
            inherit(planned, step, start);
        }
        if step.expect.is_some() || step.should.is_some() || !step.capture.is_empty() {
            let judged =
                Step { flow: None, make: Default::default(), repeat: None, with: Default::default(), ..step.clone() };
            into.push(self.planned(index, judged));
        }
        Ok(())
    }

    /// The flow's parameters: its defaults, then the caller's, whose own `{{with.…}}` are put in place.
    fn parameters(&self, step: &Step, defaults: &indexmap::IndexMap<String, String>) -> Vec<(String, String)> {
        let mut with = defaults.clone();
        for (name, value) in &step.with {
            let own = self.with.iter().fold(value.clone(), |text, (outer, template)| {
                text.replace(&format!("{{{{with.{outer}}}}}"), template)
                    .replace(&format!("{{{{with.{outer}?}}}}"), template)
            });
            with.insert(name.clone(), own);
        }
        with.into_iter().collect()
    }

    fn planned(&self, index: usize, step: Step) -> PlannedStep {
        let local = step.id.clone().unwrap_or_else(|| format!("step-{}", index + 1));
        PlannedStep {
            id: format!("{}{local}", self.prefix),
            name: step.name.clone().unwrap_or(local),
            setup: self.setup || step.is_set_up(),
            prefix: self.prefix.clone(),
            role: step.role.clone().unwrap_or_else(|| self.role.clone()),
            with: self.with.clone(),
            group: None,
            step,
        }
    }
}

/// What a `use` step hands to the steps of its flow: user, browser, repetition, and what their failure means.
fn inherit(planned: &mut PlannedStep, caller: &Step, group: usize) {
    planned.step.user = planned.step.user.take().or_else(|| caller.user.clone());
    planned.step.browser = planned.step.browser.take().or_else(|| caller.browser.clone());
    planned.step.or_skip = planned.step.or_skip.take().or_else(|| caller.or_skip.clone());
    if let (Some(times), None) = (caller.repeat, &planned.group) {
        planned.group = Some(Group { of: group, times });
    }
}

fn absent_role(step: &PlannedStep, target: &Target, registered: &[String]) -> Option<String> {
    let acts = step.step.send.is_some() || step.step.authorize.is_some();
    let unknown = acts && target.client(&step.role).is_none() && !registered.contains(&step.role);
    unknown.then(|| format!("the target file has no client `{}`", step.role))
}

fn cases(file: &CheckFile, target: &Target) -> Vec<PlannedCase> {
    if file.case.is_empty() {
        let change = file.vary.as_ref().and_then(|vary| vary.change.clone());
        let variation = change.and_then(|change| variation(file, &Case::default(), change));
        return vec![PlannedCase { name: None, skipped: None, with: Vec::new(), variation }];
    }
    file.case.iter().map(|case| planned_case(file, case, target)).collect()
}

fn planned_case(file: &CheckFile, case: &Case, target: &Target) -> PlannedCase {
    PlannedCase {
        name: Some(case.name.clone()),
        skipped: case.needs.iter().find_map(|word| offers(target, word).err()),
        with: case.with.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        variation: case
            .change()
            .or_else(|| file.vary.as_ref()?.change.clone())
            .and_then(|change| variation(file, case, change)),
    }
}

fn variation(file: &CheckFile, case: &Case, change: Change) -> Option<Variation> {
    let vary = file.vary.as_ref()?;
    let at = case.at.as_ref().or(vary.at.as_ref())?;
    let (step, part, name) = split_at(at)?;
    let further = vary.also.iter().filter_map(|also| {
        let (step, part, name) = split_at(&also.at)?;
        Some(Alteration { step, part, name, change: also.change.clone() })
    });
    Some(Variation {
        judge: vary.judge.clone().unwrap_or_else(|| step.clone()),
        step: step.clone(),
        alterations: std::iter::once(Alteration { step, part, name, change }).chain(further).collect(),
        expect: case.expect.clone().or_else(|| vary.expect.clone()),
        should: case.should.clone().or_else(|| vary.should.clone()),
        earlier: vary.earlier.clone(),
    })
}
