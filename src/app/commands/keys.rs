//! `fieldguard keys …`: carries out what was asked and prints the answer. It works where no server could start, since the
//! key may be why.

use serde_json::{Value, json};

use super::output;
use crate::{
    accounts::{
        clock::Clock,
        keyring::{Listed, State},
    },
    app::{Error, connect, keys::keyring},
    cli::{Keys, ListFormat},
    config::Config,
};

pub(super) async fn run(config: &Config, command: Keys) -> Result<(), Error> {
    let store = connect(config).await?;
    store.migrate().await?;
    let (keys, now) = (keyring(config, &store)?, Clock::System.now());
    match command {
        Keys::List { format } => print(&keys.list(now).await?, format)?,
        Keys::Rotate => {
            let rotated = keys.rotate(now).await?;
            let former = rotated.former.map(|(kid, until)| format!("{kid} verifies until {}.\n", output::time(until)));
            output::print(&format!("{} signs from now on.\n{}", rotated.kid, former.unwrap_or_default()))?;
        }
        Keys::Retire { kid } => {
            keys.retire(&kid, now).await?;
            output::print(&format!("{kid} is retired.\n"))?;
        }
    }
    store.close().await;
    Ok(())
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
        State::Signing => "signing".to_owned(),
        State::Verifying(until) => format!("verifying until {}", output::time(until)),
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
