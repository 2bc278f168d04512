//! Stored times in the future: the clock was ahead and is corrected, or the clock of another replica is ahead.

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard::{
    domain::{
        authentication::Methods,
        id::{PersonalAccessTokenId, SessionId, UserId},
        network::Network,
        personal_access_token::PersonalAccessToken,
        session::Session,
    },
    store::{Store, known_addresses, personal_access_tokens, principals, sessions},
};
use fieldguard_test_macros::on_each_database;

use super::{add, each, now};

/// Stores a session that was created at the time, and revokes the sessions over the limit.
async fn sign_in(store: &Store, user: UserId, at: DateTime<Utc>, limit: u32) -> SessionId {
    let session = Session {
        methods: Methods::PASSWORD,
        id: SessionId::new(at),
        user,
        created_at: at,
        authenticated_at: at,
        last_used_at: at,
        expires_at: at + TimeDelta::days(9),
        ip_address: None,
        user_agent: None,
    };
    let mut refresh_hash = [0; 32];
    refresh_hash[..16].copy_from_slice(session.id.uuid().as_bytes());
    let tx = store.write().await.unwrap();
    sessions::insert(&tx, &session, &refresh_hash, session.expires_at).await.unwrap();
    sessions::revoke_surplus(&tx, user, session.id, limit, at).await.unwrap();
    tx.commit().await.unwrap();
    session.id
}

#[on_each_database]
async fn session_from_the_future_is_not_fresh() {
    each(async |store| {
        let user = add(store, "ada", &[]).await.id;
        let session = sign_in(store, user, now() + TimeDelta::days(1), 9).await;
        let found = principals::find(store, user, session, now()).await.unwrap().unwrap();
        assert!(!found.principal.is_fresh());
        let session = sign_in(store, user, now() + TimeDelta::seconds(5), 9).await;
        let found = principals::find(store, user, session, now()).await.unwrap().unwrap();
        assert!(found.principal.is_fresh(), "clocks of replicas may differ by a few seconds");
    })
    .await;
}

#[on_each_database]
async fn new_session_is_kept_beside_sessions_from_the_future() {
    each(async |store| {
        let user = add(store, "ada", &[]).await.id;
        let ahead = [1, 2].map(|days| now() + TimeDelta::days(days));
        let before = [sign_in(store, user, ahead[0], 2).await, sign_in(store, user, ahead[1], 2).await];
        let new = sign_in(store, user, now(), 2).await;
        let live = async |id| sessions::find(store, id, now()).await.unwrap().is_some();
        assert_eq!([live(before[0]).await, live(before[1]).await, live(new).await], [false, true, true]);
        let only = sign_in(store, user, now(), 1).await;
        assert_eq!([live(before[1]).await, live(new).await, live(only).await], [false, false, true]);
    })
    .await;
}

#[on_each_database]
async fn token_use_is_recorded_after_a_use_in_the_future() {
    each(async |store| {
        let user = add(store, "ada", &[]).await.id;
        let token = PersonalAccessToken {
            id: PersonalAccessTokenId::new(now()),
            user,
            name: "script".to_owned(),
            permissions: Vec::new().into_iter().collect(),
            created_at: now(),
            expires_at: now() + TimeDelta::days(9),
            last_used_at: Some(now() + TimeDelta::days(1)),
            last_used_address: None,
        };
        let tx = store.write().await.unwrap();
        personal_access_tokens::insert(&tx, &token, &[7; 32]).await.unwrap();
        tx.commit().await.unwrap();
        for (seconds, recorded) in [(0, 0), (30, 0), (-30, 0), (60, 60)] {
            let at = now() + TimeDelta::seconds(seconds);
            personal_access_tokens::note_use(store, token.id, None, TimeDelta::minutes(1), at).await.unwrap();
            let found = personal_access_tokens::find(store, token.id, now()).await.unwrap().unwrap();
            assert_eq!(found.last_used_at, Some(now() + TimeDelta::seconds(recorded)), "{seconds}");
        }
    })
    .await;
}

#[on_each_database]
async fn addresses_known_from_the_future_do_not_displace_new_ones() {
    each(async |store| {
        let address = |n: u8| Network::containing([192, 0, 2, n].into());
        let user = add(store, "ada", &[]).await.id;
        let tx = store.write().await.unwrap();
        for n in 0..10 {
            known_addresses::remember(&tx, user, &address(n), now() + TimeDelta::days(3_650)).await.unwrap();
        }
        for n in 10..12 {
            let later = now() + TimeDelta::seconds(n.into());
            known_addresses::remember(&tx, user, &address(n), later).await.unwrap();
            assert!(known_addresses::is_known(&tx, user, &address(n), later).await.unwrap(), "{n}");
        }
        let far = now() + TimeDelta::days(91);
        assert!(!known_addresses::is_known(&tx, user, &address(9), far).await.unwrap(), "known for 90 days from now");
    })
    .await;
}
