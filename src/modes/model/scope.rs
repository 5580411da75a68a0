//! A set of scope words, as the model counts them: those of the target file that histories ask for.

/// A set of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(u8);

impl Words {
    /// The scope of a login, on targets without scoped resources.
    pub const LOGIN: Self = Self(1);
    /// `scopes.read`.
    pub const READ: Self = Self(2);
    /// `scopes.write`.
    pub const WRITE: Self = Self(4);
    /// Both.
    pub const BOTH: Self = Self(6);
    /// `scopes.read` and one that the client may not have.
    pub const BEYOND: Self = Self(10);

    /// Whether all of the other are among these.
    pub fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those that both have.
    pub fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the client may have all of them.
    pub fn is_allowed(self) -> bool {
        self.0 & 8 == 0
    }

    /// Those that the client may have.
    pub fn allowed(self) -> Self {
        Self(self.0 & !8)
    }

    /// Whether they open the resource, or the operation that writes.
    pub fn opens(self, write: bool) -> bool {
        if write { self.covers(Self::WRITE) } else { self.covers(Self::READ) || self.covers(Self::LOGIN) }
    }

    /// The template for a scope parameter.
    pub fn template(self, login: &str) -> String {
        let names = [(1, login), (2, "{{scopes.read}}"), (4, "{{scopes.write}}"), (8, "{{scopes.refused}}")];
        let found: Vec<&str> = names.iter().filter(|(bit, _)| self.0 & bit != 0).map(|(_, name)| *name).collect();
        found.join(" ")
    }
}
