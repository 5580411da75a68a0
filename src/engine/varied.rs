//! The changes of a variation, as the parts of a request see them. Everything that is not named in one stays as the
//! control sends it.

use super::scope::Scope;
use crate::plan::{Alteration, Variation};
use crate::scenario::{Auth, Change, Send};

/// Names and values in order.
pub type Pairs = Vec<(String, String)>;

/// The parts of a request that are lists of parameters.
#[derive(Default)]
pub struct Parts {
    pub query: Pairs,
    pub form: Pairs,
    pub header: Pairs,
}

/// What is changed in the step whose request is built.
pub struct Varied<'a>(&'a [Alteration]);

impl<'a> Varied<'a> {
    /// The changes of a variation of this step.
    pub fn by(variation: Option<&'a Variation>) -> Self {
        Self(variation.map_or(&[], |variation| &variation.alterations))
    }

    /// The word that a one-value part (`as`, `auth`, `method`, `user`, `to`) is set to.
    pub fn word(&self, part: &str) -> Option<String> {
        self.of(part).find_map(|alteration| match &alteration.change {
            Change::Set(word) => Some(word.clone()),
            _ => None,
        })
    }

    /// Parts that are single words of the step.
    pub fn words(&self, send: &mut Send) -> Result<(), String> {
        if let Some(auth) = self.word("auth") {
            send.auth = auth_of(&auth).ok_or_else(|| format!("`{auth}` is no way to authenticate"))?;
        }
        if let Some(to) = self.word("to") {
            send.to = to;
        }
        send.method = self.word("method").or(send.method.take());
        Ok(())
    }

    /// A part that is one text.
    pub fn text(&self, part: &str, template: Option<&str>, scope: &Scope<'_>) -> Result<Option<String>, String> {
        let good = template.map(|template| scope.render(template)).transpose()?.flatten();
        self.of(part).try_fold(good, |good, alteration| Ok(values(&alteration.change, good, scope)?.pop()))
    }

    /// The client's identifier or secret; one that is removed is empty.
    pub fn credential(&self, name: &str, good: String, scope: &Scope<'_>) -> Result<String, String> {
        let mut named = self.of("credentials").filter(|alteration| alteration.name == name);
        named.try_fold(good, |good, alteration| {
            Ok(values(&alteration.change, Some(good), scope)?.pop().unwrap_or_default())
        })
    }

    /// The parts that are lists of parameters.
    pub fn alter(&self, parts: &mut Parts, scope: &Scope<'_>) -> Result<(), String> {
        for alteration in self.0.iter().filter(|alteration| !alteration.name.is_empty()) {
            if parts.part(&alteration.part).is_some() {
                parts.alter(alteration, scope)?;
            }
        }
        Ok(())
    }

    /// Parameters as they travel in a query or a form.
    pub fn encode(&self, part: &str, pairs: &Pairs) -> String {
        let written = |(name, value): &(String, String)| format!("{}={}", form(name), self.encoded(part, name, value));
        pairs.iter().map(written).collect::<Vec<_>>().join("&")
    }

    /// One value as it travels.
    pub fn encoded(&self, part: &str, name: &str, value: &str) -> String {
        let wire = self.of(part).filter(|alteration| alteration.name == name);
        wire.fold(form(value), |value, alteration| match &alteration.change {
            Change::Wire(edit) => edit.apply(&value),
            _ => value,
        })
    }

    fn of(&self, part: &str) -> impl Iterator<Item = &'a Alteration> {
        self.0.iter().filter(move |alteration| alteration.part == part)
    }
}

impl Parts {
    fn part(&mut self, name: &str) -> Option<&mut Pairs> {
        match name {
            "query" => Some(&mut self.query),
            "form" => Some(&mut self.form),
            "header" => Some(&mut self.header),
            _ => None,
        }
    }

    /// One change of one parameter; one that needs a good value does nothing where there is none.
    fn alter(&mut self, Alteration { part, name, change, .. }: &Alteration, scope: &Scope<'_>) -> Result<(), String> {
        let same = |known: &str| known == name || (part == "header" && known.eq_ignore_ascii_case(name));
        let Some(pairs) = self.part(part) else { return Ok(()) };
        let place = pairs.iter().position(|(known, _)| same(known));
        match change {
            Change::Swap(other) => {
                if let (Some(here), Some(there)) = (place, pairs.iter().position(|(known, _)| known == other)) {
                    let value = std::mem::take(&mut pairs[here].1);
                    pairs[here].1 = std::mem::replace(&mut pairs[there].1, value);
                }
            }
            Change::Rename(edit) => {
                pairs.iter_mut().filter(|(known, _)| same(known)).for_each(|(known, _)| *known = edit.apply(known));
            }
            Change::Move(to) => {
                let moved: Pairs = pairs.extract_if(.., |(known, _)| same(known)).collect();
                self.part(to).ok_or_else(|| format!("`{to}` is no part with parameters"))?.extend(moved);
            }
            Change::Wire(edit) => {
                // Header fields travel as they are; those of the other parts change when they are encoded.
                let fields = pairs.iter_mut().filter(|(known, _)| part == "header" && same(known));
                fields.for_each(|(_, value)| *value = edit.apply(value));
            }
            _ => {
                let good = place.map(|place| pairs[place].1.clone());
                let values = values(change, good, scope)?;
                pairs.retain(|(known, _)| !same(known));
                let at = place.unwrap_or(pairs.len()).min(pairs.len());
                pairs.splice(at..at, values.into_iter().map(|value| (name.clone(), value)));
            }
        }
        Ok(())
    }
}

/// The values that stand where the good one stood.
fn values(change: &Change, good: Option<String>, scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let other = |template: &str| Ok::<_, String>(scope.render(template)?.unwrap_or_default());
    Ok(match change {
        Change::Set(template) => vec![other(template)?],
        Change::Remove(_) => Vec::new(),
        Change::Add(template) => good.into_iter().chain([other(template)?]).collect(),
        Change::Before(template) => std::iter::once(other(template)?).chain(good).collect(),
        Change::Edit(edit) => good.iter().map(|good| edit.apply(good)).collect(),
        Change::Double(_) => good.clone().into_iter().chain(good).collect(),
        Change::Swap(_) | Change::Move(_) | Change::Rename(_) | Change::Wire(_) => good.into_iter().collect(),
    })
}

fn auth_of(word: &str) -> Option<Auth> {
    Some(match word {
        "none" => Auth::None,
        "client" => Auth::Client,
        "basic" => Auth::Basic,
        "post" => Auth::Post,
        "id" => Auth::Id,
        "signed" => Auth::Signed,
        _ => return None,
    })
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Edit;
    use crate::engine::transcript::Values;
    use crate::plan::PlannedStep;
    use crate::scenario::Step;
    use crate::target::Target;

    /// The form `a=1&b=2` after these changes of `a`, as it travels, and the query.
    fn altered(changes: &[Change]) -> String {
        let alteration = |change: &Change| Alteration {
            step: "redeem".into(),
            part: "form".into(),
            name: "a".into(),
            change: change.clone(),
        };
        let alterations: Vec<Alteration> = changes.iter().map(alteration).collect();
        let (id, name, prefix, role) = (String::new(), String::new(), String::new(), String::new());
        let (with, group, step) = (Vec::new(), None, Step::default());
        let step = PlannedStep { id, name, setup: false, prefix, role, with, group, step };
        let (target, values) = (Target::default(), Values::new());
        let scope = Scope { target: &target, step: &step, role: "", user: "", case: &[], values: &values, now: 0 };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut parts = Parts { form: vec![pair("a", "1"), pair("b", "2")], ..Parts::default() };
        let varied = Varied(&alterations);
        varied.alter(&mut parts, &scope).unwrap();
        format!("{}?{}", varied.encode("form", &parts.form), varied.encode("query", &parts.query))
    }

    #[test]
    fn each_change_changes_its_parameter_and_no_other() {
        let append = |text: &str| Edit::Append(text.into());
        let table = [
            (Change::Set("x y".into()), "a=x+y&b=2?"),
            (Change::Remove(true), "b=2?"),
            (Change::Add("x".into()), "a=1&a=x&b=2?"),
            (Change::Before("x".into()), "a=x&a=1&b=2?"),
            (Change::Double(true), "a=1&a=1&b=2?"),
            (Change::Edit(append("%")), "a=1%25&b=2?"),
            (Change::Wire(append("%ff")), "a=1%ff&b=2?"),
            (Change::Swap("b".into()), "a=2&b=1?"),
            (Change::Swap("nobody".into()), "a=1&b=2?"),
            (Change::Move("query".into()), "b=2?a=1"),
            (Change::Rename(Edit::Upper(true)), "A=1&b=2?"),
        ];
        for (change, expected) in table {
            assert_eq!(altered(std::slice::from_ref(&change)), expected, "{change:?}");
        }
    }

    #[test]
    fn several_changes_are_made_in_their_order() {
        let changes =
            [Change::Edit(Edit::Append("x".into())), Change::Double(true), Change::Wire(Edit::Append("%".into()))];
        assert_eq!(altered(&changes), "a=1x%&a=1x%&b=2?");
    }
}
