//! How saving, restoring and copying fail, in words that follow the name of the file or of the database.

use crate as store;

/// Why a database was not saved, restored or copied. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// There are no tables.
    #[error("the database is not one of Fieldguard: it has no migrations")]
    NoSchema,
    /// The migrations that were applied are not the first of those the program knows.
    #[error("the database lacks the migration `{0}`, although later ones were applied")]
    MissingMigration(String),
    /// The target of a restore or copy holds rows already.
    #[error("the target database is not empty: the table `{0}` has rows")]
    NotEmpty(String),
    /// A value is not of its column's type.
    #[error("a value in the column `{table}.{column}` is not of the column's type")]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column has a type that no row can hold.
    #[error("the column `{table}.{column}` has the type `{declared}`, which a backup cannot hold")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The type, as SQLite declares it.
        declared: String,
    },
    /// Tables reference each other in a cycle.
    #[error("the tables reference each other in a cycle, so there is no order in which to restore them")]
    Cycle,
    /// What was written is not what is read back.
    #[error("the table `{0}` does not read back as it was written; the target is unchanged")]
    Differs(String),
    /// The audit log verifies on one side of a copy and not on the other.
    #[error("the audit log of the target does not verify as that of the source does; the target is unchanged")]
    AuditDiffers,
    /// The file is something else.
    #[error("it is not a backup of Fieldguard")]
    NotABackup,
    /// The file is not as it was written.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// The file is of a newer version of the program.
    #[error("a newer version of Fieldguard made the backup ({0}); restore it with that version")]
    NewerBackup(String),
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Error {
    /// Whether the content of the file is what cannot be restored.
    #[must_use]
    pub const fn is_in_file(&self) -> bool {
        matches!(self, Self::NotABackup | Self::Damaged(_) | Self::NewerBackup(_))
    }
}
