//! How good a search is: with no check looking, which defects of the reference provider does it find? The defects stand in
//! classes, one file for each search.

use indexmap::IndexMap;
use reference_server::Defect;

/// Defects of one kind and what became of them.
#[derive(Clone, Debug)]
pub struct Class {
    /// What is broken.
    pub name: String,
    /// One entry a defect.
    pub defects: Vec<Measured>,
}

impl Class {
    /// A class of which nothing was found.
    pub fn unfound(name: &str, defects: &[Defect]) -> Self {
        let defects = defects.iter().map(|defect| Measured { name: defect.name().into(), found: None });
        Self { name: name.into(), defects: defects.collect() }
    }
}

/// One defect.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// How it was found, if it was.
    pub found: Option<Found>,
}

/// How a defect was found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// After so many tries.
    pub after: u64,
    /// How large the finding is when it was made small.
    pub size: usize,
}

/// Defects by class.
pub type Classes = Vec<(String, Vec<Defect>)>;

/// The classes of a file; each name is a defect's and stands there once.
pub fn classes(file: &str) -> Classes {
    let named: IndexMap<String, Vec<String>> = toml::from_str(file).unwrap_or_else(|error| panic!("{error}"));
    let defect = |name: &String| Defect::find(name).unwrap_or_else(|| panic!("there is no defect `{name}`"));
    named.into_iter().map(|(class, names)| (class, names.iter().map(defect).collect())).collect()
}

/// What a search finds, which takes all defects at once and answers in their order.
pub fn measured(classes: Classes, search: impl FnOnce(&[Defect]) -> Vec<Option<Found>>) -> Vec<Class> {
    let all: Vec<Defect> = classes.iter().flat_map(|(_, defects)| defects.iter().copied()).collect();
    let mut found = search(&all).into_iter();
    let class = |(name, defects): (String, Vec<Defect>)| {
        let measured = defects.iter().zip(found.by_ref());
        let defects = measured.map(|(defect, found)| Measured { name: defect.name().into(), found }).collect();
        Class { name, defects }
    };
    classes.into_iter().map(class).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_in_the_classes_is_a_defect_and_stands_there_once() {
        for file in [include_str!("fuzz/classes.toml"), include_str!("model/classes.toml")] {
            let all: Vec<Defect> = classes(file).into_iter().flat_map(|(_, defects)| defects).collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        }
    }
}
