//! Keyset pages: which part of an ordered list is asked for, and what came back. Positions are values that the list is ordered
//! by, in most lists identifiers, so that page 10,000 costs what page 1 costs. How a position is written for clients is a matter
//! of `fieldguard_auth::cursor`.

use uuid::Uuid;

/// Which part of an ordered list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<P = Uuid> {
    /// How many items at most.
    pub size: u32,
    /// From which end of the range they are taken.
    pub direction: Direction,
    /// Only items after this one.
    pub after: Option<P>,
    /// Only items before this one.
    pub before: Option<P>,
}

/// From which end of the range a page is taken. Items come in the list's order either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The first items of the range.
    Forward,
    /// The last items of the range.
    Backward,
}

impl<P> PageRequest<P> {
    /// The same part of the list, asked for in the list's order turned round: for lists that begin with the newest.
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
    /// Are there items before the first?
    pub has_previous: bool,
    /// Are there items after the last?
    pub has_next: bool,
    /// The next item at the end to which the page was read. `has_next` or `has_previous` tells the caller that it exists.
    pub beyond: Option<T>,
}

impl<T> Page<T> {
    /// A page of a list that has nothing in it.
    #[must_use]
    pub const fn empty() -> Self {
        Self { items: Vec::new(), has_previous: false, has_next: false, beyond: None }
    }

    /// The same page in the list's order turned round.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.items.reverse();
        Self { has_previous: self.has_next, has_next: self.has_previous, ..self }
    }

    /// The same page with other items.
    #[must_use]
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(&mut change).collect();
        let beyond = self.beyond.map(change);
        Page { items, has_previous: self.has_previous, has_next: self.has_next, beyond }
    }
}
