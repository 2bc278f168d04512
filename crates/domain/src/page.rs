//! Keyset pagination: the requested part of an ordered list, and the result. A position is the value that the list is
//! ordered by, in most lists an identifier, so page 10,000 costs as much as page 1. `fieldguard_auth::cursor` encodes
//! positions for clients.

use uuid::Uuid;

/// The requested part of an ordered list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<P = Uuid> {
    /// The maximum number of items.
    pub size: u32,
    /// The end of the range from which items are taken.
    pub direction: Direction,
    /// Only items after this position.
    pub after: Option<P>,
    /// Only items before this position.
    pub before: Option<P>,
}

/// The end of the range from which a page is taken. Items keep the list's order either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The first items of the range.
    Forward,
    /// The last items of the range.
    Backward,
}

impl<P> PageRequest<P> {
    /// The same part of the list, for a query in reverse order. Lists that begin with the newest item use it.
    #[must_use]
    pub fn reversed(self) -> Self {
        let direction = match self.direction {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        };
        Self { size: self.size, direction, after: self.before, before: self.after }
    }
}

/// Part of a list, in the list's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether there are items before the first.
    pub has_previous: bool,
    /// Whether there are items after the last.
    pub has_next: bool,
    /// The next item beyond the end to which the page was read. The caller learns of it from `has_next` or
    /// `has_previous`.
    pub beyond: Option<T>,
}

impl<T> Page<T> {
    /// An empty page.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), has_previous: false, has_next: false, beyond: None }
    }

    /// The same page in reverse order.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.items.reverse();
        Self { has_previous: self.has_next, has_next: self.has_previous, ..self }
    }

    /// The same page with converted items.
    #[must_use]
    pub fn map<U>(self, mut convert: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(&mut convert).collect();
        let beyond = self.beyond.map(convert);
        Page { items, has_previous: self.has_previous, has_next: self.has_next, beyond }
    }
}
