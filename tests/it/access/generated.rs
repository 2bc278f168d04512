//! Generated documents: what `explainAccess` says of each is what running it is refused.

use std::fmt::Write as _;

use fieldguard::config::Config;
use fieldguard_test_macros::on_each_database;

use super::{Whom, disagreements, explain};
use crate::{
    app::{Server, each_with},
    walk::{
        cast::{Cast, Part, Player},
        samples::ARGUMENTS,
        schema::{Map, named},
        unlimited,
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

/// Documents are as they come.
fn without_limits(config: &mut Config) {
    unlimited(config);
    let limits = &mut config.limits;
    for limit in [
        &mut limits.body_bytes,
        &mut limits.document_bytes,
        &mut limits.set_nesting,
        &mut limits.merging,
        &mut limits.complexity,
        &mut limits.root_fields,
        &mut limits.directives,
    ] {
        *limit = 10_000_000;
    }
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
                let document = Writer { map: &map, samples, chance: &mut chance, fragments: Vec::new(), keys: 0 };
                (document.document(), whom(part, player, &mut chance), player)
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

/// The arguments of each field, with ids of what there is.
async fn samples(cast: &Cast<'_>, player: &Player) -> Vec<(&'static str, String)> {
    let queries = ARGUMENTS.iter().filter(|it| !it.0.starts_with("Mutation."));
    let own = ["Query.node", "Query.user"].map(|it| (it, r#"id: "{me}""#));
    let mut samples = Vec::new();
    for (coordinate, arguments) in queries.copied().chain(own) {
        samples.push((coordinate, cast.fill(arguments, player).await));
    }
    samples
}

/// Numbers that are the same in every run (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((word ^ (word >> 31)) % bound).unwrap()
    }
}

struct Writer<'a> {
    map: &'a Map,
    samples: &'a [(&'static str, String)],
    chance: &'a mut Chance,
    fragments: Vec<String>,
    keys: usize,
}

impl Writer<'_> {
    fn document(mut self) -> String {
        let set = self.set("Query", 6);
        format!("query {set} {}", self.fragments.join(" "))
    }

    /// Some selections on a value of the type `ty`. Every object tells its `__typename`.
    fn set(&mut self, ty: &str, depth: usize) -> String {
        let mut set = "{ __typename".to_owned();
        // The deeper, the fewer, or documents would have no end.
        for _ in 0..=self.chance.below(1 + depth.min(3)) {
            let selection = self.selection(ty, depth);
            let _ = write!(set, " {selection}");
        }
        set + " }"
    }

    fn selection(&mut self, ty: &str, depth: usize) -> String {
        let condition = match self.chance.below(12) {
            0 => " @include(if: true)",
            1 => " @skip(if: true)",
            _ => "",
        };
        match self.chance.below(8) {
            0 if depth > 0 => format!("...{condition} {}", self.set(ty, depth - 1)),
            1 | 2 if depth > 0 => {
                let on = self.related(ty);
                format!("... on {on}{condition} {}", self.set(&on, depth - 1))
            }
            3 if depth > 0 => {
                let on = self.related(ty);
                let set = self.set(&on, depth - 1);
                let name = format!("F{}", self.fragments.len());
                self.fragments.push(format!("fragment {name} on {on} {set}"));
                format!("...{name}{condition}")
            }
            _ => self.field(ty, condition, depth),
        }
    }

    /// The type itself, one behind it, or an interface of it.
    fn related(&mut self, ty: &str) -> String {
        let it = &self.map.types[ty];
        let own = ty.to_owned();
        let related: Vec<_> = std::iter::once(&own).chain(&it.possible).chain(&it.interfaces).collect();
        related[self.chance.below(related.len())].clone()
    }

    fn field(&mut self, ty: &str, condition: &str, depth: usize) -> String {
        let fields = &self.map.types[ty].fields;
        let field = &fields[self.chance.below(fields.len())];
        let target = named(&field.ty);
        let is_composite = self.map.types.contains_key(target);
        if is_composite && depth == 0 {
            return "__typename".to_owned();
        }
        let coordinate = format!("{ty}.{}", field.name);
        let samples: Vec<_> = self.samples.iter().filter(|it| it.0 == coordinate).collect();
        // Fields of one key must be the same field: a key of its own where there are arguments, and where types mix.
        let name = &field.name;
        let (key, arguments) = if samples.is_empty() {
            (if self.chance.below(3) == 0 { format!("{ty}_{name}") } else { String::new() }, String::new())
        } else {
            self.keys += 1;
            (format!("a{}", self.keys), format!("({})", samples[self.chance.below(samples.len())].1))
        };
        let key = if key.is_empty() && self.map.types.values().any(|it| it.possible.contains(&ty.to_owned())) {
            format!("{ty}_{name}")
        } else {
            key
        };
        let alias = if key.is_empty() { key } else { format!("{key}: ") };
        let below = if is_composite { self.set(target, depth - 1) } else { String::new() };
        format!("{alias}{name}{arguments}{condition} {below}")
    }
}
