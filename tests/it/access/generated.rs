//! Generated documents: `explainAccess` predicts the denials of each.

use fieldguard_test_macros::on_each_database;

use super::{ExplainedFor, disagreements, explain};
use crate::{
    app::{Server, each_with},
    walk::{
        cast::{Cast, Part, Player},
        generated::{Chance, Writer, samples, without_limits},
        schema::Map,
    },
};

/// The number of documents that one request explains: the maximum number of root fields.
const BATCH: usize = 10;

#[on_each_database]
async fn explain_access_predicts_the_denials_of_generated_documents() {
    each_with(without_limits, async |server| compare(server, 1, 200).await).await;
}

#[on_each_database]
#[ignore = "takes minutes; the test above is a small part of it"]
async fn explain_access_predicts_the_denials_of_ten_thousand_documents() {
    each_with(without_limits, async |server| compare(server, 2, 10_000).await).await;
}

async fn compare(server: &Server, seed: u64, documents: usize) {
    let (map, cast, admin) = (Map::new(), Cast::new(server).await, server.admin().await);
    let mut players = Vec::new();
    // A personal access token has permissions of its own, which `explainAccess` does not cover.
    for part in cast.parts().into_iter().filter(|part| *part != Part::Script) {
        let player = cast.player(&part).await;
        let samples = samples(&cast, &player).await;
        players.push((part, player, samples));
    }
    let mut chance = Chance(seed);
    let (mut denied, mut depends) = (0, 0);
    for _ in 0..documents / BATCH {
        let batch: Vec<_> = (0..BATCH)
            .map(|_| {
                let (part, player, samples) = &players[chance.below(players.len())];
                (Writer::new(&map, samples, &mut chance).document(), explained_for(part, player, &mut chance), player)
            })
            .collect();
        let asked: Vec<_> = batch.iter().map(|entry| (entry.0.clone(), entry.1.clone())).collect();
        for ((document, explained_for, player), explained) in batch.iter().zip(explain(&admin, &asked).await) {
            let answer = player.actor.gql(document).await;
            assert!(answer.json.get("data").is_some(), "{document}\n{}", answer.text);
            let wrong = disagreements(&explained, &answer.json);
            assert!(wrong.is_empty(), "{explained_for:?}: {document}\n{}\n{}", wrong.join("\n"), answer.text);
            let of = |decision| explained.iter().filter(|field| field.is_reached && field.decision == decision).count();
            denied += of("DENIED");
            depends += of("DEPENDS");
        }
    }
    assert!(denied > documents / 2, "{denied} denials are too few");
    assert!(depends < denied, "{depends} fields depend, only {denied} are denied");
}

fn explained_for(part: &Part, player: &Player, chance: &mut Chance) -> ExplainedFor {
    let user = Some(player.actor.id.clone());
    match part {
        Part::Anonymous => (None, None),
        Part::Owner | Part::Other | Part::Script => (None, user),
        Part::Holder(role) => (Some(role.clone()), user.filter(|_| chance.below(3) > 0)),
    }
}
