//! The SQL that differs between the two databases. Fragments are constants of this program. Values are always bound as
//! `$1`, which both databases accept.

use sea_orm::{DbBackend, Statement, Value};

use fieldguard_domain::overview::DatabaseType;

/// The SQL that differs between the databases. A trait, because the type belongs to another crate.
pub(crate) trait Dialect: Copy {
    /// A statement with its values, in the order of `$1`, `$2`, …
    fn statement(self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement;

    /// An aggregate of an expression over all rows: the text of a JSON array, in no particular order.
    fn json_list(self, item: &str) -> String;

    /// The same, as an item of [`Self::json_row`], which keeps it as a string.
    fn json_text(self, item: &str) -> String;

    /// Several expressions as one JSON array, as an item of [`Self::json_list`].
    fn json_row(self, columns: &[&str]) -> String;

    /// An identifier in a form that JSON can hold: SQLite stores 16 bytes.
    fn json_uuid(self, column: &str) -> String;
}

impl Dialect for DatabaseType {
    fn statement(self, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
        let backend = match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        };
        Statement::from_sql_and_values(backend, sql, values)
    }

    fn json_list(self, item: &str) -> String {
        match self {
            Self::Sqlite => format!("json_group_array({item})"),
            Self::Postgres => format!("CAST(coalesce(json_agg({item}), '[]') AS text)"),
        }
    }

    fn json_text(self, item: &str) -> String {
        match self {
            Self::Sqlite => format!("{} || ''", self.json_list(item)),
            Self::Postgres => self.json_list(item),
        }
    }

    fn json_row(self, columns: &[&str]) -> String {
        let function = match self {
            Self::Sqlite => "json_array",
            Self::Postgres => "json_build_array",
        };
        format!("{function}({})", columns.join(", "))
    }

    fn json_uuid(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("hex({column})"),
            Self::Postgres => column.to_owned(),
        }
    }
}

/// `count` placeholders for a list after `IN`, starting with `$first`.
pub(super) fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    names.join(", ")
}

/// The values of a statement, in the order of `$1`, `$2`, …
#[derive(Default)]
pub(super) struct Values(Vec<Value>);

impl Values {
    /// Adds a value and returns its placeholder.
    pub(super) fn add(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    /// All values.
    pub(super) fn into_vec(self) -> Vec<Value> {
        self.0
    }
}
