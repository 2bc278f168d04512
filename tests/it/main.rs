//! The integration tests, one binary, laid out like the API.

mod guarded;
