//! A cache of admitted documents. Clients send the same documents repeatedly: a cached one skips parsing and
//! document-only limits and costs one copy, which async-graphql consumes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_graphql::parser::types::ExecutableDocument;
use quick_cache::{Weighter, sync::Cache};

/// The maximum memory of cached documents, as [`Weight`] estimates it.
const CAPACITY_BYTES: u64 = 16 * 1_024 * 1_024;
/// The number of documents to allocate space for initially.
const EXPECTED: usize = 1_024;

/// A document that passed all checks that don't depend on variables.
pub(super) struct AdmittedDocument {
    /// The document in normal form, including everything that a variable may exclude.
    pub document: ExecutableDocument,
    /// The original document, if variables decide what it excludes: then its normal form depends on their values.
    pub conditional: Option<ExecutableDocument>,
    /// The number of fields in the normal form.
    pub fields: usize,
    /// Whether the document contains only introspection queries, excluded or not.
    pub asks_for_schema: bool,
    /// Whether the document contains an introspection query.
    pub has_introspection: bool,
}

/// Documents by text.
pub(super) struct Documents {
    cache: Cache<String, Arc<AdmittedDocument>, Weight>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Default for Documents {
    fn default() -> Self {
        let cache = Cache::with_weighter(EXPECTED, CAPACITY_BYTES, Weight);
        Self { cache, hits: AtomicU64::default(), misses: AtomicU64::default() }
    }
}

impl Documents {
    /// The cached document for `text`, or the result of `admit`, which is cached if it succeeds.
    pub(super) async fn get_or_admit<E>(
        &self,
        text: &str,
        admit: impl AsyncFnOnce() -> Result<AdmittedDocument, E>,
    ) -> Result<Arc<AdmittedDocument>, E> {
        if let Some(known) = self.cache.get(text) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(known);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let admitted = Arc::new(admit().await?);
        self.cache.insert(text.to_owned(), admitted.clone());
        Ok(admitted)
    }

    /// How often a document was cached, and how often it was not.
    pub(super) fn hits_and_misses(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }
}

/// The estimated memory of a document: its tree takes about 20 times its text (measured on our own clients' documents),
/// and a field of the normal form about 500 bytes. Short fragments can expand to many fields.
#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<AdmittedDocument>> for Weight {
    fn weight(&self, text: &String, admitted: &Arc<AdmittedDocument>) -> u64 {
        let source = if admitted.conditional.is_some() { 21 * text.len() } else { text.len() };
        512 + source as u64 + 500 * admitted.fields as u64
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn admitted(text: &str) -> Result<AdmittedDocument, async_graphql::parser::Error> {
        let document = parse_query(text)?;
        Ok(AdmittedDocument {
            document,
            conditional: None,
            fields: 1,
            asks_for_schema: false,
            has_introspection: false,
        })
    }

    #[tokio::test]
    async fn only_admitted_documents_are_cached() {
        let documents = Documents::default();
        let refused: Result<_, ()> = documents.get_or_admit("{ a }", async || Err(())).await;
        assert!(refused.is_err());
        let first = documents.get_or_admit("{ a }", async || admitted("{ a }")).await.unwrap();
        let again: Result<_, ()> =
            documents.get_or_admit("{ a }", async || unreachable!("the document is cached")).await;
        assert!(Arc::ptr_eq(&first, &again.unwrap()));
    }

    #[tokio::test]
    async fn cache_stays_within_its_capacity() {
        let documents = Documents::default();
        for n in 0..30_000 {
            let text = format!("{{ a{n}: {} }}", "x".repeat(200));
            documents.get_or_admit(&text, async || admitted(&text)).await.unwrap();
        }
        assert!(documents.cache.weight() <= CAPACITY_BYTES);
        assert!(documents.cache.len() > 100);
    }
}
