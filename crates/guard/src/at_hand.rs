//! Writes values that are at hand as JSON, exactly as async-graphql serializes them.
//!
//! The code that [`guarded`](crate::guarded) generates chooses among three ways by the type of the value: [`Direct`] for
//! common scalars, [`Written`] for every other scalar, enum and object, and none for the rest.

use std::{future::ready, marker::PhantomData, sync::Arc};

use async_graphql::{ContextSelectionSet, ID, ScalarType, resolver_utils::EnumType};
use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::{
    json::{write_sequence, write_serialized, write_text, write_value},
    plan::{Plan, Planned, Resolving, Shape, Writer},
    resolution::{join_ordered, written},
};

/// A scalar that is written without an intermediate value.
pub trait Direct {
    /// Writes the scalar.
    fn write(&self, out: &mut Vec<u8>);
}

macro_rules! serialized {
    ($($ty:ty)*) => {
        $(impl Direct for $ty {
            fn write(&self, out: &mut Vec<u8>) {
                write_serialized(self, out);
            }
        })*
    };
}

// Not `f32`, which async-graphql widens: 0.1 becomes 0.10000000149011612.
serialized!(bool i8 i16 i32 i64 u8 u16 u32 u64 f64 str String);

impl Direct for ID {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
}

impl Direct for DateTime<Utc> {
    fn write(&self, out: &mut Vec<u8>) {
        write_time(self, out);
    }
}

impl<T: Direct + ?Sized> Direct for &T {
    fn write(&self, out: &mut Vec<u8>) {
        T::write(self, out);
    }
}

impl<T: Direct + ?Sized> Direct for Arc<T> {
    fn write(&self, out: &mut Vec<u8>) {
        T::write(self, out);
    }
}

impl<T: Direct> Direct for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Direct> Direct for [T] {
    fn write(&self, out: &mut Vec<u8>) {
        write_sequence(self, *b"[]", out, T::write);
    }
}

impl<T: Direct> Direct for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_slice().write(out);
    }
}

/// A value that is written as a `K`: a [`Scalar`], an [`Enum`], an [`Object`], or something [`Of`] them. The compiler
/// infers `K`.
pub trait Written<K>: Sync {
    /// What the value is.
    const SHAPE: Shape;

    /// Writes the value. `nested` is the plan of its objects.
    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>);

    /// Resolves the objects in the value, whose fields `nested` selects.
    fn resolve<'f>(&'f self, _nested: &'f Plan<'f>, _ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        Box::pin(ready(Ok(async_graphql::Value::Null)))
    }
}

/// See [`Written`].
pub struct Scalar;
/// See [`Written`].
pub struct Enum;
/// See [`Written`].
pub struct Object;
/// See [`Written`].
pub struct Of<K>(K);

impl<T: ScalarType + Sync> Written<Scalar> for T {
    const SHAPE: Shape = Shape::Leaf;

    fn write(&self, _: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        write_value(&self.to_value(), &mut writer.out);
    }
}

impl<T: EnumType + Sync> Written<Enum> for T {
    const SHAPE: Shape = Shape::Leaf;

    fn write(&self, _: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        let item = T::items().iter().find(|item| item.value == *self);
        write_text(item.expect("an enum lists all of its values").name, &mut writer.out);
    }
}

impl<T: Planned> Written<Object> for T {
    const SHAPE: Shape = Shape::Object(planned::<T>);

    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        let plan = nested.expect("a field with objects has their plan");
        plan.write(self, |_, _| false, writer);
    }

    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        Box::pin(written(ctx, nested, self))
    }
}

fn planned<'a, T: Planned>(ctx: &ContextSelectionSet<'a>) -> Option<Plan<'a>> {
    Plan::of::<T>(ctx, &T::type_name())
}

impl<K, T: Written<K> + ?Sized> Written<Of<K>> for &T {
    const SHAPE: Shape = T::SHAPE;

    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        T::write(self, nested, writer);
    }

    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        T::resolve(self, nested, ctx)
    }
}

impl<K, T: Written<K> + Send + ?Sized> Written<Of<K>> for Arc<T> {
    const SHAPE: Shape = T::SHAPE;

    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        T::write(self, nested, writer);
    }

    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        T::resolve(self, nested, ctx)
    }
}

impl<K, T: Written<K>> Written<Of<K>> for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        match self {
            Some(value) => value.write(nested, writer),
            None => writer.out.extend_from_slice(b"null"),
        }
    }

    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        let Some(value) = self else { return Box::pin(ready(Ok(async_graphql::Value::Null))) };
        Box::pin(async move {
            Ok(value.resolve(nested, ctx).await.unwrap_or_else(|error| {
                ctx.add_error(error);
                async_graphql::Value::Null
            }))
        })
    }
}

impl<K, T: Written<K>> Written<Of<K>> for Vec<T> {
    const SHAPE: Shape = T::SHAPE;

    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        writer.out.push(b'[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                writer.out.push(b',');
            }
            item.write(nested, writer);
        }
        writer.out.push(b']');
    }

    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        let item = move |index: usize| async move {
            let ctx = ctx.with_index(index);
            self[index].resolve(nested, &ctx).await.map_err(|error| ctx.set_error_path(error))
        };
        Box::pin(async move { join_ordered(self.len(), item).await.map(async_graphql::Value::List) })
    }
}

/// A type of values whose shape is asked for. The traits of this name are tried in the order of their receivers, from
/// `&Probe` over `&&Probe` to `Probe` itself, so that the first that applies is chosen.
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    /// The probe of `T`.
    pub const NEW: Self = Self(PhantomData);
}

/// The shape of a [`Direct`] value.
pub trait DirectShape {
    /// The shape.
    fn shape(&self) -> Shape;
}

impl<T: Direct> DirectShape for &Probe<T> {
    fn shape(&self) -> Shape {
        Shape::Leaf
    }
}

/// The shape of a [`Written`] value.
pub trait WrittenShape<K> {
    /// The shape.
    fn shape(&self) -> Shape;
}

impl<K, T: Written<K>> WrittenShape<K> for &&Probe<T> {
    fn shape(&self) -> Shape {
        T::SHAPE
    }
}

/// The shape of every other value.
pub trait NoShape {
    /// The shape.
    fn shape(&self) -> Shape;
}

impl<T> NoShape for Probe<T> {
    fn shape(&self) -> Shape {
        Shape::Unplanned
    }
}

/// A value to write. The way is chosen as with [`Probe`].
pub struct Value<T>(pub T);

/// Writes a [`Direct`] value.
pub trait WriteDirect {
    /// Writes the value.
    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>);
}

impl<T: Direct> WriteDirect for &Value<T> {
    fn write(&self, _: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        self.0.write(&mut writer.out);
    }
}

/// Writes a [`Written`] value.
pub trait WriteWritten<K> {
    /// Writes the value.
    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>);
}

impl<K, T: Written<K>> WriteWritten<K> for &&Value<T> {
    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        self.0.write(nested, writer);
    }
}

/// Stands for the value that no plan writes.
pub trait WriteNothing {
    /// Is never called.
    fn write(&self, nested: Option<&Plan<'_>>, writer: &mut Writer<'_>);
}

/// Resolves the objects in a [`Written`] value.
pub trait ResolveWritten<K> {
    /// Resolves the objects.
    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f>;
}

impl<K, T: Written<K>> ResolveWritten<K> for Value<T> {
    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        self.0.resolve(nested, ctx)
    }
}

/// Stands for the value without objects.
pub trait ResolveNothing {
    /// Is never called.
    fn resolve<'f>(&'f self, nested: &'f Plan<'f>, ctx: &'f ContextSelectionSet<'f>) -> Resolving<'f>;
}

impl<T> ResolveNothing for &Value<T> {
    fn resolve<'f>(&'f self, _: &'f Plan<'f>, _: &'f ContextSelectionSet<'f>) -> Resolving<'f> {
        Box::pin(ready(Ok(async_graphql::Value::Null)))
    }
}

impl<T> WriteNothing for Value<T> {
    fn write(&self, _: Option<&Plan<'_>>, writer: &mut Writer<'_>) {
        writer.out.extend_from_slice(b"null");
    }
}

/// Writes a time as chrono does in RFC 3339, but without its formatting machinery, which takes half of the time of a row.
fn write_time(time: &DateTime<Utc>, out: &mut Vec<u8>) {
    let (date, clock) = (time.date_naive(), time.time());
    let nanos = clock.nanosecond();
    let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999);
    // A leap second has more than 10^9 nanoseconds.
    let (Some(year), true) = (year, nanos % 1_000_000 == 0 && nanos < 1_000_000_000) else {
        return write_text(&time.to_rfc3339(), out);
    };
    out.push(b'"');
    write_digits::<4>(year, out);
    for (mark, number) in
        [(b'-', date.month()), (b'-', date.day()), (b'T', clock.hour()), (b':', clock.minute()), (b':', clock.second())]
    {
        out.push(mark);
        write_digits::<2>(number, out);
    }
    if nanos > 0 {
        out.push(b'.');
        write_digits::<3>(nanos / 1_000_000, out);
    }
    out.extend_from_slice(b"+00:00\"");
}

fn write_digits<const COUNT: usize>(mut number: u32, out: &mut Vec<u8>) {
    let mut digits = [b'0'; COUNT];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).expect("a digit is below 10");
        number /= 10;
    }
    out.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn times_are_written_as_chrono_writes_them() {
        let seconds =
            [0, -1, 1, 951_782_399, 951_782_400, 1_767_225_599, 253_402_300_799, 253_402_300_800, -62_167_219_201];
        for time in seconds.into_iter().flat_map(|seconds| {
            [0, 1, 1_000_000, 120_000_000, 999_000_000, 999_999_999, 1_500_000_000]
                .into_iter()
                .filter_map(move |nanos| DateTime::from_timestamp(seconds, nanos))
        }) {
            let mut out = Vec::new();
            write_time(&time, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{}\"", time.to_rfc3339()));
        }
    }
}
