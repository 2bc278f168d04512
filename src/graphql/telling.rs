//! Which arguments tell of which fields, by the type of the argument: whoever filters or sorts by a value reads it, a bit with
//! every question. Here alone it is declared; [`guard::argument`](super::guard::argument) holds the running operation to it,
//! and whoever judges a document beforehand finds it here.
//!
//! An adopter's argument of a type of his own is held to its rule where he calls [`guard::argument`](super::guard::argument),
//! and judged then only.

/// How the values of a type tell of fields.
#[derive(Debug, PartialEq, Eq)]
pub enum Telling {
    /// Each of its input fields that is given tells of a field: its name, and that of the field. One that tells of several
    /// fields is there several times.
    Parts(&'static [(&'static str, &'static str)]),
    /// One of its input fields is an enum, each value of which tells of a field: its name, and those of values and fields.
    Choice(&'static str, &'static [(&'static str, &'static str)]),
}

/// The type whose fields they tell of.
pub(super) const OF: &str = "User";

/// `UserFilter`.
pub(super) const PARTS: [(&str, &str); 8] = [
    ("usernamePrefix", "username"),
    ("email", "email"),
    ("search", "username"),
    ("search", "email"),
    ("role", "roles"),
    ("state", "state"),
    ("createdAt", "createdAt"),
    ("lastSignInAt", "lastSignInAt"),
];

/// What values of the input type `name` tell of.
pub(super) fn of(name: &str) -> Option<&'static Telling> {
    match name {
        "UserFilter" => Some(&Telling::Parts(&PARTS)),
        "UserOrder" => Some(&Telling::Choice(
            "field",
            &[("CREATED_AT", "createdAt"), ("USERNAME", "username"), ("LAST_SIGN_IN_AT", "lastSignInAt")],
        )),
        _ => None,
    }
}
