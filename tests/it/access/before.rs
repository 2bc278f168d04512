//! A query that is to be refused as a whole is judged before it begins, as far as the types of its values are known then; and
//! after it ran, by the types that they have.

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
    guarded::{LIBRARIAN, reader, somebody},
};

/// Counts how often it was asked for something.
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

/// Both rules hold: that of the type, and that of the field.
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
async fn fragments_refuse_a_query_only_where_they_apply() {
    let server = Server::start().await;
    let asked = Arc::new(AtomicU32::new(0));
    let schema =
        registry::complete(Schema::build(Query(asked.clone()), EmptyMutation, EmptySubscription), &CONVENTIONS);
    let executor = Executor::new(schema, settings(), server.app.accounts().clone());
    for (document, is_answered) in [
        ("{ found(isFilm: false) { ... on Book { note } } }", false),
        ("{ found(isFilm: true) { ... on Film { price } } }", false),
        ("{ found(isFilm: true) { ...F } } fragment F on Film { note price }", false),
        // A film's note is nobody's secret, whatever a book's is.
        ("{ found(isFilm: true) { ... on Film { note } } }", true),
        ("{ found(isFilm: false) { ...F } } fragment F on Film { note }", true),
        // What is there could be a book, and is a film.
        ("{ found(isFilm: true) { ... on Book { note } ... on Film { note } } }", true),
        ("{ found(isFilm: false) { ... on Book { note } ... on Film { note } } }", false),
    ] {
        let answer = run(&executor, document, Some(reader()), OnDenied::Reject).await;
        let expected = if is_answered { (Outcome::Executed, 1) } else { (Outcome::Denied, 1) };
        assert_eq!((answer.outcome, asked.swap(0, Ordering::SeqCst)), expected, "{document}");
        let answer = run(&executor, document, Some(somebody(&[LIBRARIAN], &[])), OnDenied::Reject).await;
        assert_eq!((answer.outcome, asked.swap(0, Ordering::SeqCst)), (Outcome::Executed, 1), "{document}");
    }
}
