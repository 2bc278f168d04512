//! The conditions of a user filter, as SQL.
//!
//! Every condition has two forms: one that an index answers, and one that no index answers. A database with an index
//! for one condition may read and sort everything that matches, although the index of the sort order would give the
//! page at once. [`super::plan`] decides by counting which one is better, instead of leaving it to estimates.

use sea_orm::Value;

use crate::dialect::Values;
use fieldguard_domain::{
    overview::DatabaseType,
    user::UserState,
    user_list::{Millis, NEVER, UserFilter, UserSort, after_prefix},
};

/// The time of the last sign-in, or [`NEVER`]: a generated column.
pub(super) const SIGNED_IN: &str = "last_sign_in_order";
const _: () = assert!(NEVER == -1, "the generated column uses this value");

/// One condition of a filter.
pub(super) enum Condition {
    /// The column or expression `of` is at or after `from` and before `until`.
    Range {
        /// The column or expression.
        of: &'static str,
        /// The suffix that makes a different expression with the same value, which no index answers.
        same: &'static str,
        from: Option<Value>,
        until: Option<Value>,
    },
    /// The last sign-in is in this range, or there was none.
    SignedInOrNever(Millis),
    /// The email address has this key.
    Email(String),
    /// The role with this name is assigned to the user.
    Role(String),
    /// The account is in this state.
    State(UserState),
    /// The username or email address contains this text of at least three characters.
    Search(DatabaseType, String),
}

/// The role with this name. No user has a role that does not exist.
fn role(name: &str) -> String {
    format!("(SELECT id FROM roles WHERE name = {name})")
}

impl Condition {
    /// All conditions of `filter`.
    pub(super) fn all(kind: DatabaseType, filter: &UserFilter) -> Vec<Self> {
        let UserFilter { username_prefix, email, role, state, created_at, last_sign_in_at, or_never, search } = filter;
        let prefix = username_prefix.as_ref().map(|prefix| {
            let until = after_prefix(prefix).map(Value::from);
            Self::Range { of: "username_key", same: "|| ''", from: Some(prefix.as_str().into()), until }
        });
        let times = |of, range: &Millis| {
            let (from, until) = (range.from.map(Value::from), range.until.map(Value::from));
            range.is_bounded().then_some(Self::Range { of, same: "+ 0", from, until })
        };
        let signed_in =
            if *or_never { Some(Self::SignedInOrNever(*last_sign_in_at)) } else { times(SIGNED_IN, last_sign_in_at) };
        let role = role.as_ref().map(|role| Self::Role(role.as_str().to_owned()));
        [
            email.clone().map(Self::Email),
            search.clone().map(|term| Self::Search(kind, term)),
            prefix,
            role,
            state.map(Self::State),
            times("created_at", created_at),
            signed_in,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether it is a condition on the first sort column of this order.
    pub(super) fn is_on_sort_column(&self, by: UserSort) -> bool {
        let first = match by {
            UserSort::Id => return false,
            UserSort::CreatedAt => "created_at",
            UserSort::Username => "username_key",
            UserSort::LastSignInAt => SIGNED_IN,
        };
        matches!(self, Self::Range { of, .. } if *of == first)
    }

    /// The lower and the upper bound of a range.
    pub(super) fn bounds(&self, values: &mut Values) -> (Option<String>, Option<String>) {
        let Self::Range { of, from, until, .. } = self else { return (None, None) };
        (compared(of, ">=", from.as_ref(), values), compared(of, "<", until.as_ref(), values))
    }

    /// The form for an index, if at most half of `most` users match. The order and the limit keep the databases from
    /// reading the whole table, as they would if they expected many matches.
    pub(super) fn by_few_entries(&self, most: usize, values: &mut Values) -> String {
        match self {
            Self::Role(name) => {
                let role = role(&values.add(name.as_str()));
                let holders = format!("SELECT account_id FROM account_roles WHERE role_id = {role}");
                format!("id IN ({holders} ORDER BY account_id LIMIT {most})")
            }
            _ => self.by_index(values),
        }
    }

    /// The form for an index.
    pub(super) fn by_index(&self, values: &mut Values) -> String {
        match self {
            Self::Range { of, from, until, .. } => between(of, from.as_ref(), until.as_ref(), values),
            Self::Role(name) => {
                let role = role(&values.add(name.as_str()));
                format!("id IN (SELECT account_id FROM account_roles WHERE role_id = {role})")
            }
            Self::State(UserState::Disabled) => "disabled_at IS NOT NULL AND (deletion_due_at + 0) IS NULL".to_owned(),
            Self::State(UserState::DeletionScheduled) => "deletion_due_at IS NOT NULL".to_owned(),
            Self::Search(DatabaseType::Sqlite, term) => format!(
                "id IN (SELECT account_id FROM account_search_rows WHERE number IN ({}))",
                matching(term, values)
            ),
            Self::Search(DatabaseType::Postgres, term) => {
                let term = values.add(term.as_str());
                let has_all = format!("account_trigrams(username_key, email_key) @> account_trigrams({term}, NULL)");
                format!("{has_all} AND {}", contains("strpos", &term))
            }
            _ => self.by_row(values),
        }
    }

    /// The form for a check row by row.
    pub(super) fn by_row(&self, values: &mut Values) -> String {
        match self {
            Self::Range { of, same, from, until } => {
                between(&format!("({of} {same})"), from.as_ref(), until.as_ref(), values)
            }
            Self::SignedInOrNever(Millis { from, until }) => {
                let (from, until) = (from.map(Value::from), until.map(Value::from));
                let range = between(SIGNED_IN, from.as_ref(), until.as_ref(), values);
                format!("({SIGNED_IN} = -1 OR ({range}))")
            }
            Self::Email(key) => format!("email_key = {}", values.add(key.as_str())),
            Self::Role(name) => {
                let role = role(&values.add(name.as_str()));
                let given = "SELECT account_id FROM account_roles WHERE account_id = accounts.id AND role_id";
                format!("({given} = {role}) IS NOT NULL")
            }
            Self::State(UserState::Disabled) => {
                "(disabled_at + 0) IS NOT NULL AND (deletion_due_at + 0) IS NULL".to_owned()
            }
            Self::State(UserState::DeletionScheduled) => "(deletion_due_at + 0) IS NOT NULL".to_owned(),
            Self::State(UserState::Active) => "disabled_at IS NULL AND deletion_due_at IS NULL".to_owned(),
            Self::Search(kind, term) => {
                let function = if *kind == DatabaseType::Sqlite { "instr" } else { "strpos" };
                contains(function, &values.add(term.as_str()))
            }
        }
    }

    /// A query for one index row per matching user. `None` if no index answers the condition. It is in the order of the
    /// index: otherwise PostgreSQL, if it expects many matches, would read the table from its start.
    pub(super) fn entries(&self, values: &mut Values) -> Option<String> {
        let order = match self {
            Self::Role(name) => {
                let role = role(&values.add(name.as_str()));
                return Some(format!("SELECT 1 FROM account_roles WHERE role_id = {role} ORDER BY account_id"));
            }
            Self::Search(DatabaseType::Sqlite, term) => return Some(matching(term, values)),
            Self::Search(DatabaseType::Postgres, _) => {
                return Some(format!("SELECT 1 FROM accounts WHERE {}", self.by_index(values)));
            }
            Self::Range { of, .. } => of,
            Self::Email(_) => "email_key",
            Self::State(UserState::Disabled) => "disabled_at",
            Self::State(UserState::DeletionScheduled) => "deletion_due_at",
            Self::SignedInOrNever(_) | Self::State(UserState::Active) => return None,
        };
        Some(format!("SELECT 1 FROM accounts WHERE {} ORDER BY {order}", self.by_index(values)))
    }
}

/// A query for the row numbers of users with this text in SQLite's index.
fn matching(term: &str, values: &mut Values) -> String {
    // FTS5 searches for text in quotation marks literally.
    let phrase = format!("\"{}\"", term.replace('"', "\"\""));
    format!("SELECT rowid FROM account_search WHERE account_search MATCH {}", values.add(phrase))
}

/// Both databases have such a function, and neither interprets characters of the text.
fn contains(function: &str, term: &str) -> String {
    format!("({function}(username_key, {term}) > 0 OR {function}(email_key, {term}) > 0)")
}

fn between(of: &str, from: Option<&Value>, until: Option<&Value>, values: &mut Values) -> String {
    let halves = [compared(of, ">=", from, values), compared(of, "<", until, values)];
    halves.into_iter().flatten().collect::<Vec<_>>().join(" AND ")
}

fn compared(of: &str, sign: &str, with: Option<&Value>, values: &mut Values) -> Option<String> {
    with.map(|value| format!("{of} {sign} {}", values.add(value.clone())))
}
