//! Plans how to write objects as JSON. Most fields of most objects are at hand: their methods neither wait nor take
//! arguments. [`guarded`](crate::guarded) generates a reader for each of them, so that a list is written in one pass,
//! without a future, a value tree and a check of the rules per field and row. Methods that wait are awaited, and their
//! values are written by the same plan.
//!
//! A rule is decided once per list if the decision does not depend on the row. Everything that a plan does not cover goes
//! through the field's resolver: denials, arguments, interfaces. So a plan never changes an answer.

use std::{
    future::{Future, ready},
    pin::Pin,
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Error, Positioned, ServerError, ServerResult, Value,
    parser::types::Field,
};
use fieldguard_policy::{Principal, rule::Rule};

use crate::{caller::Caller, json, resolution};

/// An object type with a reader for every field without arguments. [`guarded`](crate::guarded) implements it.
pub trait Planned: ContainerType {
    /// The field of this name in the schema, if plans cover it.
    #[must_use]
    fn field(_name: &str) -> Option<PlannedField> {
        None
    }

    /// Writes the field at hand with this [index](PlannedField::index). `nested` is the plan of the objects in its value.
    fn write_field(&self, _index: usize, _nested: Option<&Plan<'_>>, _writer: &mut Writer<'_>) {}

    /// Resolves the objects in the value of the field at hand with this index. Some of the fields that `nested` selects are not at
    /// hand.
    fn resolve_nested<'f>(
        &'f self,
        _index: usize,
        _nested: &'f Plan<'f>,
        _ctx: &'f ContextSelectionSet<'f>,
    ) -> Resolving<'f> {
        Box::pin(ready(Ok(Value::Null)))
    }

    /// Calls the method of the field with this index, which may wait or fail, and writes its value. `nested` is the plan of
    /// the objects in it.
    fn resolve_awaited<'f>(
        &'f self,
        _index: usize,
        _nested: Option<&'f Plan<'f>>,
        _ctx: &'f Context<'f>,
    ) -> Resolving<'f> {
        Box::pin(ready(Ok(Value::Null)))
    }

    /// Whether `caller` owns the object. Only types with `or_self` rules have owners.
    fn is_owned_by(&self, _caller: Option<&Caller>) -> bool {
        false
    }

    /// Tells the server that a caller other than the owner reads the fields with these coordinates.
    fn note_read(&self, _ctx: &Context<'_>, _coordinates: &[String]) {}
}

/// A value that is being resolved. The future has no type of its own: otherwise the types of futures would nest as deep as
/// the schema, and the compiler would check each of them again in every crate.
pub type Resolving<'f> = Pin<Box<dyn Future<Output = ServerResult<Value>> + Send + 'f>>;

/// A field without arguments.
#[derive(Debug, Clone, Copy)]
pub struct PlannedField {
    /// The number of the field among those of its type that are read in the same way.
    pub index: usize,
    /// How its value is read.
    pub read: Read,
    /// What its value is.
    pub shape: Shape,
}

/// How the value of a field is read.
#[derive(Debug, Clone, Copy)]
pub enum Read {
    /// It is at hand, and these are its rules.
    AtHand(&'static [Rule]),
    /// Its method is called, which checks the rules.
    Awaited,
}

/// What the value of a field is.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A scalar, an enum value, or a list of them.
    Leaf,
    /// An object or a list of objects, with the function that plans them.
    Object(for<'a> fn(&ContextSelectionSet<'a>) -> Option<Plan<'a>>),
    /// Something that only its resolver can write.
    Unplanned,
}

/// How to write the objects of one selection set.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The first field.
    pub(crate) first: &'a Positioned<Field>,
    pub(crate) steps: Vec<Step<'a>>,
    /// The coordinates of the fields that the caller reads without owning the object.
    reads: Vec<String>,
    /// Whether every field of every object can be written without resolving anything.
    is_at_hand: bool,
}

/// How to write one field.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// The response key.
    key: &'a str,
    pub(crate) action: Action<'a>,
}

/// How to write the value of one field.
#[derive(Debug)]
pub(crate) enum Action<'a> {
    /// The name of the type.
    TypeName(String),
    /// The value is at hand, for every row or only where the caller owns the row.
    Write { index: usize, nested: Option<Plan<'a>>, by: Readers, field: &'a Positioned<Field> },
    /// The method is called, and its value is written.
    Await { index: usize, nested: Option<Plan<'a>>, field: &'a Positioned<Field> },
    /// The resolver of the field.
    Resolve(&'a Positioned<Field>),
}

/// Who can read a field of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// The caller, of every row.
    Caller,
    /// The caller, if they own the row.
    Owner,
}

impl<'a> Plan<'a> {
    /// The plan for objects of type `T`, or `None` if the selection set needs async-graphql.
    pub(crate) fn of<T: Planned>(ctx: &ContextSelectionSet<'a>, type_name: &str) -> Option<Self> {
        let mut fields = Vec::with_capacity(ctx.item.node.items.len());
        if !resolution::collect(ctx, &ctx.item.node, type_name, &mut fields) {
            return None;
        }
        let caller = ctx.data_opt::<Caller>().and_then(Caller::rules);
        let (first, steps) = (*fields.first()?, Vec::with_capacity(fields.len()));
        let mut plan = Self { first, steps, reads: Vec::new(), is_at_hand: true };
        for field in fields {
            let action = plan.action::<T>(ctx, type_name, field, caller);
            plan.is_at_hand &= action.is_at_hand();
            plan.steps.push(Step { key: field.node.response_key().node.as_str(), action });
        }
        Some(plan)
    }

    fn action<T: Planned>(
        &mut self,
        ctx: &ContextSelectionSet<'a>,
        type_name: &str,
        field: &'a Positioned<Field>,
        caller: Option<&dyn Principal>,
    ) -> Action<'a> {
        let name = field.node.name.node.as_str();
        if name == "__typename" {
            return Action::TypeName(type_name.to_owned());
        }
        let resolve = Action::Resolve(field);
        let Some(PlannedField { index, read, shape }) = T::field(name) else { return resolve };
        let nested = match shape {
            Shape::Unplanned => return resolve,
            Shape::Leaf => None,
            Shape::Object(plan) => match plan(&ctx.with_selection_set(&field.node.selection_set)) {
                Some(nested) => Some(nested),
                None => return resolve,
            },
        };
        let Read::AtHand(rules) = read else { return Action::Await { index, nested, field } };
        let Some(by) = readers(rules, caller) else { return resolve };
        if by == Readers::Caller && rules.iter().any(Rule::yields_to_owner) {
            self.reads.push(format!("{type_name}.{name}"));
        }
        Action::Write { index, nested, by, field }
    }

    /// Writes an object whose fields are all at hand, or the `resolved` values of those that are not.
    pub(crate) fn write<T: Planned>(
        &self,
        object: &T,
        mut resolved: impl FnMut(usize, &mut Vec<u8>) -> bool,
        writer: &mut Writer<'_>,
    ) {
        if !self.reads.is_empty() && !object.is_owned_by(writer.caller) {
            object.note_read(writer.ctx, &self.reads);
        }
        for (index, step) in self.steps.iter().enumerate() {
            writer.out.push(if index == 0 { b'{' } else { b',' });
            json::write_key(step.key, &mut writer.out);
            if resolved(index, &mut writer.out) {
                continue;
            }
            match &step.action {
                Action::TypeName(name) => json::write_text(name, &mut writer.out),
                Action::Write { index, nested, .. } => object.write_field(*index, nested.as_ref(), writer),
                Action::Await { .. } | Action::Resolve(_) => writer.out.extend_from_slice(b"null"),
            }
        }
        writer.out.push(b'}');
    }
}

/// A field of one object that has to be resolved.
#[derive(Clone, Copy)]
pub(crate) enum Pending<'p> {
    /// By its resolver.
    Field(&'p Positioned<Field>),
    /// The value with this index is at hand, but fields of the objects in it are not.
    Nested(usize, &'p Plan<'p>, &'p Positioned<Field>),
    /// By the method of the field with this index.
    Awaited(usize, Option<&'p Plan<'p>>, &'p Positioned<Field>),
}

impl Action<'_> {
    fn is_at_hand(&self) -> bool {
        match self {
            Self::TypeName(_) => true,
            Self::Write { nested, by, .. } => {
                *by == Readers::Caller && nested.as_ref().is_none_or(|nested| nested.is_at_hand)
            }
            Self::Await { .. } | Self::Resolve(_) => false,
        }
    }

    /// What has to be resolved for `object` before it can be written.
    pub(crate) fn pending<T: Planned>(&self, object: &T, caller: Option<&Caller>) -> Option<Pending<'_>> {
        match self {
            Self::Resolve(field) => Some(Pending::Field(field)),
            Self::Await { index, nested, field } => Some(Pending::Awaited(*index, nested.as_ref(), field)),
            Self::Write { by: Readers::Owner, field, .. } if !object.is_owned_by(caller) => Some(Pending::Field(field)),
            Self::Write { index, nested: Some(nested), field, .. } if !nested.is_at_hand => {
                Some(Pending::Nested(*index, nested, field))
            }
            Self::TypeName(_) | Self::Write { .. } => None,
        }
    }
}

/// Who can read a field with these rules, or `None` if no caller passes them.
fn readers(rules: &[Rule], caller: Option<&dyn Principal>) -> Option<Readers> {
    let passes = |is_own| rules.iter().all(|rule| rule.decide(caller, is_own && rule.yields_to_owner()).is_ok());
    if passes(false) {
        return Some(Readers::Caller);
    }
    passes(true).then_some(Readers::Owner)
}

/// Where objects are written, and for whom.
pub struct Writer<'a> {
    pub(crate) out: Vec<u8>,
    pub(crate) ctx: &'a Context<'a>,
    pub(crate) caller: Option<&'a Caller>,
}

impl<'a> Writer<'a> {
    /// The JSON that `write` writes for the field of `ctx`.
    pub fn write(ctx: &'a Context<'a>, write: impl FnOnce(&mut Self)) -> Value {
        let mut writer = Self { out: Vec::new(), ctx, caller: ctx.data_opt::<Caller>() };
        write(&mut writer);
        json::embed(writer.out)
    }
}

/// `nested`, if something has to be resolved before its objects can be written.
#[must_use]
pub fn unresolved<'p, 'a>(nested: Option<&'p Plan<'a>>) -> Option<&'p Plan<'a>> {
    nested.filter(|plan| !plan.is_at_hand)
}

/// The value, or null instead of an error, which is reported: what a field does that can be null.
///
/// # Errors
///
/// Never: the type is that of a field that can't be null.
pub fn or_null(ctx: &Context<'_>, value: ServerResult<Value>) -> ServerResult<Value> {
    Ok(value.unwrap_or_else(|error| {
        ctx.add_error(error);
        Value::Null
    }))
}

/// The error of a field, with its place in the document and in the answer.
#[must_use]
pub fn error_at(ctx: &Context<'_>, error: Error) -> ServerError {
    ctx.set_error_path(error.into_server_error(ctx.item.pos))
}
