//! The chain of refresh tokens of one session: each is good for one exchange, which brings its successor. What a token that
//! was exchanged before means is decided here: a second tab, a lost answer, or a thief.
//!
//! The decision looks at generations and times only. What a token is made of is a matter of [`crate::auth::refresh`].

use chrono::{DateTime, TimeDelta, Utc};

/// How long after its exchange a token is answered with the newest pair, at the most that can be configured.
pub const LONGEST_GRACE: TimeDelta = TimeDelta::seconds(60);
/// Exchanges within the time of grace that are remembered; more are not made until some are older.
const REMEMBERED: usize = 2_048;

/// What a session knows of its tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefreshChain {
    /// The number of the newest token; the first is 0.
    pub generation: u32,
    /// When the last tokens were exchanged, the last of all at the end: that is when the newest came to be.
    pub rotations: Vec<DateTime<Utc>>,
    /// Was the newest token, or an access token that was issued with it, ever used?
    pub newest_used: bool,
}

/// What a token means that belongs to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// It is the newest: it is exchanged for its successor.
    Newest,
    /// It was exchanged a moment ago, or the answer to its exchange never arrived: the newest pair is answered again.
    Again,
    /// Somebody else has used its successor: of the two one is a thief.
    Stolen,
    /// The session never issued it.
    Unknown,
    /// It is the newest, and there were so many exchanges within the time of grace that another must wait.
    TooMany,
}

impl RefreshChain {
    /// What the token of that `generation` means at `now`, where tokens are answered for `grace` after their exchange.
    #[must_use]
    pub fn judge(&self, generation: u32, now: DateTime<Utc>, grace: TimeDelta) -> Presented {
        let Some(behind) = self.generation.checked_sub(generation) else { return Presented::Unknown };
        match behind {
            0 if self.within(now, grace).count() >= REMEMBERED => Presented::TooMany,
            0 => Presented::Newest,
            // A lost answer has no time: the client asks again when it is back.
            1 if !self.newest_used => Presented::Again,
            _ if self.exchanged_at(behind).is_some_and(|at| now - at <= grace) => Presented::Again,
            _ => Presented::Stolen,
        }
    }

    /// The chain after the newest token was exchanged at `now`.
    #[must_use]
    pub fn rotated(&self, now: DateTime<Utc>, grace: TimeDelta) -> Self {
        let mut rotations: Vec<_> = self.within(now, grace).collect();
        rotations.push(now);
        Self { generation: self.generation.saturating_add(1), rotations, newest_used: false }
    }

    /// When the token was exchanged that came `behind` the newest. Nothing where that is longer ago than any grace.
    fn exchanged_at(&self, behind: u32) -> Option<DateTime<Utc>> {
        let index = self.rotations.len().checked_sub(usize::try_from(behind).ok()?)?;
        self.rotations.get(index).copied()
    }

    fn within(&self, now: DateTime<Utc>, grace: TimeDelta) -> impl Iterator<Item = DateTime<Utc>> {
        self.rotations.iter().copied().skip_while(move |at| now - *at > grace)
    }
}

#[cfg(test)]
mod tests;
