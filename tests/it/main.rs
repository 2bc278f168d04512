//! The integration tests, one binary, laid out like the API.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and the line says where")]

mod guarded;
