//! The access table: every field coordinate with its rule, and the roles that pass it. It is computed from the schema
//! for display and enforces nothing.

mod member_access;

use std::fmt;
use std::fmt::Write as _;

use serde_json::json;

pub use self::member_access::MemberAccess;
use fieldguard_policy::{Principal, rule::Rule};

use super::{caller::Caller, registry::Row};

/// The columns before the role columns. No role can have one of these names.
pub const COLUMNS: [&str; 2] = ["coordinate", "rule"];

/// A role's access to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The role passes the rule for every value.
    Allowed,
    /// The role passes the rule only for its own values. In files and tables: `SELF`.
    Own,
    /// The role is denied for every value.
    Denied,
}

impl Access {
    /// The access that `rules` grant to `caller`.
    #[must_use]
    pub fn of(rules: &[Rule], caller: Option<&dyn Principal>) -> Self {
        let passes = |is_own| rules.iter().all(|rule| rule.decide(caller, is_own).is_ok());
        match (passes(false), passes(true)) {
            (true, _) => Self::Allowed,
            (false, true) => Self::Own,
            (false, false) => Self::Denied,
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Allowed => "ALLOWED",
            Self::Own => "SELF",
            Self::Denied => "DENIED",
        })
    }
}

/// The access table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    roles: Vec<String>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    coordinate: String,
    rule: String,
    cells: Vec<Access>,
}

impl Table {
    /// Creates a table of `rows` with one column per role. Each of `roles` is a name and a caller that has only that
    /// role.
    #[must_use]
    pub fn new(rows: &[Row], roles: &[(String, Caller)]) -> Self {
        let line = |row: &Row| Line {
            coordinate: row.coordinate.clone(),
            rule: phrase(&row.rules),
            cells: roles.iter().map(|(_, caller)| Access::of(&row.rules, caller.rules())).collect(),
        };
        Self { roles: roles.iter().map(|role| role.0.clone()).collect(), lines: rows.iter().map(line).collect() }
    }

    /// Adds a row for each permission that no field requires. Each entry is the permission's label and, per column,
    /// whether that role has the permission.
    #[must_use]
    pub fn and_held(mut self, permissions: Vec<(String, Vec<bool>)>) -> Self {
        let cell = |is_held| if is_held { Access::Allowed } else { Access::Denied };
        let line = |(coordinate, held): (_, Vec<bool>)| Line {
            coordinate,
            rule: "-".to_owned(),
            cells: held.into_iter().map(cell).collect(),
        };
        self.lines.extend(permissions.into_iter().map(line));
        self
    }

    /// Keeps only the column of `role`, or returns `None` if there is no such column. Drops the rows of permissions
    /// that the role doesn't have.
    #[must_use]
    pub fn only(mut self, role: &str) -> Option<Self> {
        let column = self.roles.iter().position(|known| known == role)?;
        self.roles = vec![self.roles.swap_remove(column)];
        for line in &mut self.lines {
            line.cells = vec![line.cells[column]];
        }
        self.lines.retain(|line| line.rule != "-" || line.cells != [Access::Denied]);
        Some(self)
    }

    /// The table as JSON: a list of objects with `coordinate`, `rule`, and `access` by role.
    #[must_use]
    pub fn json(&self) -> String {
        let line = |line: &Line| {
            let cells = self.roles.iter().zip(&line.cells);
            let access: serde_json::Map<_, _> =
                cells.map(|(role, access)| (role.clone(), json!(access.to_string()))).collect();
            json!({ "coordinate": line.coordinate, "rule": line.rule, "access": access })
        };
        format!("{:#}\n", self.lines.iter().map(line).collect::<serde_json::Value>())
    }

    /// The table as CSV (RFC 4180, with LF line ends), with a header line.
    #[must_use]
    pub fn csv(&self) -> String {
        csv(self.records())
    }

    fn records(&self) -> impl Iterator<Item = Vec<String>> {
        let names = COLUMNS.map(str::to_owned);
        let header = names.into_iter().chain(self.roles.iter().cloned()).collect();
        let lines = self.lines.iter().map(|line| {
            let cells = line.cells.iter().map(ToString::to_string);
            [line.coordinate.clone(), line.rule.clone()].into_iter().chain(cells).collect()
        });
        std::iter::once(header).chain(lines)
    }
}

/// The records as CSV (RFC 4180, with LF line ends).
#[must_use]
pub fn csv(records: impl IntoIterator<Item = Vec<String>>) -> String {
    let quoted = |text: &str| {
        let plain = !text.contains(['"', ',', '\n', '\r']);
        if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    let record = |cells: Vec<String>| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    records.into_iter().map(|cells| record(cells) + "\n").collect()
}

/// The table as aligned text, with a header line and without trailing spaces.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = vec![0; self.roles.len() + 2];
        for record in self.records() {
            for (width, cell) in widths.iter_mut().zip(&record) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for record in self.records() {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(&record) {
                write!(line, "{cell:width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The rules as directives, in the form of the printed schema.
fn phrase(rules: &[Rule]) -> String {
    let directive = |rule: &Rule| {
        let of = super::directive::Auth::apply(rule);
        if rule.is_public() { super::directive::Public::apply().sdl() } else { of.sdl() }
    };
    rules.iter().map(directive).collect::<Vec<_>>().join(" ")
}
