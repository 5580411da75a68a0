//! What every answer of a load has to hold, and what all of them together must not. No secret is kept in full.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, RandomState};

use serde::Deserialize;

/// Whose tokens a worker asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The client's identifier.
    pub client: String,
    /// The user name; none when the client asks for itself.
    pub user: Option<String>,
}

/// What an answer is expected to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An access token.
    Token,
    /// That a token is active, and whose it is.
    Active,
    /// A status of success.
    Success,
}

/// Tokens of one answer.
#[derive(Deserialize)]
pub struct Tokens<'a> {
    /// The access token.
    #[serde(borrow)]
    pub access_token: Cow<'a, str>,
    /// The refresh token.
    #[serde(borrow, default)]
    pub refresh_token: Option<Cow<'a, str>>,
}

/// What introspection says of a token.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Claims {
    /// Whether it is good.
    #[serde(default)]
    pub active: bool,
    /// Whose it is said to be.
    pub client_id: Option<String>,
    /// The user's name.
    pub username: Option<String>,
    /// Whom it stands for.
    pub sub: Option<String>,
}

impl<'a> Tokens<'a> {
    /// Reads an answer; `None` when it has no token.
    pub fn of(body: &'a [u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(body).ok().filter(|tokens| !tokens.access_token.is_empty())
    }
}

impl Claims {
    /// Reads an answer; `None` when it is no such document.
    pub fn of(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// Why these are the claims of somebody else, if they are.
    pub fn contradict(&self, owner: &Owner) -> Option<String> {
        if let Some(client) = self.client_id.as_ref().filter(|client| **client != owner.client) {
            return Some(format!("a token of the client `{}` answers for `{client}`", owner.client));
        }
        let user = owner.user.as_ref()?;
        let username = self.username.as_ref().filter(|username| *username != user)?;
        Some(format!("a token of the user `{user}` answers for `{username}`"))
    }
}

/// Digests of secrets. When there are too many, those of every second digest are forgotten, so that of two equal ones
/// either both are kept or none.
pub struct Seen {
    digests: Vec<u128>,
    mask: u128,
    hashers: [RandomState; 2],
}

/// So many are kept: 256 MiB.
const MOST: usize = 1 << 24;

impl Seen {
    /// None yet.
    pub fn new() -> Self {
        Self { digests: Vec::new(), mask: 0, hashers: [RandomState::new(), RandomState::new()] }
    }

    /// Keeps one.
    pub fn add(&mut self, secret: &str) {
        let digest = self.digest(secret);
        if digest & self.mask != 0 {
            return;
        }
        if self.digests.len() >= MOST {
            self.mask = self.mask << 1 | 1;
            let mask = self.mask;
            self.digests.retain(|digest| digest & mask == 0);
        }
        self.digests.push(digest);
    }

    /// How many are kept.
    pub fn len(&self) -> u64 {
        self.digests.len() as u64
    }

    /// How many of them are there for a second time.
    pub fn doubles(&mut self) -> u64 {
        self.digests.sort_unstable();
        self.digests.windows(2).filter(|pair| pair[0] == pair[1]).count() as u64
    }

    /// Two keyed hashes: 128 bits do not meet by chance.
    fn digest(&self, secret: &str) -> u128 {
        let [high, low] = self.hashers.each_ref().map(|hasher| u128::from(hasher.hash_one(secret)));
        high << 64 | low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_comes_again_is_found() {
        let mut seen = Seen::new();
        for number in 0..1000 {
            seen.add(&format!("token-{number}"));
        }
        assert_eq!(seen.doubles(), 0);
        seen.add("token-7");
        assert_eq!((seen.doubles(), seen.len()), (1, 1001));
    }

    #[test]
    fn claims_of_another_client_or_user_contradict_and_missing_ones_do_not() {
        let owner = Owner { client: "app".into(), user: Some("alice".into()) };
        let claims = |text: &str| Claims::of(text.as_bytes()).unwrap().contradict(&owner);
        assert_eq!(claims(r#"{"active": true}"#), None);
        assert_eq!(claims(r#"{"active": true, "client_id": "app", "username": "alice"}"#), None);
        assert!(claims(r#"{"active": true, "client_id": "other"}"#).unwrap().contains("`other`"));
        assert!(claims(r#"{"active": true, "username": "bob"}"#).unwrap().contains("`bob`"));
    }

    #[test]
    fn an_answer_without_a_token_is_none() {
        assert!(Tokens::of(b"{}").is_none() && Tokens::of(br#"{"access_token":""}"#).is_none());
        assert_eq!(Tokens::of(br#"{"access_token":"a\u0062"}"#).unwrap().access_token, "ab");
    }
}
