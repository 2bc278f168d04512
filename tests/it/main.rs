//! Tests of the whole program, organized like the API. They are one binary, so that the program links once.

#![expect(clippy::unwrap_used, reason = "a panic in a test is a failure and names the line")]
#![expect(clippy::large_futures, reason = "tests hold whole servers in their futures")]

mod access;
mod access_table;
mod actor;
mod admin;
mod adopter;
mod answers;
mod app;
mod attacks;
mod audit;
mod command_line;
mod complexity;
mod crash;
mod database;
mod examples;
mod execution;
mod guarded;
mod guessing;
mod hostile;
mod introspection;
mod keys;
mod layers;
mod limits;
mod login;
mod mail;
mod metrics;
mod new_passwords;
mod overload;
mod page;
mod passwords;
mod personal_access_tokens;
mod problems;
mod profile;
mod proxy;
mod readme;
mod register;
mod resets;
mod roles;
mod schema;
mod second_factors;
mod secrecy;
mod sessions;
mod store;
mod template;
mod tls;
mod tokens;
mod unavailable;
mod viewer;
mod walk;
mod webhooks;
mod wire;
