//! Randomly generated queries, identical in every run.

use std::fmt::Write as _;

use fieldguard::config::Config;

use super::{
    personas::{Persona, Personas},
    samples::ARGUMENTS,
    schema::{Map, named},
    unlimited,
};

/// Configures a server without document limits, for generated documents of any size.
pub fn without_limits(config: &mut Config) {
    unlimited(config);
    let limits = &mut config.limits;
    for limit in [
        &mut limits.documents.body_bytes,
        &mut limits.documents.document_bytes,
        &mut limits.documents.set_nesting,
        &mut limits.documents.merging,
        &mut limits.documents.complexity,
        &mut limits.documents.root_fields,
        &mut limits.documents.directives,
    ] {
        *limit = 10_000_000;
    }
}

/// The arguments of each field, with ids of existing objects.
pub async fn samples(personas: &Personas<'_>, persona: &Persona) -> Vec<(&'static str, String)> {
    let queries = ARGUMENTS.iter().filter(|(coordinate, _)| !coordinate.starts_with("Mutation."));
    let own = ["Query.node", "Query.user"].map(|coordinate| (coordinate, r#"id: "{me}""#));
    let mut samples = Vec::new();
    for (coordinate, arguments) in queries.copied().chain(own) {
        samples.push((coordinate, personas.fill(arguments, persona).await));
    }
    samples
}

/// A pseudorandom number generator with a fixed seed (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((word ^ (word >> 31)) % bound).unwrap()
    }
}

/// Generates one document.
pub struct Writer<'a> {
    map: &'a Map,
    samples: &'a [(&'static str, String)],
    random: &'a mut Random,
    fragments: Vec<String>,
    keys: usize,
}

impl<'a> Writer<'a> {
    pub const fn new(map: &'a Map, samples: &'a [(&'static str, String)], random: &'a mut Random) -> Self {
        Self { map, samples, random, fragments: Vec::new(), keys: 0 }
    }

    pub fn document(mut self) -> String {
        let set = self.set("Query", 6);
        format!("query {set} {}", self.fragments.join(" "))
    }

    /// A random selection set on a value of the type `ty`. Every object includes its `__typename`, and its `id` under
    /// the key `Type_id`.
    fn set(&mut self, ty: &str, depth: usize) -> String {
        let mut set = "{ __typename".to_owned();
        if self.map.types[ty].fields.iter().any(|field| field.name == "id") {
            let _ = write!(set, " {ty}_id: id");
        }
        // Fewer selections at greater depth, so that documents are finite.
        for _ in 0..=self.random.below(1 + depth.min(3)) {
            let selection = self.selection(ty, depth);
            let _ = write!(set, " {selection}");
        }
        set + " }"
    }

    fn selection(&mut self, ty: &str, depth: usize) -> String {
        let condition = match self.random.below(12) {
            0 => " @include(if: true)",
            1 => " @skip(if: true)",
            _ => "",
        };
        match self.random.below(8) {
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

    /// The type itself, one of its possible types, or one of its interfaces.
    fn related(&mut self, ty: &str) -> String {
        let definition = &self.map.types[ty];
        let own = ty.to_owned();
        let related: Vec<_> = std::iter::once(&own).chain(&definition.possible).chain(&definition.interfaces).collect();
        related[self.random.below(related.len())].clone()
    }

    fn field(&mut self, ty: &str, condition: &str, depth: usize) -> String {
        let fields = &self.map.types[ty].fields;
        let field = &fields[self.random.below(fields.len())];
        let target = named(&field.ty);
        let is_composite = self.map.types.contains_key(target);
        if is_composite && depth == 0 {
            return "__typename".to_owned();
        }
        let coordinate = format!("{ty}.{}", field.name);
        let samples: Vec<_> = self.samples.iter().filter(|sample| sample.0 == coordinate).collect();
        // The key ends with the field's name. Selections with the same key must be the same field, so fields with
        // arguments and fields in mixed types get their own key.
        let name = &field.name;
        let (key, arguments) = if samples.is_empty() {
            (if self.random.below(3) == 0 { format!("{ty}_{name}") } else { String::new() }, String::new())
        } else {
            self.keys += 1;
            (format!("a{}_{name}", self.keys), format!("({})", samples[self.random.below(samples.len())].1))
        };
        let key = if key.is_empty() && self.map.types.values().any(|other| other.possible.contains(&ty.to_owned())) {
            format!("{ty}_{name}")
        } else {
            key
        };
        let alias = if key.is_empty() { key } else { format!("{key}: ") };
        let below = if is_composite { self.set(target, depth - 1) } else { String::new() };
        format!("{alias}{name}{arguments}{condition} {below}")
    }
}
