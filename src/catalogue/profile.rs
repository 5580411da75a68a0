//! Profiles: which rules a run judges. Data in `requirements/profiles.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::load::Catalogue;
use super::requirement::Requirement;

/// What a run judges: one profile, or several at once.
#[derive(Clone, Debug)]
pub struct Profile {
    name: String,
    specs: Vec<String>,
    drops: Vec<String>,
}

/// The file of profiles.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profiles {
    #[serde(default)]
    profile: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[expect(dead_code, reason = "for the reader of the file")]
    title: String,
    specs: Vec<String>,
    #[serde(default)]
    drops: Vec<String>,
}

/// What is judged when nobody says otherwise, besides what the target claims.
const DEFAULT: &[&str] = &["rfc6749", "rfc9700"];

impl Catalogue {
    /// The profile of this name, or the default one with what the target claims. `None` when there is none so called.
    pub fn profile(&self, name: Option<&str>, claimed: &[String]) -> Option<Profile> {
        let claimed = claimed.iter().map(String::as_str).filter(|claimed| !DEFAULT.contains(claimed));
        let names: Vec<&str> = match name {
            Some(name) => name.split(',').map(str::trim).collect(),
            None => DEFAULT.iter().copied().chain(claimed).collect(),
        };
        let mut profile = Profile { name: names.join(", "), specs: Vec::new(), drops: Vec::new() };
        for name in names {
            let entry = self.profiles.profile.get(name)?;
            profile.specs.extend(entry.specs.iter().cloned());
            profile.drops.extend(entry.drops.iter().cloned());
        }
        Some(profile)
    }

    /// The names of all profiles.
    pub fn profile_names(&self) -> Vec<&str> {
        self.profiles.profile.keys().map(String::as_str).collect()
    }
}

impl Profile {
    /// Every row of every specification.
    pub fn everything() -> Self {
        Self { name: "strict".into(), specs: vec!["*".into()], drops: Vec::new() }
    }

    /// Its name, several joined by commas.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a row is judged.
    pub fn judges(&self, row: &Requirement) -> bool {
        let named = |spec: &String| spec == "*" || *spec == row.file;
        self.specs.iter().any(named) && !self.drops.contains(&row.id)
    }

    /// Why a check with no judged row is skipped.
    pub fn excludes(&self) -> String {
        format!("the profile {} does not ask for it", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_drops_is_in_the_catalogue() {
        let catalogue = Catalogue::embedded().unwrap();
        let drops = catalogue.profiles.profile.values().flat_map(|entry| &entry.drops);
        let unknown: Vec<&String> = drops.filter(|id| catalogue.row(id).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn the_strict_profile_asks_for_one_side_of_a_contradiction() {
        let catalogue = Catalogue::embedded().unwrap();
        let strict = catalogue.profile(Some("strict"), &[]).unwrap();
        let judges = |id: &str| catalogue.row(id).is_some_and(|row| strict.judges(row));
        assert!(judges("oauth2.1-10.2-redirect-uri-not-needed-in-exchange"));
        assert!(!judges("rfc6749-4.1.3-redirect-uri-present"));
    }
}
