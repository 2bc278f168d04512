//! Keyset pages: which part of an ordered list is asked for, and what came back. Positions are identifiers, so that page
//! 10,000 costs what page 1 costs. How a position is written for clients is a matter of [`crate::auth::cursor`].

use uuid::Uuid;

/// Which part of a list, ordered by identifier, is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items at most.
    pub size: u32,
    /// From which end of the range they are taken.
    pub direction: Direction,
    /// Only items after this one.
    pub after: Option<Uuid>,
    /// Only items before this one.
    pub before: Option<Uuid>,
}

/// From which end of the range a page is taken. Items come in the list's order either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The first items of the range.
    Forward,
    /// The last items of the range.
    Backward,
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
}
