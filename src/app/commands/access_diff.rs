//! `fieldguard access diff`: what widened and narrowed between two printed access tables.

use std::io::Read as _;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use fieldguard_guard::access::Table;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{output, unknown_role};
use crate::{app::Error, cli::AccessFormat};

/// A role's access to a field, in increasing order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Reach {
    #[serde(rename = "DENIED")]
    Denied,
    #[serde(rename = "SELF")]
    Own,
    #[serde(rename = "ALLOWED")]
    Allowed,
}

impl Reach {
    const fn word(self) -> &'static str {
        match self {
            Self::Denied => "DENIED",
            Self::Own => "SELF",
            Self::Allowed => "ALLOWED",
        }
    }
}

/// A line of a table, as `access --format json` prints it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    coordinate: String,
    rule: String,
    access: BTreeMap<String, Reach>,
}

type Lines = BTreeMap<String, Line>;

/// A role whose access to a field changed.
#[derive(Debug, PartialEq, Eq)]
struct Change<'a> {
    coordinate: &'a str,
    role: &'a str,
    before: Option<Reach>,
    after: Option<Reach>,
}

/// All changes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes<'a> {
    widened: Vec<Change<'a>>,
    narrowed: Vec<Change<'a>>,
    /// Changed rules: field coordinate, before, after.
    rules: Vec<[&'a str; 3]>,
}

/// Compares the tables at `old` and `new`, or with the `current` one, and prints the changes. Returns whether any
/// access widened.
pub(super) async fn run(
    old: &Path,
    new: Option<&Path>,
    current: impl AsyncFnOnce() -> Result<Table, Error>,
    role: Option<&str>,
    format: AccessFormat,
) -> Result<bool, Error> {
    let old = read(old)?;
    let new = match new {
        Some(path) => read(path)?,
        None => parse("the access table of this program", &current().await?.json())?,
    };
    if let Some(name) = role
        && !old.values().chain(new.values()).any(|line| line.access.contains_key(name))
    {
        return Err(unknown_role(name));
    }
    let changes = compare(&old, &new, role);
    print(&changes, format)?;
    Ok(!changes.widened.is_empty())
}

fn read(path: &Path) -> Result<Lines, Error> {
    let name = path.display().to_string().escape_debug().to_string();
    let unreadable = |error| Error::Unreadable(name.clone(), error);
    let text = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map_err(unreadable)?;
        text
    } else {
        fs::read_to_string(path).map_err(unreadable)?
    };
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> Result<Lines, Error> {
    let no_table = |error| Error::NotAnAccessTable(name.to_owned(), error);
    let lines: Vec<Line> = serde_json::from_str(text).map_err(no_table)?;
    let mut table = Lines::new();
    for line in lines {
        // Two lines may contradict each other, so duplicates are refused.
        if let Some(twice) = table.insert(line.coordinate.clone(), line) {
            let reason = format!("`{}` appears twice", twice.coordinate.escape_debug());
            return Err(no_table(serde::de::Error::custom(reason)));
        }
    }
    Ok(table)
}

fn compare<'a>(old: &'a Lines, new: &'a Lines, role: Option<&str>) -> Changes<'a> {
    let mut changes = Changes::default();
    for coordinate in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (old.get(coordinate), new.get(coordinate));
        let roles = before.into_iter().chain(after).flat_map(|line| line.access.keys());
        for name in roles.filter(|name| role.is_none_or(|wanted| wanted == **name)).collect::<BTreeSet<_>>() {
            let reach = |line: Option<&Line>| line.and_then(|line| line.access.get(name).copied());
            let change = Change { coordinate, role: name, before: reach(before), after: reach(after) };
            // A missing field or role counts as denied.
            let [from, to] = [change.before, change.after].map(|reach| reach.unwrap_or(Reach::Denied));
            if from < to {
                changes.widened.push(change);
            } else if to < from {
                changes.narrowed.push(change);
            }
        }
        if let (Some(before), Some(after)) = (before, after)
            && before.rule != after.rule
        {
            changes.rules.push([coordinate, &before.rule, &after.rule]);
        }
    }
    changes
}

fn print(changes: &Changes<'_>, format: AccessFormat) -> Result<(), Error> {
    match format {
        AccessFormat::Json => output::print_json(&changes.json()),
        AccessFormat::Table if *changes == Changes::default() => output::print("Nothing widened, nothing narrowed.\n"),
        AccessFormat::Table => output::print(&output::aligned(&changes.records())),
        AccessFormat::Csv => output::print(&fieldguard_guard::access::csv(changes.records())),
    }
}

impl Changes<'_> {
    fn json(&self) -> Value {
        let word = |reach: Option<Reach>| reach.map(Reach::word);
        let change = |change: &Change<'_>| json!({ "coordinate": change.coordinate, "role": change.role, "before": word(change.before), "after": word(change.after) });
        let rule = |[coordinate, before, after]: &[&str; 3]| json!({ "coordinate": coordinate, "before": before, "after": after });
        json!({
            "widened": self.widened.iter().map(change).collect::<Value>(),
            "narrowed": self.narrowed.iter().map(change).collect::<Value>(),
            "rules": self.rules.iter().map(rule).collect::<Value>(),
        })
    }

    fn records(&self) -> Vec<Vec<String>> {
        let word = |reach: Option<Reach>| reach.map_or("-", Reach::word);
        let change = |kind: &'static str| {
            move |change: &Change<'_>| {
                [kind, change.coordinate, change.role, word(change.before), word(change.after)]
                    .map(str::to_owned)
                    .to_vec()
            }
        };
        let rule = |[coordinate, before, after]: &[&str; 3]| {
            ["rule", coordinate, "-", before, after].map(str::to_owned).to_vec()
        };
        let header = ["change", "coordinate", "role", "before", "after"].map(str::to_owned).to_vec();
        let widened = self.widened.iter().map(change("widened"));
        let narrowed = self.narrowed.iter().map(change("narrowed"));
        std::iter::once(header).chain(widened).chain(narrowed).chain(self.rules.iter().map(rule)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(lines: &Value) -> Lines {
        parse("x", &lines.to_string()).unwrap()
    }

    #[test]
    fn compare_finds_widened_narrowed_and_changed_rules() {
        let old = table(&json!([
            { "coordinate": "A.same", "rule": "@public", "access": { "user": "ALLOWED" } },
            { "coordinate": "A.other", "rule": "@auth", "access": { "user": "SELF", "gone": "SELF", "kept": "DENIED" } },
            { "coordinate": "A.gone", "rule": "@auth", "access": { "user": "ALLOWED", "kept": "DENIED" } },
        ]));
        let new = table(&json!([
            { "coordinate": "A.same", "rule": "@public", "access": { "user": "ALLOWED" } },
            { "coordinate": "A.other", "rule": "@auth(orSelf: true)", "access": { "user": "ALLOWED", "kept": "DENIED" } },
            { "coordinate": "A.new", "rule": "@auth", "access": { "user": "SELF", "kept": "DENIED" } },
        ]));
        let change = |coordinate, role, before, after| Change { coordinate, role, before, after };
        let changes = compare(&old, &new, None);
        let (own, allowed) = (Some(Reach::Own), Some(Reach::Allowed));
        assert_eq!(changes.widened, [change("A.new", "user", None, own), change("A.other", "user", own, allowed)]);
        assert_eq!(changes.narrowed, [change("A.gone", "user", allowed, None), change("A.other", "gone", own, None)]);
        assert_eq!(changes.rules, [["A.other", "@auth", "@auth(orSelf: true)"]]);
        assert_eq!(compare(&old, &new, Some("kept")).widened, []);
        assert_eq!(compare(&new, &new, None), Changes::default());
    }

    #[test]
    fn invalid_tables_are_refused() {
        let line = json!({ "coordinate": "A.b", "rule": "@public", "access": { "user": "ALLOWED" } });
        for wrong in [
            json!({}),
            json!([{}]),
            json!([line, line]),
            json!([{ "coordinate": "A.b", "rule": "@public", "access": { "user": "MAYBE" } }]),
            json!([{ "coordinate": "A.b", "rule": "@public" }]),
        ] {
            assert!(matches!(parse("x", &wrong.to_string()), Err(Error::NotAnAccessTable(..))), "{wrong}");
        }
        assert!(parse("x", "").is_err() && parse("x", "coordinate  rule").is_err());
    }
}
