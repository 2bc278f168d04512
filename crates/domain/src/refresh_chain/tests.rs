//! Tests of the chain against honest clients and thieves: tabs that share a storage, lost responses, reloads, retries
//! and clocks that differ by five seconds, in random order.

use proptest::prelude::*;

use super::*;

const GRACE: TimeDelta = TimeDelta::seconds(10);
/// The maximum difference between the clocks of two replicas.
const SKEW: i64 = 5_000;

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
}

/// The server's side of one session. Generations identify tokens.
struct Session {
    chain: RefreshChain,
    revoked: bool,
}

impl Session {
    fn new() -> Self {
        Self { chain: RefreshChain::default(), revoked: false }
    }

    /// The newest token, or `None`, in exchange for `token`.
    fn refresh(&mut self, token: u32, now: DateTime<Utc>) -> Option<u32> {
        if self.revoked {
            return None;
        }
        match self.chain.judge(token, now, GRACE) {
            Presented::Newest => self.chain = self.chain.rotated(now, GRACE),
            Presented::Lost => self.chain = self.chain.clone().repeated(now),
            Presented::Again => {}
            Presented::Stolen => {
                self.revoked = true;
                return None;
            }
            Presented::Unknown | Presented::TooMany => return None,
        }
        Some(self.chain.generation)
    }

    fn use_access_token(&mut self, token: u32) {
        self.chain.newest_used |= token == self.chain.generation;
    }
}

/// A step of an honest client: several tabs over one storage.
#[derive(Debug, Clone)]
enum Step {
    /// A tab reads the storage and sends the token. Requests may overtake each other.
    Send,
    /// The oldest pending request arrives. The response arrives, or is lost.
    Arrive { answered: bool, skew: i64 },
    /// The newest pending request arrives before the others.
    Overtake { answered: bool, skew: i64 },
    /// A tab uses the access token in the storage.
    Query,
    /// Time passes. Requests that are pending for more than a few seconds are delivered first.
    Wait { millis: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let skew = || 0..SKEW;
    prop_oneof![
        4 => Just(Step::Send),
        4 => (any::<bool>(), skew()).prop_map(|(answered, skew)| Step::Arrive { answered, skew }),
        2 => (any::<bool>(), skew()).prop_map(|(answered, skew)| Step::Overtake { answered, skew }),
        3 => Just(Step::Query),
        2 => (0..1_000_i64).prop_map(|millis| Step::Wait { millis }),
        1 => (0..3_600_000_i64).prop_map(|millis| Step::Wait { millis }),
    ]
}

/// An honest client: every tab sends the stored token, and replaces only the token it sent.
struct Honest {
    session: Session,
    stored: u32,
    sent: Vec<(u32, i64)>,
    now: i64,
}

impl Honest {
    fn deliver(&mut self, index: usize, answered: bool, skew: i64) {
        if self.sent.is_empty() {
            return;
        }
        let (token, _) = self.sent.remove(index.min(self.sent.len() - 1));
        let answer = self.session.refresh(token, at(self.now + skew));
        assert!(
            !self.session.revoked,
            "an honest client lost its session with token {token} of {:?}",
            self.session.chain
        );
        if let Some(newest) = answer.filter(|_| answered && self.stored == token) {
            self.stored = newest;
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Send => self.sent.push((self.stored, self.now)),
            Step::Arrive { answered, skew } => self.deliver(0, answered, skew),
            Step::Overtake { answered, skew } => self.deliver(usize::MAX, answered, skew),
            Step::Query => self.session.use_access_token(self.stored),
            Step::Wait { millis } => self.wait(millis),
        }
    }

    /// A request is pending for at most four seconds: with the clock difference, less than the grace period.
    fn wait(&mut self, millis: i64) {
        while self.sent.first().is_some_and(|(_, since)| self.now + millis - since > 4_000) {
            self.deliver(0, true, 0);
        }
        self.now += millis;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_honest_client_keeps_its_session(steps in prop::collection::vec(step(), 1..80)) {
        let mut client = Honest { session: Session::new(), stored: 0, sent: Vec::new(), now: 0 };
        for step in &steps {
            client.step(step);
        }
        prop_assert!(client.stored <= client.session.chain.generation);
    }

    #[test]
    fn a_replay_after_use_and_the_grace_period_revokes_the_session(
        rotations in 1..20_u32,
        replayed in 0..20_u32,
        gaps in prop::collection::vec(0..60_000_i64, 20),
        late in 10_001..10_000_000_i64,
        by_refresh in any::<bool>(),
    ) {
        let (mut session, mut now) = (Session::new(), 0);
        for generation in 0..rotations {
            now += gaps[generation as usize];
            prop_assert_eq!(session.refresh(generation, at(now)), Some(generation + 1));
        }
        session.use_access_token(rotations);
        if by_refresh {
            prop_assert_eq!(session.refresh(rotations, at(now)), Some(rotations + 1));
        }
        prop_assert_eq!(session.refresh(replayed % rotations, at(now + late)), None);
        prop_assert!(session.revoked);
    }

    #[test]
    fn every_response_has_the_newest_token(tokens in prop::collection::vec((0..6_u32, 0..20_000_i64), 1..60)) {
        let (mut session, mut now) = (Session::new(), 0);
        for (token, millis) in tokens {
            now += millis;
            let before = session.chain.generation;
            if let Some(answer) = session.refresh(token, at(now)) {
                // Every client receives the one newest token.
                prop_assert_eq!(answer, session.chain.generation);
                prop_assert!(answer == before || (answer == before + 1 && token == before));
            }
        }
    }
}

#[test]
fn a_lost_response_is_repeated_at_any_time() {
    let chain = RefreshChain::default().rotated(at(0), GRACE);
    assert_eq!(chain.judge(0, at(86_400_000), GRACE), Presented::Lost);
    let used = RefreshChain { newest_used: true, ..chain.clone().repeated(at(86_400_000)) };
    assert_eq!(used.judge(0, at(86_410_000), GRACE), Presented::Again, "another tab that woke with the first");
    let used = RefreshChain { newest_used: true, ..chain };
    assert_eq!(used.judge(0, at(10_000), GRACE), Presented::Again);
    assert_eq!(used.judge(0, at(10_001), GRACE), Presented::Stolen);
    assert_eq!(used.judge(0, at(-5_000), GRACE), Presented::Again, "another replica's clock is behind");
    assert_eq!(used.judge(2, at(0), GRACE), Presented::Unknown);
    assert_eq!(used.judge(0, at(-10_001), GRACE), Presented::Stolen, "the clock was ahead, and is right again");
}

#[test]
fn exchanges_within_the_grace_period_are_limited() {
    let mut chain = RefreshChain::default();
    for _ in 0..REMEMBERED {
        assert_eq!(chain.judge(chain.generation, at(0), GRACE), Presented::Newest);
        chain = chain.rotated(at(0), GRACE);
    }
    assert_eq!(chain.judge(chain.generation, at(0), GRACE), Presented::TooMany);
    assert_eq!(chain.judge(0, at(10_000), GRACE), Presented::Again);
    assert_eq!(chain.judge(chain.generation, at(10_001), GRACE), Presented::Newest);
    assert_eq!(chain.rotated(at(10_001), GRACE).rotations.len(), 1);
}
