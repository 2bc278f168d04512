//! Personal fields of others that a request reads, to be written to the audit trail before its answer leaves: request data,
//! filled as fields are resolved. A field is personal where its rule makes way for the owner (`or_self`); whoever passes it by
//! right, and not as the owner, is noted. The owner himself costs nothing.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use async_graphql::Context;

use super::{caller::Caller, guard::coordinate};
use crate::domain::id::UserId;

/// What a request has read so far.
#[derive(Debug, Default)]
pub struct Reads(Mutex<Inner>);

/// A list reads the same few fields of many: their coordinates are spelled out once.
#[derive(Debug, Default)]
struct Inner {
    fields: Vec<Field>,
    by_owner: HashMap<UserId, Vec<usize>>,
}

#[derive(Debug)]
struct Field {
    type_name: Cow<'static, str>,
    name: String,
    coordinate: String,
}

impl Reads {
    /// What was read, and of whom the same.
    #[must_use]
    pub fn take(&self) -> BTreeMap<BTreeSet<String>, BTreeSet<UserId>> {
        let Inner { fields, by_owner } = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut alike = HashMap::<_, Vec<UserId>>::new();
        for (owner, mut indexes) in by_owner {
            indexes.sort_unstable();
            alike.entry(indexes).or_default().push(owner);
        }
        let spelled = |indexes: Vec<usize>| indexes.into_iter().map(|it| fields[it].coordinate.clone()).collect();
        alike.into_iter().map(|(indexes, owners)| (spelled(indexes), owners.into_iter().collect())).collect()
    }

    fn note(&self, ctx: &Context<'_>, owner: UserId, type_name: fn() -> Cow<'static, str>) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, type_name_now) = (ctx.item.node.name.node.as_str(), type_name());
        let known = inner.fields.iter().position(|it| it.name == name && it.type_name == type_name_now);
        let index = known.unwrap_or_else(|| {
            let coordinate = coordinate::of(ctx, Some(type_name));
            inner.fields.push(Field { type_name: type_name_now, name: name.to_owned(), coordinate });
            inner.fields.len() - 1
        });
        let of_owner = inner.by_owner.entry(owner).or_default();
        if !of_owner.contains(&index) {
            of_owner.push(index);
        }
    }
}

/// Notes that the field in `ctx`, which is `owner`'s, is read by another.
pub(super) fn note(ctx: &Context<'_>, owner: Option<UserId>, type_name: fn() -> Cow<'static, str>) {
    if let (Some(owner), Some(reads)) = (owner, ctx.data_opt::<std::sync::Arc<Reads>>()) {
        reads.note(ctx, owner, type_name);
    }
}

/// The same for a field whose rule does not speak of its owner, of the type that `type_name` names. Nobody signed in comes to
/// such a value but by a token of its owner's.
pub(super) fn note_unless_own(ctx: &Context<'_>, owner: UserId, type_name: fn() -> Cow<'static, str>) {
    if Caller::of(ctx).is_some_and(|it| !it.is(owner)) {
        note(ctx, Some(owner), type_name);
    }
}
