//! The head of a check: title, rows, needs.

use super::super::check::CheckFile;
use super::{Linter, did_you_mean, nearest};

impl Linter<'_> {
    pub fn head(&mut self, file: &CheckFile) {
        self.title(&file.title);
        for id in file.covers.iter().filter(|id| !(self.vocabulary.row)(id)) {
            let near = nearest(id, self.vocabulary.rows.iter().copied());
            self.problem(id, format!("the catalogue has no row `{id}`"), &did_you_mean(near, "see `requirements/`"));
        }
        if file.covers.is_empty() && file.found.is_none() {
            self.problem("title", "the check covers no row of the catalogue".into(), "name the rows in `covers`");
        }
        self.words(&file.needs);
    }

    /// A title states a fact.
    pub fn title(&mut self, title: &str) {
        for word in title.split(|letter: char| !letter.is_alphanumeric()) {
            if matches!(word.to_lowercase().as_str(), "should" | "test" | "tests") {
                self.problem(
                    word,
                    format!("the title says `{word}`"),
                    "state what holds on a conforming server, as a fact",
                );
            }
        }
    }

    /// Words of `needs`.
    pub fn words(&mut self, needs: &[String]) {
        for word in needs.iter().filter(|word| !self.vocabulary.needs.contains(word.as_str())) {
            let near = nearest(word, self.vocabulary.needs.iter().copied());
            self.problem(
                word,
                format!("`{word}` is no word of `needs`"),
                &did_you_mean(near, "see `requirements/needs.toml`"),
            );
        }
    }
}
