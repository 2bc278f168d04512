//! The chain of refresh tokens of one session. Each token can be exchanged once, for its successor. This module decides
//! what a second use of a token means: another browser tab, a lost response, or theft.
//!
//! The decision uses generations and times only. `fieldguard_auth::refresh` defines the token format.

use chrono::{DateTime, TimeDelta, Utc};

/// The number of exchanges within the grace period that are remembered. Further exchanges wait until some are older.
const REMEMBERED: usize = 2_048;

/// The state of a session's refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefreshChain {
    /// The generation of the newest token; the first is 0.
    pub generation: u32,
    /// The times of the last exchanges, in ascending order. The newest token was issued at the last of them.
    pub rotations: Vec<DateTime<Utc>>,
    /// Whether the newest refresh token, or an access token issued with it, was used.
    pub newest_used: bool,
}

/// What a presented token of the session means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// The newest token. It is exchanged for its successor.
    Newest,
    /// The token was exchanged within the grace period. The newest pair is returned again.
    Again,
    /// The successor was never used, so the response may be lost. The pair is returned again, and the grace period
    /// restarts.
    Lost,
    /// The successor is in use and the grace period is over: one of two clients stole the token.
    Stolen,
    /// The session never issued it.
    Unknown,
    /// The newest token, but the number of exchanges within the grace period is at its limit.
    TooMany,
}

impl RefreshChain {
    /// What the token of this `generation` means at `now`. `grace` is the time for which a token is answered after its
    /// exchange.
    #[must_use]
    pub fn judge(&self, generation: u32, now: DateTime<Utc>, grace: TimeDelta) -> Presented {
        let Some(behind) = self.generation.checked_sub(generation) else { return Presented::Unknown };
        match behind {
            0 if self.within(now, grace).count() >= REMEMBERED => Presented::TooMany,
            0 => Presented::Newest,
            // There is no time limit for this: an offline client asks again when it is back online.
            1 if !self.newest_used => Presented::Lost,
            // An exchange in the future is outside the grace period: the clock was ahead, and theft would go unnoticed
            // until then.
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

    /// The chain after the newest, unused pair was returned once more at `now`. Tabs that wake up together send the
    /// same token. When one of them uses its response, the others still have their grace period.
    #[must_use]
    pub fn repeated(mut self, now: DateTime<Utc>) -> Self {
        if let Some(last) = self.rotations.last_mut() {
            *last = now;
        }
        self
    }

    /// The time when the token `behind` generations before the newest was exchanged. `None` if that is longer ago than
    /// any grace period.
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
