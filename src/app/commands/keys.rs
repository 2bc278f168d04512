//! `fieldguard keys …`: lists, rotates and retires keys. Works even if no server can start, since the key may be the
//! cause.

use serde_json::{Value, json};

use super::output;
use crate::{
    accounts::{
        clock::Clock,
        keyring::{Listed, Rotated, Start, State},
    },
    app::{
        Error,
        database::{self, Missing},
        keys::keyring,
    },
    cli::{Keys, ListFormat},
    config::Config,
};

pub(super) async fn run(config: &Config, command: Keys) -> Result<(), Error> {
    let store = database::open(config, Missing::Refuse).await?;
    let keys = keyring(config, &store, Clock::System)?;
    match command {
        Keys::List { format } => print(&keys.list().await?, format)?,
        Keys::Rotate { now } => {
            let rotated = keys.rotate(if now { Start::AtOnce } else { Start::Announced }).await?;
            output::print(&rotation(&rotated, now))?;
        }
        Keys::Retire { kid } => {
            keys.retire(&kid).await?;
            output::print(&format!("{kid} is retired.\n"))?;
        }
    }
    store.close().await;
    Ok(())
}

fn rotation(rotated: &Rotated, now: bool) -> String {
    let from = if now { "now".to_owned() } else { output::time(rotated.signs_from) };
    let signs_until = if now { String::new() } else { "signs until then and ".to_owned() };
    let former = rotated.former.as_ref();
    let former = former.map(|(kid, until)| format!("{kid} {signs_until}verifies until {}.\n", output::time(*until)));
    format!("{} signs from {from} on.\n{}", rotated.kid, former.unwrap_or_default())
}

fn print(keys: &[Listed], format: ListFormat) -> Result<(), Error> {
    if format == ListFormat::Json {
        return output::print_json(&keys.iter().map(as_json).collect::<Value>());
    }
    let row = |key: &Listed| {
        let created = key.created_at.map_or_else(|| "-".to_owned(), output::time);
        output::line(&[key.kid.clone(), key.algorithm.clone(), created, state(key.state)], &[43, 5, 20])
    };
    output::print(&keys.iter().map(row).collect::<String>())
}

fn state(state: State) -> String {
    match state {
        State::Published(from) => {
            let from = from.map_or_else(String::new, |from| format!(", signs from {}", output::time(from)));
            format!("published{from}")
        }
        State::Signing => "signing".to_owned(),
        State::Verifying(until) => format!("verifying until {}", output::time(until)),
        State::Retired(_) => "retired".to_owned(),
    }
}

fn as_json(key: &Listed) -> Value {
    let (state, signs_from, until, retired_at) = match key.state {
        State::Published(from) => ("published", from, None, None),
        State::Signing => ("signing", None, None, None),
        State::Verifying(until) => ("verifying", None, Some(until), None),
        State::Retired(at) => ("retired", None, None, Some(at)),
    };
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "createdAt": key.created_at,
        "state": state,
        "signsFrom": signs_from,
        "verifiesUntil": until,
        "retiredAt": retired_at,
    })
}
