//! Sources of reads: the store, or an open transaction, which also sees its own changes.

use sea_orm::ConnectionTrait;

use super::{Store, Tx, pool::Pool, transaction::Transaction};
use fieldguard_domain::overview::DatabaseType;

/// The store or a transaction. Functions that only read take either.
pub trait Reader: Sync {
    /// The type of the connection for queries.
    #[doc(hidden)]
    type Connection: ConnectionTrait;

    /// The type of the database.
    #[doc(hidden)]
    fn kind(&self) -> DatabaseType;

    /// The connection for queries.
    #[doc(hidden)]
    fn connection(&self) -> &Self::Connection;
}

impl Reader for Store {
    type Connection = Pool;

    fn kind(&self) -> DatabaseType {
        self.kind
    }

    fn connection(&self) -> &Pool {
        &self.reader
    }
}

impl Reader for Tx {
    type Connection = Transaction;

    fn kind(&self) -> DatabaseType {
        self.kind()
    }

    fn connection(&self) -> &Transaction {
        self.connection()
    }
}
