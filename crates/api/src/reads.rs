//! The personal fields of other users that a request reads: request data, which is written to the audit log before the response is
//! sent. A field is personal if its rule has `or_self`. Reads by the owner are not recorded.
//!
//! Filters and orders read fields, too: a caller who filters by an address learns whose it is.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::Context;
use fieldguard_domain::id::UserId;
use fieldguard_guard::coordinate;

use crate::services::caller;

/// What a request has read so far.
#[derive(Debug, Default)]
pub struct Reads(Mutex<Inner>);

/// A list reads the same few fields of many users, so each coordinate is stored once.
#[derive(Debug, Default)]
struct Inner {
    fields: Vec<Field>,
    by_owner: HashMap<UserId, Vec<usize>>,
    sought: BTreeSet<String>,
}

#[derive(Debug)]
struct Field {
    type_name: Cow<'static, str>,
    name: String,
    coordinate: String,
}

impl Reads {
    /// The sets of fields that were read, each with the users they were read of; and the fields by which users were searched.
    #[must_use]
    pub fn take(&self) -> (BTreeMap<BTreeSet<String>, BTreeSet<UserId>>, BTreeSet<String>) {
        let inner = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let Inner { fields, by_owner, sought } = inner;
        let mut alike = HashMap::<_, Vec<UserId>>::new();
        for (owner, mut indexes) in by_owner {
            indexes.sort_unstable();
            alike.entry(indexes).or_default().push(owner);
        }
        let spelled = |indexes: Vec<usize>| indexes.into_iter().map(|it| fields[it].coordinate.clone()).collect();
        let read = |(indexes, owners): (_, Vec<_>)| (spelled(indexes), owners.into_iter().collect());
        (alike.into_iter().map(read).collect(), sought)
    }

    /// Records a read of the field `name` of the type `type_name`, whose coordinate in the schema is `coordinate`.
    fn note(&self, owner: UserId, type_name: Cow<'static, str>, name: &str, coordinate: impl FnOnce() -> String) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = inner.fields.iter().position(|it| it.name == name && it.type_name == type_name);
        let index = known.unwrap_or_else(|| {
            inner.fields.push(Field { type_name, name: name.to_owned(), coordinate: coordinate() });
            inner.fields.len() - 1
        });
        let of_owner = inner.by_owner.entry(owner).or_default();
        if !of_owner.contains(&index) {
            of_owner.push(index);
        }
    }
}

/// Records a read of the field in `ctx` of `owner` by another user.
pub(crate) fn note(ctx: &Context<'_>, owner: UserId, type_name: fn() -> Cow<'static, str>) {
    if let Some(reads) = ctx.data_opt::<Arc<Reads>>() {
        let name = ctx.item.node.name.node.as_str();
        reads.note(owner, type_name(), name, || coordinate(ctx, Some(type_name)));
    }
}

/// Records that the field in `ctx` exposes the field `type_name.field` of `owner`, unless `owner` is the caller.
pub(crate) fn note_told(ctx: &Context<'_>, owner: UserId, type_name: &'static str, field: &str) {
    if let Some(reads) = ctx.data_opt::<Arc<Reads>>().filter(|_| !caller(ctx).is_some_and(|it| it.is(owner))) {
        reads.note(owner, type_name.into(), field, || format!("{type_name}.{field}"));
    }
}

/// Records that users were searched by these fields, even if none was found.
pub(crate) fn note_sought(ctx: &Context<'_>, type_name: &str, fields: &[String]) {
    if let Some(reads) = ctx.data_opt::<Arc<Reads>>() {
        let sought = fields.iter().map(|field| format!("{type_name}.{field}"));
        reads.0.lock().unwrap_or_else(PoisonError::into_inner).sought.extend(sought);
    }
}

/// Records a read of a field whose rule has no `or_self`, unless `owner` is the caller.
pub(crate) fn note_unless_own(ctx: &Context<'_>, owner: UserId, type_name: fn() -> Cow<'static, str>) {
    if caller(ctx).is_some_and(|it| !it.is(owner)) {
        note(ctx, owner, type_name);
    }
}
