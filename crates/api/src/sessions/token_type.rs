//! `TokenType`: how an access token is sent.

use async_graphql::Enum;

/// How an access token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TokenType {
    /// In the header `Authorization: Bearer …`.
    Bearer,
}
