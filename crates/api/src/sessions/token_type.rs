//! `TokenType`: how to send an access token.

use async_graphql::Enum;

/// How to send an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum TokenType {
    /// In the header `Authorization: Bearer …`.
    Bearer,
}
