//! User names.
