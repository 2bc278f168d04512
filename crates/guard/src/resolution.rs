//! Resolves objects of answers that are written as JSON: fields that are at hand are written by a [`Plan`], all others are
//! resolved without boxing a future per field. Pending fields are awaited together, as async-graphql does, so that a data
//! loader can batch a whole list. Every field goes through the same method as in async-graphql, so values, rules and errors
//! don't change. Only the hook `resolve` of async-graphql's extensions is not called for these fields.

use std::{
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    task::Poll,
};

use async_graphql::{
    ContextSelectionSet, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    resolver_utils,
};
use futures_util::future::try_join_all;

use crate::{
    caller::Caller,
    json::{WrittenAsJson, embed, write_value},
    plan::{Pending, Plan, Planned, Writer},
};

/// The bytes that a field takes in an answer, roughly.
const FIELD_BYTES: usize = 48;

/// The maximum number of fields of an object that are resolved here. The search for duplicate keys is quadratic;
/// objects with more fields use async-graphql's linear implementation.
const MAX_FIELDS: usize = 64;

/// Resolves an object. [`guarded`](crate::guarded) lets async-graphql's macro call it instead of the function of this name
/// in async-graphql, which resolves objects for every answer that is not written as JSON.
///
/// # Errors
///
/// The error of a field that can't be null.
pub async fn resolve_container<'a, T: Planned>(ctx: &ContextSelectionSet<'a>, object: &'a T) -> ServerResult<Value> {
    if ctx.data_opt::<WrittenAsJson>().is_none() {
        return resolver_utils::resolve_container(ctx, object).await;
    }
    match Plan::of::<T>(ctx, &object.introspection_type_name()) {
        Some(plan) => written(ctx, &plan, object).await,
        None => resolver_utils::resolve_container(ctx, object).await,
    }
}

/// The object as written JSON. Fields that are not at hand are resolved first.
pub(crate) async fn written<T: Planned>(
    ctx: &ContextSelectionSet<'_>,
    plan: &Plan<'_>,
    object: &T,
) -> ServerResult<Value> {
    let caller = ctx.data_opt::<Caller>();
    let steps = plan.steps.iter().enumerate();
    let pending: Vec<_> =
        steps.filter_map(|(index, step)| Some((index, step.action.pending(object, caller)?))).collect();
    let values = if pending.is_empty() { Vec::new() } else { resolved(ctx, object, &pending).await? };
    let mut resolved = pending.iter().map(|(index, _)| *index).zip(values).peekable();
    let write_resolved = |index: usize, out: &mut Vec<u8>| match resolved.next_if(|(place, _)| *place == index) {
        Some((_, value)) => {
            write_value(&value, out);
            true
        }
        None => false,
    };
    let at = ctx.with_field(plan.first);
    let mut writer = Writer { out: Vec::with_capacity(FIELD_BYTES * plan.steps.len()), ctx: &at, caller };
    plan.write(object, write_resolved, &mut writer);
    Ok(embed(writer.out))
}

/// The values of the pending fields.
fn resolved<'f, T: Planned>(
    ctx: &'f ContextSelectionSet<'_>,
    object: &'f T,
    pending: &'f [(usize, Pending<'_>)],
) -> Pin<Box<dyn Future<Output = ServerResult<Vec<Value>>> + Send + 'f>> {
    let value = move |place: usize| async move {
        match pending[place].1 {
            Pending::Field(field) => Ok(object.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default()),
            Pending::Awaited(index, nested, field) => {
                object.resolve_awaited(index, nested, &ctx.with_field(field)).await
            }
            Pending::Nested(index, plan, field) => {
                let at = ctx.with_field(field);
                object.resolve_nested(index, plan, &at.with_selection_set(&field.node.selection_set)).await
            }
        }
    };
    Box::pin(join_ordered(pending.len(), value))
}

/// Collects the fields that `set` selects on an object of type `name`. Returns `false` for cases that async-graphql
/// handles: directives on fields, duplicate response keys, whose values must be merged, and more than [`MAX_FIELDS`]
/// fields.
pub(crate) fn collect<'a>(
    ctx: &ContextSelectionSet<'a>,
    set: &'a SelectionSet,
    name: &str,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> bool {
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => {
            let key = field.node.response_key();
            let is_plain = field.node.directives.is_empty()
                && fields.len() < MAX_FIELDS
                && !fields.iter().any(|known| known.node.response_key().node == key.node);
            fields.push(field);
            is_plain
        }
        Selection::InlineFragment(fragment) => {
            let condition = fragment.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
            !applies(ctx, condition, name) || collect(ctx, &fragment.node.selection_set.node, name, fields)
        }
        Selection::FragmentSpread(spread) => {
            let Some(fragment) = ctx.query_env.fragments.get(&spread.node.fragment_name.node) else { return false };
            let condition = fragment.node.type_condition.node.on.node.as_str();
            !applies(ctx, Some(condition), name) || collect(ctx, &fragment.node.selection_set.node, name, fields)
        }
    })
}

/// Whether a fragment on the type `condition` applies to an object of type `name`.
fn applies(ctx: &ContextSelectionSet<'_>, condition: Option<&str>, name: &str) -> bool {
    let interfaces = || ctx.schema_env.registry.implements.get(name);
    condition.is_none_or(|condition| {
        condition == name || interfaces().is_some_and(|interfaces| interfaces.contains(condition))
    })
}

/// Awaits the futures that `make` creates for the indexes below `count`. Returns their outputs in order, or the first
/// error. All run concurrently; a future that is ready at once reuses the allocation of the previous one.
pub(crate) async fn join_ordered<F: Future<Output = ServerResult<Value>>>(
    count: usize,
    make: impl Fn(usize) -> F,
) -> ServerResult<Vec<Value>> {
    let (mut values, mut waiting, mut pending) = (Vec::with_capacity(count), Vec::new(), Vec::new());
    let mut place = Box::pin(None);
    for index in 0..count {
        place.set(Some(make(index)));
        match poll_fn(|context| Poll::Ready(current(&mut place).poll(context))).await {
            Poll::Ready(value) => values.push(value?),
            Poll::Pending => {
                values.push(Value::Null);
                pending.push(index);
                waiting.push(mem::replace(&mut place, Box::pin(None)));
            }
        }
    }
    if waiting.is_empty() {
        return Ok(values);
    }
    woken().await;
    let waiting = waiting.into_iter().map(|mut future| async move { current(&mut future).await });
    for (index, value) in pending.into_iter().zip(try_join_all(waiting).await?) {
        values[index] = value;
    }
    Ok(values)
}

/// Waits until the task is woken, which pending futures have arranged for. Polling them again at once would let a field
/// that yielded to its siblings run ahead of them.
async fn woken() {
    let mut was_polled = false;
    poll_fn(|_| if mem::replace(&mut was_polled, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

fn current<F>(place: &mut Pin<Box<Option<F>>>) -> Pin<&mut F> {
    place.as_mut().as_pin_mut().expect("the place contains a future")
}
