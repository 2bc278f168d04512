//! Documents that were parsed and admitted before. Clients send the same few documents over and over: a known one costs
//! neither parsing nor the limits that look at the document alone, only a copy, which the library consumes.

use std::sync::Arc;

use async_graphql::parser::types::ExecutableDocument;
use quick_cache::{Weighter, sync::Cache};

/// How much memory the remembered documents may take, by [`Weight`]'s estimate.
const CAPACITY_BYTES: u64 = 16 * 1_024 * 1_024;
/// Room for about this many documents is made ahead.
const EXPECTED: usize = 1_024;

/// A document that was admitted.
pub(super) struct Admitted {
    /// The document in normal form, with everything in it that a variable may exclude.
    pub document: ExecutableDocument,
    /// The document as it was sent, where variables decide what of it is excluded: its normal form is then another for other
    /// values.
    pub conditional: Option<ExecutableDocument>,
    /// How many fields its normal form has.
    pub fields: usize,
    /// Whether it is made of queries for the schema and nothing else, excluded or not.
    pub asks_for_schema: bool,
    /// Whether it asks for the schema at all.
    pub has_introspection: bool,
}

/// Documents by their text.
pub(super) struct Documents(Cache<String, Arc<Admitted>, Weight>);

impl Default for Documents {
    fn default() -> Self {
        Self(Cache::with_weighter(EXPECTED, CAPACITY_BYTES, Weight))
    }
}

impl Documents {
    /// The document of that text: the one remembered, or the one that `admit` makes of it. What is refused is not
    /// remembered.
    pub(super) async fn get_or_admit<E>(
        &self,
        text: &str,
        admit: impl AsyncFnOnce() -> Result<Admitted, E>,
    ) -> Result<Arc<Admitted>, E> {
        if let Some(known) = self.0.get(text) {
            return Ok(known);
        }
        let admitted = Arc::new(admit().await?);
        self.0.insert(text.to_owned(), admitted.clone());
        Ok(admitted)
    }
}

/// What a document takes in memory: its tree is some twenty times its text, measured on documents of our own clients, and a
/// field of the normal form some 500 bytes, of which short fragments can make many.
#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Admitted>> for Weight {
    fn weight(&self, text: &String, admitted: &Arc<Admitted>) -> u64 {
        let source = if admitted.conditional.is_some() { 21 * text.len() } else { text.len() };
        512 + source as u64 + 500 * admitted.fields as u64
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn admitted(text: &str) -> Result<Admitted, async_graphql::parser::Error> {
        let document = parse_query(text)?;
        Ok(Admitted { document, conditional: None, fields: 1, asks_for_schema: false, has_introspection: false })
    }

    #[tokio::test]
    async fn remembers_what_was_admitted_and_nothing_else() {
        let documents = Documents::default();
        let refused: Result<_, ()> = documents.get_or_admit("{ a }", async || Err(())).await;
        assert!(refused.is_err());
        let first = documents.get_or_admit("{ a }", async || admitted("{ a }")).await.unwrap();
        let again: Result<_, ()> = documents.get_or_admit("{ a }", async || unreachable!("it is known")).await;
        assert!(Arc::ptr_eq(&first, &again.unwrap()));
    }

    #[tokio::test]
    async fn takes_no_more_memory_than_it_may() {
        let documents = Documents::default();
        for n in 0..30_000 {
            let text = format!("{{ a{n}: {} }}", "x".repeat(200));
            documents.get_or_admit(&text, async || admitted(&text)).await.unwrap();
        }
        assert!(documents.0.weight() <= CAPACITY_BYTES);
        assert!(documents.0.len() > 100);
    }
}
