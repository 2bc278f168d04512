//! The users of the server.

use fieldguard_guard::policy::{Principal, permission::Permission};

use crate::schema::{LOANS_READ, LOANS_WRITE};

/// A member of the library, who may be a librarian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The number on the member's card.
    pub number: u32,
    is_librarian: bool,
}

impl Member {
    /// The member with this token: `ann` and `bob` borrow books, `lee` is a librarian.
    #[must_use]
    pub fn named(token: &str) -> Option<Self> {
        let (number, is_librarian) = match token {
            "ann" => (1, false),
            "bob" => (2, false),
            "lee" => (3, true),
            _ => return None,
        };
        Some(Self { number, is_librarian })
    }
}

impl Principal for Member {
    fn has_role(&self, name: &str) -> bool {
        self.is_librarian && name == "librarian"
    }

    fn can(&self, permission: Permission) -> bool {
        self.is_librarian && [LOANS_READ, LOANS_WRITE].contains(&permission)
    }

    fn has_session(&self) -> bool {
        true
    }

    fn is_named(&self, identifier: &str) -> bool {
        identifier.parse() == Ok(self.number)
    }
}
