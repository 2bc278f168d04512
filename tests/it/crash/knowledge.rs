//! What the clients know about users: the acknowledged state, and the two possible states after a change without an
//! answer.

/// A value, as far as a client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// The last change was acknowledged, or no change was requested.
    Is(T),
    /// A change from the first to the second was requested, and never answered.
    Either(T, T),
}

impl<T: Copy + PartialEq> Known<T> {
    /// Whether the value found is possible.
    pub fn allows(self, found: T) -> bool {
        match self {
            Self::Is(value) => value == found,
            Self::Either(before, after) => before == found || after == found,
        }
    }

    /// A change to `next` is requested.
    pub fn change(&mut self, next: T) {
        if let Self::Is(before) = *self {
            *self = Self::Either(before, next);
        }
    }

    /// The requested change was made.
    pub fn made(&mut self) {
        if let Self::Either(_, after) = *self {
            *self = Self::Is(after);
        }
    }

    /// The requested change was refused.
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

/// A user that only one client changes.
#[derive(Debug)]
pub struct User {
    pub name: String,
    /// Whether the last change is that an administrator disables the user.
    pub is_disabled_last: bool,
    pub id: String,
    pub exists: Known<bool>,
    pub disabled: Known<bool>,
    /// Whether the user has the role `helper`.
    pub is_helper: Known<bool>,
    pub password: Known<&'static str>,
    /// The active session.
    pub session: Option<Tokens>,
    /// A refresh token whose successor was used, so that it must be refused.
    pub spent: Option<String>,
    pub access_tokens: Vec<String>,
    /// The revoked sessions.
    pub revoked: Vec<Tokens>,
}

impl User {
    /// A user that is not registered yet.
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
            revoked: Vec::new(),
        }
    }
}

/// Users of one import.
#[derive(Debug)]
pub struct Batch {
    pub names: Vec<String>,
    pub imported: Known<bool>,
}

/// What all clients know when the server is killed.
#[derive(Debug)]
pub struct Knowledge {
    /// The prefixes of the names of registered and of imported users.
    pub prefixes: [String; 2],
    pub users: Vec<User>,
    pub batches: Vec<Batch>,
    /// Whether `ada` and `bea` are administrators.
    pub administrators: [Known<bool>; 2],
}
