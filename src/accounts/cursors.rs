//! Positions in lists, as clients hold them: sealed, so that a cursor tells nothing of what it points at.

use uuid::Uuid;

use super::Accounts;

impl Accounts {
    /// The cursor of the item `id` in the list of that name.
    #[must_use]
    pub fn cursor(&self, list: &str, id: Uuid) -> String {
        self.cursors.seal(list, id)
    }

    /// The item a cursor of that list points at, or nothing where the cursor is not ours or belongs to another list.
    #[must_use]
    pub fn position(&self, list: &str, cursor: &str) -> Option<Uuid> {
        self.cursors.open(list, cursor)
    }
}
