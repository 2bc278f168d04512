//! `fieldguard users import`: imports the users of a file, in batches of one transaction each.

use std::{collections::HashSet, fs::File, io::Write as _, path::Path};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{
    Program,
    import_file::{Row, rows},
    open, output,
};
use crate::{
    accounts::import_users::{ImportedUser, OnConflict},
    app::{App, Error},
    cli::{Import, ImportConflict},
    config::Config,
    domain::{email::EmailAddress, username},
    telemetry::{print_line, sanitized},
};

/// How many users one transaction inserts. A running server waits for it.
const BATCH: usize = 200;

/// Imports the file. Returns whether no row was refused.
pub(super) async fn run(config: Config, program: &Program, command: Import) -> Result<bool, Error> {
    let app = open(config, program).await?;
    super::note_running_server(&app);
    let unreadable = |error| Error::Unreadable(command.file.display().to_string(), error);
    let file = File::open(&command.file).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut import = Running::begin(&app, &command, size)?;
    let mut batch = Vec::with_capacity(BATCH);
    for row in rows(&command.file, import.progress.wrap_read(file))? {
        batch.extend(import.accept(row?)?);
        if batch.len() == BATCH {
            import.insert(std::mem::take(&mut batch)).await?;
        }
    }
    import.insert(batch).await?;
    import.end()
}

/// An import that is under way.
struct Running<'a> {
    app: &'a App,
    on_conflict: OnConflict,
    is_dry_run: bool,
    report: Option<File>,
    /// Counts the bytes that were read. Drawn on a terminal only.
    progress: ProgressBar,
    /// The names and addresses so far, which a dry run does not find in the database.
    seen: HashSet<String>,
    imported: usize,
    skipped: usize,
    refused: usize,
}

impl<'a> Running<'a> {
    fn begin(app: &'a App, command: &Import, size: u64) -> Result<Self, Error> {
        let create = |path: &Path| File::create(path).map_err(Error::Output);
        let on_conflict = match command.on_conflict {
            ImportConflict::Reject => OnConflict::Reject,
            ImportConflict::Skip => OnConflict::Skip,
        };
        Ok(Self {
            app,
            on_conflict,
            is_dry_run: command.dry_run,
            report: command.report.as_deref().map(create).transpose()?,
            progress: ProgressBar::new(size).with_style(style()),
            seen: HashSet::new(),
            imported: 0,
            skipped: 0,
            refused: 0,
        })
    }

    /// The user of a row, unless the row is invalid or repeats another one.
    fn accept(&mut self, row: Row) -> Result<Option<(u64, ImportedUser)>, Error> {
        let user = match row.user {
            Ok(user) => user,
            Err((field, reason)) => return self.refuse(row.line, &field, &reason).map(|()| None),
        };
        let email = user.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        let email = email.map(|email| ("email", format!("email {}", email.key())));
        let name = ("username", format!("name {}", username::canonical(&user.username)));
        let id = user.id.as_ref().map(|id| ("id", format!("id {id}")));
        for (field, value) in [Some(name), email, id].into_iter().flatten() {
            if !self.seen.insert(value) {
                let reason = format!("Another row of the file has this `{field}`.");
                return self.refuse(row.line, field, &reason).map(|()| None);
            }
        }
        Ok(Some((row.line, user)))
    }

    async fn insert(&mut self, batch: Vec<(u64, ImportedUser)>) -> Result<(), Error> {
        let (lines, users): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let accounts = &self.app.accounts;
        let done = Box::pin(accounts.import_users_by_operator(users, self.on_conflict, self.is_dry_run)).await?;
        self.imported += done.users.len();
        self.skipped += done.skipped.len();
        for place in done.skipped {
            self.write(&json!({ "line": lines[place], "outcome": "skipped", "reason": "The user exists." }))?;
        }
        for (place, problems) in done.refused {
            let texts: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
            let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_ref()).collect();
            self.refuse(lines[place], &fields.join(", "), &texts.join(" "))?;
        }
        self.progress.set_message(self.summary());
        Ok(())
    }

    fn refuse(&mut self, line: u64, field: &str, reason: &str) -> Result<(), Error> {
        self.refused += 1;
        if self.report.is_none() {
            self.progress.suspend(|| print_line(&sanitized(&format!("line {line}: {field}: {reason}"))));
        }
        self.write(&json!({ "line": line, "outcome": "refused", "field": field, "reason": reason }))
    }

    fn write(&mut self, entry: &serde_json::Value) -> Result<(), Error> {
        let Some(report) = &mut self.report else { return Ok(()) };
        report.write_all(output::json_line(entry).as_bytes()).map_err(Error::Output)
    }

    fn summary(&self) -> String {
        let Self { imported, skipped, refused, .. } = self;
        format!("imported: {imported}, skipped: {skipped}, refused: {refused}")
    }

    fn end(self) -> Result<bool, Error> {
        self.progress.finish_and_clear();
        let note = if self.is_dry_run { " (dry run: nothing was changed)" } else { "" };
        output::print(&format!("{}{note}\n", self.summary()))?;
        Ok(self.refused == 0)
    }
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{percent:>3} % [{bar:30}] {eta} left   {msg}");
    style.expect("the template is valid")
}
