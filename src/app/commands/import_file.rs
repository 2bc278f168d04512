//! Reads the users of a file for `users import`: JSON Lines, or CSV with a header. Messages never repeat a value, which
//! may be a password or a hash.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::{
    accounts::import_users::ImportedUser,
    app::Error,
    domain::{edit::Edit, profile::ProfileDraft},
};

/// A row of the file: the line where it begins, and the user or the field that is wrong and why.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) user: Result<ImportedUser, Fault>,
}

/// A field and what is wrong with it.
pub(super) type Fault = (String, String);

/// The rows of the file at `path`, in order.
pub(super) fn rows<R: Read + 'static>(
    path: &Path,
    file: R,
) -> Result<Box<dyn Iterator<Item = Result<Row, Error>>>, Error> {
    let name = path.display().to_string();
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if is_csv { csv_rows(name, file) } else { Ok(Box::new(json_rows(name, file))) }
}

fn json_rows(name: String, file: impl Read) -> impl Iterator<Item = Result<Row, Error>> {
    let lines = (1..).zip(BufReader::new(file).lines());
    let lines = lines.filter(|(_, text)| !text.as_ref().is_ok_and(|text| text.trim().is_empty()));
    lines.map(move |(line, text)| {
        let text = text.map_err(|error| Error::Unreadable(name.clone(), error))?;
        let object: Result<Map<String, Value>, _> = serde_json::from_str(text.trim_start_matches('\u{feff}'));
        let object = object.map_err(|_| (String::new(), "The line is not a JSON object.".to_owned()));
        Ok(Row { line, user: object.and_then(user) })
    })
}

fn csv_rows<R: Read + 'static>(name: String, file: R) -> Result<Box<dyn Iterator<Item = Result<Row, Error>>>, Error> {
    let failed = move |error: csv::Error| {
        let place = error.position().map_or_else(|| "the header".to_owned(), |place| format!("line {}", place.line()));
        Error::ImportFile(name.clone(), format!("{place} is not CSV in UTF-8 with as many fields as the header"))
    };
    let mut reader = csv::Reader::from_reader(file);
    let header = reader.headers().map_err(&failed)?.clone();
    Ok(Box::new(reader.into_records().map(move |record| {
        let record = record.map_err(&failed)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = header.iter().zip(&record).filter(|(_, text)| !text.is_empty());
        let object: Result<Map<_, _>, _> = cells.map(|(field, text)| cell(field, text)).collect();
        Ok(Row { line, user: object.and_then(user) })
    })))
}

/// The value of a cell as JSON has it.
fn cell(field: &str, text: &str) -> Result<(String, Value), Fault> {
    let field = field.trim_start_matches('\u{feff}').trim();
    let value = match field {
        "roles" => text.split_whitespace().collect::<Value>(),
        "disabled" | "emailVerified" => {
            Value::Bool(text.parse().map_err(|_| fault(field, "must be `true` or `false`"))?)
        }
        "metadata" | "adminMetadata" => {
            serde_json::from_str(text).map_err(|_| fault(field, "must be a JSON object"))?
        }
        _ => Value::from(text),
    };
    Ok((field.to_owned(), value))
}

fn user(mut object: Map<String, Value>) -> Result<ImportedUser, Fault> {
    let fields = &mut object;
    let user = ImportedUser {
        id: text(fields, "id")?,
        username: text(fields, "username")?.ok_or_else(|| fault("username", "is missing"))?,
        email: text(fields, "email")?,
        email_verified: flag(fields, "emailVerified")?,
        password_hash: text(fields, "passwordHash")?,
        totp_secret: text(fields, "totpSecret")?,
        roles: texts(fields, "roles")?,
        created_at: time(fields, "createdAt")?,
        disabled: flag(fields, "disabled")?,
        profile: profile(fields)?,
    };
    match object.keys().next() {
        Some(unknown) => Err(fault(unknown, "is not a field of a user")),
        None => Ok(user),
    }
}

fn profile(fields: &mut Map<String, Value>) -> Result<ProfileDraft, Fault> {
    let edit = |text: Option<String>| text.map_or(Edit::Keep, Edit::Set);
    Ok(ProfileDraft {
        display_name: edit(text(fields, "displayName")?),
        locale: edit(text(fields, "locale")?),
        time_zone: edit(text(fields, "timeZone")?),
        avatar_url: edit(text(fields, "avatarUrl")?),
        metadata: present(fields, "metadata").map_or(Edit::Keep, Edit::Set),
        admin_metadata: present(fields, "adminMetadata").map_or(Edit::Keep, Edit::Set),
    })
}

/// Takes a value that is there and not null.
fn present(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    fields.remove(name).filter(|value| !value.is_null())
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match present(fields, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(fault(name, "must be a string")),
    }
}

fn texts(fields: &mut Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Fault> {
    let value = present(fields, name).map(serde_json::from_value).transpose();
    value.map_err(|_| fault(name, "must be a list of strings"))
}

fn time(fields: &mut Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, Fault> {
    let value = present(fields, name).map(serde_json::from_value).transpose();
    value.map_err(|_| fault(name, "must be a time such as `2024-05-01T00:00:00Z`"))
}

fn flag(fields: &mut Map<String, Value>, name: &str) -> Result<bool, Fault> {
    let value = present(fields, name).map(serde_json::from_value).transpose();
    value.map(Option::unwrap_or_default).map_err(|_| fault(name, "must be `true` or `false`"))
}

fn fault(field: &str, what: &str) -> Fault {
    (field.to_owned(), format!("`{field}` {what}."))
}
