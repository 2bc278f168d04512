//! The personal fields of other users that a request reads: request data, which is written to the audit log before the response is
//! sent. A field is personal if its rule has `or_self`. Reads by the owner are not recorded.
//!
//! Filters and orders read fields, too: a caller who filters by an address learns whose it is.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_graphql::Context;
use fieldguard_domain::id::UserId;
use fieldguard_guard::coordinate;

use crate::services::caller;

/// What a request has read so far.
#[derive(Debug, Default)]
pub struct Reads(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The fields that were read together, by coordinate, with the users they were read of. A list reads the same fields of
    /// many users, one after the other.
    read: Vec<(Vec<String>, Vec<UserId>)>,
    sought: BTreeSet<String>,
}

impl Reads {
    /// The sets of fields that were read, each with the users they were read of; and the fields by which users were searched.
    #[must_use]
    pub fn take(&self) -> (BTreeMap<BTreeSet<String>, BTreeSet<UserId>>, BTreeSet<String>) {
        let Inner { mut read, sought } = std::mem::take(&mut *self.lock());
        if read.len() < 2 {
            let alike = |(fields, owners): (Vec<String>, Vec<UserId>)| {
                (fields.into_iter().collect(), owners.into_iter().collect())
            };
            return (read.pop().into_iter().map(alike).collect(), sought);
        }
        let mut by_owner = HashMap::<UserId, BTreeSet<String>>::new();
        for (fields, owners) in read {
            for owner in owners {
                by_owner.entry(owner).or_default().extend(fields.iter().cloned());
            }
        }
        let mut alike = BTreeMap::<_, BTreeSet<UserId>>::new();
        for (owner, fields) in by_owner {
            alike.entry(fields).or_default().insert(owner);
        }
        (alike, sought)
    }

    /// Records a read of the fields with these coordinates.
    fn note(&self, owner: UserId, coordinates: &[String]) {
        let read = &mut self.lock().read;
        match read.iter_mut().rev().find(|(fields, _)| fields == coordinates) {
            Some((_, owners)) if owners.last() == Some(&owner) => {}
            Some((_, owners)) => owners.push(owner),
            None => read.push((coordinates.to_vec(), vec![owner])),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records that the request in `ctx` read the fields with these coordinates, such as `User.email`, of `owner`, who is
/// another user.
pub(crate) fn note(ctx: &Context<'_>, owner: UserId, coordinates: &[String]) {
    if let Some(reads) = ctx.data_opt::<Arc<Reads>>() {
        reads.note(owner, coordinates);
    }
}

/// Records that the request in `ctx` exposes these fields of `owner`, unless `owner` is the caller.
pub(crate) fn note_told(ctx: &Context<'_>, owner: UserId, coordinates: &[String]) {
    if !coordinates.is_empty() && !caller(ctx).is_some_and(|it| it.is(owner)) {
        note(ctx, owner, coordinates);
    }
}

/// Records that users were searched by the fields with these coordinates, even if none was found.
pub(crate) fn note_sought(ctx: &Context<'_>, coordinates: &[String]) {
    if let Some(reads) = ctx.data_opt::<Arc<Reads>>() {
        reads.lock().sought.extend(coordinates.iter().cloned());
    }
}

/// Records a read of a field whose rule has no `or_self`, unless `owner` is the caller.
pub(crate) fn note_unless_own(ctx: &Context<'_>, owner: UserId, type_name: fn() -> Cow<'static, str>) {
    if caller(ctx).is_some_and(|it| !it.is(owner)) {
        note(ctx, owner, &[coordinate(ctx, Some(type_name))]);
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn users_of_whom_the_same_fields_were_read_are_listed_together() {
        let [one, two, three] = [(); 3].map(|()| UserId::new(DateTime::UNIX_EPOCH));
        let fields = |names: &[&str]| names.iter().map(|name| format!("User.{name}")).collect::<Vec<_>>();
        let set = |names: &[&str]| fields(names).into_iter().collect::<BTreeSet<_>>();
        let reads = Reads::default();
        for (owner, names) in [
            (one, ["email", "state"]),
            (two, ["email", "state"]),
            (three, ["email", "email"]),
            (two, ["state", "email"]),
        ] {
            reads.note(owner, &fields(&names));
        }
        reads.note(three, &fields(&["state"]));
        reads.note(one, &fields(&["createdAt"]));
        let expected = BTreeMap::from([
            (set(&["email", "state"]), BTreeSet::from([two, three])),
            (set(&["email", "state", "createdAt"]), BTreeSet::from([one])),
        ]);
        assert_eq!(reads.take().0, expected);
        assert_eq!(reads.take().0, BTreeMap::new());
        reads.note(one, &fields(&["email"]));
        assert_eq!(reads.take().0, BTreeMap::from([(set(&["email"]), BTreeSet::from([one]))]));
    }
}
