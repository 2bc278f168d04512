//! What can be read from: the store, or an open transaction, which also sees its own changes.

use sea_orm::ConnectionTrait;

use super::{Store, Tx, pool::Pool, transaction::Transaction};
use fieldguard_domain::overview::DatabaseKind;

/// The store or a transaction. Functions that only read take either.
pub trait Reader: Sync {
    /// What queries run on.
    #[doc(hidden)]
    type Connection: ConnectionTrait;

    /// Which database it is.
    #[doc(hidden)]
    fn kind(&self) -> DatabaseKind;

    /// What queries run on.
    #[doc(hidden)]
    fn connection(&self) -> &Self::Connection;
}

impl Reader for Store {
    type Connection = Pool;

    fn kind(&self) -> DatabaseKind {
        self.kind
    }

    fn connection(&self) -> &Pool {
        &self.reader
    }
}

impl Reader for Tx {
    type Connection = Transaction;

    fn kind(&self) -> DatabaseKind {
        self.kind()
    }

    fn connection(&self) -> &Transaction {
        self.connection()
    }
}
