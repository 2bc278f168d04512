//! Generated documents: what `explainAccess` says of each is what running it is refused.

use fieldguard_test_macros::on_each_database;

use super::{Whom, disagreements, explain};
use crate::{
    app::{Server, each_with},
    walk::{
        cast::{Cast, Part, Player},
        generated::{Chance, Writer, samples, without_limits},
        schema::Map,
    },
};

/// So many documents are explained by one request, as many as it may have root fields.
const BATCH: usize = 10;

#[on_each_database]
async fn generated_documents_are_refused_what_they_are_told_to_be() {
    each_with(without_limits, async |server| hold(server, 1, 200).await).await;
}

#[on_each_database]
#[ignore = "takes minutes; the test above is a small part of it"]
async fn ten_thousand_documents_are_refused_what_they_are_told_to_be() {
    each_with(without_limits, async |server| hold(server, 2, 10_000).await).await;
}

async fn hold(server: &Server, seed: u64, documents: usize) {
    let (map, cast, admin) = (Map::new(), Cast::new(server).await, server.admin().await);
    let mut players = Vec::new();
    // A personal access token has rights of its own, for which nothing is explained.
    for part in cast.parts().into_iter().filter(|it| *it != Part::Script) {
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
                (Writer::new(&map, samples, &mut chance).document(), whom(part, player, &mut chance), player)
            })
            .collect();
        let asked: Vec<_> = batch.iter().map(|it| (it.0.clone(), it.1.clone())).collect();
        for ((document, whom, player), explained) in batch.iter().zip(explain(&admin, &asked).await) {
            let answer = player.actor.gql(document).await;
            assert!(answer.json.get("data").is_some(), "{document}\n{}", answer.text);
            let wrong = disagreements(&explained, &answer.json);
            assert!(wrong.is_empty(), "{whom:?}: {document}\n{}\n{}", wrong.join("\n"), answer.text);
            let of = |decision| explained.iter().filter(|it| it.is_reached && it.decision == decision).count();
            denied += of("DENIED");
            depends += of("DEPENDS");
        }
    }
    assert!(denied > documents / 2, "{denied} refusals prove little");
    assert!(depends < denied, "{depends} fields are left open, {denied} are not");
}

fn whom(part: &Part, player: &Player, chance: &mut Chance) -> Whom {
    let user = Some(player.actor.id.clone());
    match part {
        Part::Anonymous => (None, None),
        Part::Owner | Part::Other | Part::Script => (None, user),
        Part::Holder(role) => (Some(role.clone()), user.filter(|_| chance.below(3) > 0)),
    }
}
