//! `onDenied: reject` with interfaces and unions. A query is checked before it runs where the type of a value is known,
//! and after it ran by the actual type.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, Union};
use fieldguard::{
    api::{CONVENTIONS, execute::Executor},
    guard::{execute::Outcome, on_denied::OnDenied, registry},
    guarded,
};

use super::mutations::{run, settings};
use crate::{
    app::Server,
    guarded::{LIBRARIAN, principal_with, reader},
};

/// Counts how often its field runs.
struct Query(Arc<AtomicU32>);

#[guarded(public)]
#[Object]
impl Query {
    async fn found(&self, is_film: bool) -> Found {
        self.0.fetch_add(1, Ordering::SeqCst);
        if is_film { Found::Film(Film) } else { Found::Book(Book) }
    }
}

#[derive(Union)]
enum Found {
    Book(Book),
    Film(Film),
}

struct Book;

/// A caller must satisfy both rules: the one of the type and the one of the field.
#[guarded(signed_in)]
#[Object]
impl Book {
    #[requires(role = LIBRARIAN)]
    async fn note(&self) -> Option<&str> {
        Some("worn")
    }
}

struct Film;

#[guarded]
#[Object]
impl Film {
    #[public]
    async fn note(&self) -> Option<&str> {
        Some("new")
    }

    #[requires(role = LIBRARIAN)]
    async fn price(&self) -> Option<i32> {
        Some(7)
    }
}

#[tokio::test]
async fn reject_mode_ignores_denied_fields_in_fragments_of_other_types() {
    let server = Server::start().await;
    let asked = Arc::new(AtomicU32::new(0));
    let schema =
        registry::complete(Schema::build(Query(asked.clone()), EmptyMutation, EmptySubscription), &CONVENTIONS);
    let executor = Executor::new(schema, settings(), server.app.accounts().clone());
    for (document, is_answered) in [
        ("{ found(isFilm: false) { ... on Book { note } } }", false),
        ("{ found(isFilm: true) { ... on Film { price } } }", false),
        ("{ found(isFilm: true) { ...F } } fragment F on Film { note price }", false),
        // The rule of `Film.note` applies, not the rule of `Book.note`.
        ("{ found(isFilm: true) { ... on Film { note } } }", true),
        ("{ found(isFilm: false) { ...F } } fragment F on Film { note }", true),
        // The union may hold a book, but it holds a film.
        ("{ found(isFilm: true) { ... on Book { note } ... on Film { note } } }", true),
        ("{ found(isFilm: false) { ... on Book { note } ... on Film { note } } }", false),
    ] {
        let answer = run(&executor, document, Some(reader()), OnDenied::Reject).await;
        let expected = if is_answered { (Outcome::Executed, 1) } else { (Outcome::Denied, 1) };
        assert_eq!((answer.outcome, asked.swap(0, Ordering::SeqCst)), expected, "{document}");
        let answer = run(&executor, document, Some(principal_with(&[LIBRARIAN], &[])), OnDenied::Reject).await;
        assert_eq!((answer.outcome, asked.swap(0, Ordering::SeqCst)), (Outcome::Executed, 1), "{document}");
    }
}
