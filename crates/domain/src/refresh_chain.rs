//! The chain of refresh tokens of one session: each is good for one exchange, which brings its successor. What a token that
//! was exchanged before means is decided here: a second tab, a lost answer, or a thief.
//!
//! The decision looks at generations and times only. What a token is made of is a matter of `fieldguard_auth::refresh`.

use chrono::{DateTime, TimeDelta, Utc};

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
    /// It was exchanged a moment ago: the newest pair is answered again.
    Again,
    /// Nobody used its successor yet, so the answer may never have arrived: it is answered again, and the moment begins anew.
    Lost,
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
            // There is no time for this: the client asks again when it is back.
            1 if !self.newest_used => Presented::Lost,
            // An exchange in the future is not of a moment ago: the clock was ahead, and there would be no thief until then.
            _ if self.exchanged_at(behind).is_some_and(|at| (now - at).abs() <= grace) => Presented::Again,
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

    /// The chain after the newest pair was answered once more at `now`, since nobody used it yet. Tabs that wake together ask
    /// together: when one has its answer and uses it, the others still have their moment.
    #[must_use]
    pub fn repeated(mut self, now: DateTime<Utc>) -> Self {
        if let Some(last) = self.rotations.last_mut() {
            *last = now;
        }
        self
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
