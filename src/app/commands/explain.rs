//! `fieldguard explain …`: checks the documents of a front end against the rules of the schema, without a server: which fields a role
//! is denied, with file and line.

use std::{fs, path::PathBuf};

use async_graphql::{Pos, ServerError};
use fieldguard_api::CONVENTIONS;
use fieldguard_guard::{
    access::{Access, MemberAccess},
    explain::{ExplainedCaller, ExplainedField},
    settings::{Introspection, Settings},
    sources::{self, Operation, Source},
};
use serde_json::{Value, json};

use super::{Program, output, tables};
use crate::{
    app::Error,
    cli::{Explain, ListFormat},
    config::Config,
};

/// A field that is denied, or an error in a document, with its place.
struct Finding {
    operation: Option<String>,
    file: String,
    line: usize,
    column: usize,
    what: What,
}

enum What {
    Denied(ExplainedField),
    Invalid(String),
}

/// Prints what the role is denied. Tells whether there is anything.
pub(super) async fn run(config: Config, program: &Program, explain: Explain) -> Result<bool, Error> {
    let Explain { role, format, files } = explain;
    let files = read(&files)?;
    let operations = sources::operations(&files).map_err(|error| Error::Documents(error.to_string()))?;
    let limits = config.limits.documents;
    let caller = tables::caller(config, program, &role).await?;
    let executor = program.executor(Settings { introspection: Introspection::Full, limits, ..Settings::default() });
    let mut findings = Vec::new();
    for operation in &operations {
        let whom = ExplainedCaller { caller: caller.rules(), is_account_known: false };
        match executor.explain(&operation.text, None, whom, None).await {
            Ok(explanation) => findings.extend(denied(operation, explanation.fields)),
            Err(failure) => findings.push(invalid(operation, failure.into())),
        }
    }
    let (invalid, denied): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| matches!(finding.what, What::Invalid(_)));
    if !invalid.is_empty() {
        let lines: Vec<_> = invalid.iter().map(|finding| finding.line(&role)).collect();
        return Err(Error::Documents(lines.join("\n")));
    }
    match format {
        ListFormat::Table => print(&role, operations.len(), &denied)?,
        ListFormat::Json => output::print_json(&denied.iter().map(Finding::json).collect())?,
    }
    Ok(!denied.is_empty())
}

fn print(role: &str, operations: usize, denied: &[Finding]) -> Result<(), Error> {
    let lines: Vec<_> = denied.iter().map(|finding| finding.line(role) + "\n").collect();
    let mut refused: Vec<_> = denied.iter().map(|finding| (&finding.operation, &finding.file)).collect();
    refused.dedup();
    let summary = format!("{} of {operations} operations select fields that `{role}` is denied.\n", refused.len());
    output::print(&(lines.concat() + &summary))
}

/// The files of these names, in which `*` and the like match names.
fn read(patterns: &[String]) -> Result<Vec<Source>, Error> {
    let mut sources = Vec::new();
    for path in paths(patterns)? {
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|error| Error::Unreadable(name.clone(), error))?;
        sources.push(Source { name, text });
    }
    Ok(sources)
}

fn paths(patterns: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for pattern in patterns {
        let escaped = pattern.escape_debug();
        let matches = glob::glob(pattern).map_err(|error| Error::Documents(format!("`{escaped}`: {error}")))?;
        let mut found = false;
        for path in matches {
            let path = path.map_err(|error| {
                let name = error.path().display().to_string();
                Error::Unreadable(name, error.into())
            })?;
            found = true;
            // A file that two patterns match is read once.
            if !path.is_dir() && !paths.contains(&path) {
                paths.push(path);
            }
        }
        if !found {
            return Err(Error::Documents(format!("no file matches `{escaped}`")));
        }
    }
    Ok(paths)
}

fn denied<'a>(operation: &'a Operation<'_>, fields: Vec<ExplainedField>) -> impl Iterator<Item = Finding> + use<'a> {
    let denied = |field: &ExplainedField| field.is_reached && field.access.access == Access::Denied;
    fields.into_iter().filter(denied).map(|field| Finding::at(operation, field.position, What::Denied(field)))
}

fn invalid(operation: &Operation<'_>, error: ServerError) -> Finding {
    let start = Pos { line: 1, column: 1 };
    Finding::at(operation, error.locations.first().copied().unwrap_or(start), What::Invalid(error.message))
}

impl Finding {
    fn at(operation: &Operation<'_>, position: Pos, what: What) -> Self {
        let place = operation.place(position);
        let operation = operation.name.map(str::to_owned);
        Self { operation, file: place.file.to_owned(), line: place.position.line, column: place.position.column, what }
    }

    /// As compilers print it.
    fn line(&self, role: &str) -> String {
        let place = format!("{}:{}:{}", self.file, self.line, self.column);
        let operation = self.operation.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
        let text = match &self.what {
            What::Invalid(message) => message.clone(),
            What::Denied(ExplainedField { path, argument: None, access, .. }) => {
                format!("`{role}` is denied `{}`: {}", path.join("."), requirement(access))
            }
            What::Denied(ExplainedField { path, argument: Some(argument), access, .. }) => {
                format!("`{role}` is denied the argument `{argument}` of `{}`: {}", path.join("."), requirement(access))
            }
        };
        format!("{place}: {operation}{text}")
    }

    fn json(&self) -> Value {
        let Self { operation, file, line, column, what } = self;
        let What::Denied(ExplainedField { path, argument, access, .. }) = what else { return Value::Null };
        json!({
            "file": file, "line": line, "column": column, "operation": operation, "path": path, "argument": argument,
            "coordinate": access.coordinate, "rule": access.phrase(),
        })
    }
}

/// What the field requires, as a sentence.
fn requirement(access: &MemberAccess) -> String {
    let rules: Vec<_> = access.rules.iter().map(|rule| CONVENTIONS.phrase(rule)).collect();
    format!("`{}` requires {}.", access.coordinate, rules.join(", and "))
}
