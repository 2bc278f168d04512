//! What the clients know of the accounts: the state that was acknowledged, and what a change whose answer never came may
//! have made of it.

/// A value as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// A change to it was acknowledged, or none was asked for.
    Is(T),
    /// A change from the first to the second was asked for, and its answer never came.
    Either(T, T),
}

impl<T: Copy + PartialEq> Known<T> {
    /// Whether the value found is one that it may be.
    pub fn allows(self, found: T) -> bool {
        match self {
            Self::Is(value) => value == found,
            Self::Either(before, after) => before == found || after == found,
        }
    }

    /// A change to `next` is on its way.
    pub fn change(&mut self, next: T) {
        if let Self::Is(before) = *self {
            *self = Self::Either(before, next);
        }
    }

    /// The change on its way was made.
    pub fn made(&mut self) {
        if let Self::Either(_, after) = *self {
            *self = Self::Is(after);
        }
    }

    /// The change on its way was refused.
    pub fn refused(&mut self) {
        if let Self::Either(before, _) = *self {
            *self = Self::Is(before);
        }
    }
}

/// The tokens of a session.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

/// An account that one client changes alone.
#[derive(Debug)]
pub struct Person {
    pub name: String,
    /// Whether its last change is that an administrator disables it.
    pub is_disabled_last: bool,
    pub id: String,
    pub exists: Known<bool>,
    pub disabled: Known<bool>,
    /// Whether it holds the role `helper`.
    pub is_helper: Known<bool>,
    pub password: Known<&'static str>,
    /// The session that goes on.
    pub session: Option<Tokens>,
    /// A refresh token whose successor was used: it must not be taken again.
    pub spent: Option<String>,
    pub access_tokens: Vec<String>,
    /// The sessions that were ended.
    pub ended: Vec<Tokens>,
}

impl Person {
    /// A caller without an account.
    pub fn new(name: String, password: &'static str, is_disabled_last: bool) -> Self {
        Self {
            name,
            is_disabled_last,
            id: String::new(),
            exists: Known::Is(false),
            disabled: Known::Is(false),
            is_helper: Known::Is(false),
            password: Known::Is(password),
            session: None,
            spent: None,
            access_tokens: Vec::new(),
            ended: Vec::new(),
        }
    }
}

/// Accounts that are imported at once.
#[derive(Debug)]
pub struct Batch {
    pub names: Vec<String>,
    pub imported: Known<bool>,
}

/// What everyone knows when the server is killed.
#[derive(Debug)]
pub struct Knowledge {
    /// How the names of these people and of imported accounts begin.
    pub prefixes: [String; 2],
    pub people: Vec<Person>,
    pub batches: Vec<Batch>,
    /// Whether `ada` and `bea` are administrators.
    pub administrators: [Known<bool>; 2],
}
