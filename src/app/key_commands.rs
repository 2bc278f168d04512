//! `fieldguard keys …`: carries out what was asked and prints the answer. It works where no server could start, since the
//! key may be why.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{Error, connect, keys::keyring};
use crate::{
    accounts::{
        clock::Clock,
        keyring::{Listed, State},
    },
    cli::{Keys, ListFormat},
    config::Config,
};

pub(super) async fn run(config: &Config, command: Keys) -> Result<(), Error> {
    let store = connect(config).await?;
    store.migrate().await?;
    let (keys, now) = (keyring(config, &store)?, Clock::System.now());
    match command {
        Keys::List { format } => print(&keys.list(now).await?, format),
        Keys::Rotate => {
            let rotated = keys.rotate(now).await?;
            println!("{} signs from now on.", rotated.kid);
            if let Some((former, until)) = rotated.former {
                println!("{former} verifies until {}.", text(until));
            }
        }
        Keys::Retire { kid } => {
            keys.retire(&kid, now).await?;
            println!("{kid} is retired.");
        }
    }
    Ok(store.close().await?)
}

fn print(keys: &[Listed], format: ListFormat) {
    match format {
        ListFormat::Table => {
            for key in keys {
                let created = key.created_at.map_or_else(|| "-".to_owned(), text);
                println!("{:<43}  {:<5}  {:<20}  {}", key.kid, key.algorithm, created, state(key.state));
            }
        }
        ListFormat::Json => println!("{:#}", keys.iter().map(as_json).collect::<Value>()),
    }
}

fn state(state: State) -> String {
    match state {
        State::Signing => "signing".to_owned(),
        State::Verifying(until) => format!("verifying until {}", text(until)),
        State::Retired(_) => "retired".to_owned(),
    }
}

fn as_json(key: &Listed) -> Value {
    let (state, until, retired_at) = match key.state {
        State::Signing => ("signing", None, None),
        State::Verifying(until) => ("verifying", Some(until), None),
        State::Retired(at) => ("retired", None, Some(at)),
    };
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "createdAt": key.created_at,
        "state": state,
        "verifiesUntil": until,
        "retiredAt": retired_at,
    })
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
