//! The errors of saving, restoring and copying. Messages follow the name of the file or database.

use crate as store;

/// Why a database was not saved, restored or copied. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The database has no tables of Fieldguard.
    #[error("it is not a Fieldguard database: it has no migrations")]
    NoSchema,
    /// The applied migrations are not the first ones that the program knows.
    #[error("the database lacks the migration `{0}`, although later ones were applied")]
    MissingMigration(String),
    /// The target of a restore or copy has rows.
    #[error("the target database is not empty: the table `{0}` has rows")]
    NotEmpty(String),
    /// A value does not have its column's type.
    #[error("a value in the column `{table}.{column}` does not have the column's type")]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column has a type that a backup cannot hold.
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
    /// The data read back differs from the data written.
    #[error("the rows of the table `{0}` differ from what was written; the target is unchanged")]
    Differs(String),
    /// The verification of the audit log differs between source and target of a copy.
    #[error("verifying the audit log gives different results for source and target; the target is unchanged")]
    AuditDiffers,
    /// The file is not a backup.
    #[error("it is not a backup of Fieldguard")]
    NotABackup,
    /// The content of the file was changed.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// A newer version of the program wrote the file.
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
    /// Whether the content of the file is the cause.
    #[must_use]
    pub const fn is_in_file(&self) -> bool {
        matches!(self, Self::NotABackup | Self::Damaged(_) | Self::NewerBackup(_))
    }
}
