//! The scopes of a target: those of its file, and those that are made of them, for what a grant must not grow into.

use super::file::Target;

/// Entries with words that the client of a login may have; `refused` has those that it may not.
const OF_THE_CLIENT: &[&str] = &["write", "two", "read", "machine", "password", "implicit", "resource"];

/// Words that OpenID Connect gives another meaning than a right at the resource.
const NO_RIGHT: &[&str] = &["openid", "offline_access"];

impl Target {
    /// The scope of this name. Unless given, `refresh` is that of a login, `granted` the one of a login that brings a refresh
    /// token, `beyond` a word that is not in it though the client may have it, and `wider` both.
    pub fn scope(&self, name: &str) -> Option<String> {
        if let Some(given) = self.scopes.get(name) {
            return Some(given.clone()).filter(|scope| !scope.is_empty());
        }
        match name {
            "refresh" => self.scope("login"),
            "granted" => self.scope("refresh").or_else(|| self.scope("login")),
            "beyond" => self.beyond(&self.scope("granted")?),
            "wider" => Some(format!("{} {}", self.scope("granted")?, self.scope("beyond")?)),
            _ => None,
        }
    }

    fn beyond(&self, granted: &str) -> Option<String> {
        let known = OF_THE_CLIENT.iter().filter_map(|name| self.scopes.get(*name));
        let mut words = known.flat_map(|scope| scope.split(' ')).filter(|word| !word.is_empty());
        let word = words.find(|word| !NO_RIGHT.contains(word) && granted.split(' ').all(|other| other != *word))?;
        Some(word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(scopes: &[(&str, &str)]) -> Target {
        let scopes = scopes.iter().map(|(name, scope)| ((*name).to_owned(), (*scope).to_owned()));
        Target { scopes: scopes.collect(), ..Target::default() }
    }

    #[test]
    fn a_word_beyond_what_is_granted_comes_from_another_entry() {
        let target = target(&[("login", "openid profile"), ("refused", "admin"), ("machine", "openid profile api")]);
        let scopes = ["granted", "beyond", "wider"].map(|name| target.scope(name).unwrap());
        assert_eq!(scopes, ["openid profile", "api", "openid profile api"]);
    }

    #[test]
    fn what_the_file_gives_is_taken() {
        let target = target(&[("login", "a"), ("refresh", "a b"), ("beyond", "c"), ("two", "a d")]);
        assert_eq!(["granted", "wider"].map(|name| target.scope(name).unwrap()), ["a b", "a b c"]);
    }

    #[test]
    fn there_may_be_no_word_beyond() {
        assert_eq!(target(&[("login", "openid a"), ("machine", "a")]).scope("wider"), None);
        assert_eq!(target(&[("machine", "a")]).scope("beyond"), None);
    }
}
