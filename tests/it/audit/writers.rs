//! Concurrent writers.

use fieldguard::domain::audit::Verdict;
use fieldguard_test_macros::on_each_database;
use futures_util::{StreamExt as _, stream};

use super::{assert_whole, connect, number, verdict};
use crate::app::each;

#[on_each_database]
async fn audit_log_stays_whole_under_fifty_concurrent_writers() {
    each(async |server| {
        let ada = server.admin().await;
        let bob = server.user("bob").await;
        let before = number(&connect(server).await, "SELECT max(sequence) FROM audit_events").await;
        let read = format!("{{ user(id: \"{}\") {{ email }} }}", bob.id);
        let disable = format!("mutation {{ disableUser(input: {{ userId: \"{}\" }}) {{ user {{ id }} }} }}", bob.id);
        let work = (0..500).map(|n| {
            let (actor, document) = if n % 5 == 0 { (&ada, &disable) } else { (&ada, &read) };
            async move { actor.gql(document).await.ok() }
        });
        assert_eq!(stream::iter(work).buffer_unordered(50).count().await, 500);
        let Verdict::Whole { last, .. } = verdict(server).await else { panic!("{:?}", verdict(server).await) };
        assert_eq!(last, before + 500, "one event for each request");
        assert_whole(server).await;
    })
    .await;
}
