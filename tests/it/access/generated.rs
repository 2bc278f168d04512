//! Generated documents: `explainAccess` predicts the denials of each.

use fieldguard_test_macros::on_each_database;

use super::{ExplainedFor, disagreements, explain};
use crate::{
    app::{Server, each_with},
    walk::{
        generated::{Random, Writer, samples, without_limits},
        personas::{Persona, PersonaKind, Personas},
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
    let (map, personas, admin) = (Map::new(), Personas::new(server).await, server.admin().await);
    let mut players = Vec::new();
    // A personal access token has permissions of its own, which `explainAccess` does not cover.
    for kind in personas.kinds().into_iter().filter(|kind| *kind != PersonaKind::Script) {
        let persona = personas.create(&kind).await;
        let samples = samples(&personas, &persona).await;
        players.push((kind, persona, samples));
    }
    let mut random = Random(seed);
    let (mut denied, mut depends) = (0, 0);
    for _ in 0..documents / BATCH {
        let batch: Vec<_> = (0..BATCH)
            .map(|_| {
                let (kind, persona, samples) = &players[random.below(players.len())];
                (Writer::new(&map, samples, &mut random).document(), explained_for(kind, persona, &mut random), persona)
            })
            .collect();
        let asked: Vec<_> = batch.iter().map(|entry| (entry.0.clone(), entry.1.clone())).collect();
        for ((document, explained_for, persona), explained) in batch.iter().zip(explain(&admin, &asked).await) {
            let answer = persona.actor.gql(document).await;
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

fn explained_for(kind: &PersonaKind, persona: &Persona, random: &mut Random) -> ExplainedFor {
    let user = Some(persona.actor.id.clone());
    match kind {
        PersonaKind::Anonymous => (None, None),
        PersonaKind::Owner | PersonaKind::Other | PersonaKind::Script => (None, user),
        PersonaKind::Holder(role) => (Some(role.clone()), user.filter(|_| random.below(3) > 0)),
    }
}
