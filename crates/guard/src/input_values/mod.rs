//! The values of arguments and variables, held to the schema's input types before anything runs (GraphQL specification,
//! sections 3.10, "Input Objects", 5.6, "Values", and 6.1.2, "Coercing Variable Values").
//!
//! The library judges some of these values only while it runs: by then earlier mutations of the document have committed, and
//! the error takes the whole answer with it. No value is repeated in an error, since it may be a password.

mod check;
mod literals;
mod repeated_fields;
mod scalars;
mod substitution;
#[cfg(test)]
mod toy;
mod variables;

pub(super) use self::{
    literals::check as check_literals,
    repeated_fields::repeated_fields,
    scalars::{TIME, is_time},
    substitution::{refuse_nulls, substitute},
    variables::coerce as coerce_variables,
};

/// Longer names, and what is no name, are not repeated to the client.
const NAME_BYTES: usize = 64;

/// Where a value does not fit its type, and why.
struct Mismatch {
    /// The way to it below the argument or variable, as `.user.names[1]`.
    place: String,
    /// What is wrong with it, as the rest of a sentence.
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
        Self::new(format!("is no `{ty}`"))
    }

    fn unknown(field: &str, ty: &str) -> Self {
        if is_shown(field) {
            Self::new(format!("has the field `{field}`, which `{ty}` has not"))
        } else {
            Self::new(format!("has a field that `{ty}` has not"))
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
