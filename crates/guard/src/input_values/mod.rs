//! Checks the values of arguments and variables against the schema's input types before execution (GraphQL
//! specification, sections 3.10, "Input Objects", 5.6, "Values", and 6.1.2, "Coercing Variable Values").
//!
//! async-graphql checks some values only during execution, when earlier mutations of the document are already
//! committed, and then drops the whole answer. Error messages omit values, because a value can be a password.

mod check;
#[cfg(test)]
mod fixture;
mod literals;
mod repeated_fields;
mod scalars;
mod substitution;
mod variables;

pub(super) use self::{
    literals::check as check_literals,
    repeated_fields::repeated_fields,
    scalars::{TIME, is_time},
    substitution::{refuse_nulls, substitute},
    variables::coerce as coerce_variables,
};

/// Error messages omit longer names and invalid names.
const NAME_BYTES: usize = 64;

/// Where and why a value does not match its type.
struct Mismatch {
    /// The path of the value below the argument or variable, such as `.user.names[1]`.
    place: String,
    /// The reason, as the end of a sentence.
    reason: String,
}

impl Mismatch {
    fn new(reason: impl Into<String>) -> Self {
        Self { place: String::new(), reason: reason.into() }
    }

    fn null() -> Self {
        Self::new("is null")
    }

    fn missing(name: &str) -> Self {
        Self::new("is missing").within(&format!(".{name}"))
    }

    fn kind(ty: &str) -> Self {
        Self::new(format!("is not a valid `{ty}`"))
    }

    fn unknown(field: &str, ty: &str) -> Self {
        if is_shown(field) {
            Self::new(format!("has the field `{field}`, which `{ty}` does not define"))
        } else {
            Self::new(format!("has a field that `{ty}` does not define"))
        }
    }

    fn one_of(ty: &str) -> Self {
        Self::new(format!("must have exactly one field of `{ty}`, and not null"))
    }

    fn within(self, part: &str) -> Self {
        Self { place: format!("{part}{}", self.place), ..self }
    }
}

fn is_shown(name: &str) -> bool {
    name.len() <= NAME_BYTES && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
