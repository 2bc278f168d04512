//! `fieldguard issuer …`: shows and changes the issuer. Works even if no server can start, since the issuer may be the
//! cause.

use super::output;
use crate::{
    accounts::clock::Clock,
    app::{
        Error,
        database::{self, Missing},
    },
    cli::Issuer,
    config::{Config, HttpUrl, Text},
    domain::{
        audit::{Action, Actor, Entry},
        session::Client,
    },
    store,
};

pub(super) async fn run(config: &Config, command: Issuer) -> Result<(), Error> {
    let store = database::open(config, Missing::Refuse).await?;
    match command {
        Issuer::Show => {
            let issuer = store::deployment::issuer(&store).await?;
            output::print(&issuer.map_or_else(String::new, |issuer| issuer + "\n"))?;
        }
        Issuer::Set { issuer } => {
            let issuer = spelled_as_settings(&issuer)?;
            let tx = store.write().await?;
            store::deployment::set_issuer(&tx, &issuer).await?;
            tx.note(Entry::new(Action::IssuerSet, Actor::Operator, &Client::default(), Clock::System.now()));
            tx.commit().await?;
            output::print(&format!("The issuer is {issuer}. Restart every server.\n"))?;
        }
    }
    store.close().await;
    Ok(())
}

/// Normalizes the issuer like `public_url` or `token.issuer`: without a slash at the end of an address.
fn spelled_as_settings(text: &str) -> Result<String, Error> {
    let url = text.parse::<HttpUrl>().map(|url| url.as_str().to_owned());
    url.or_else(|_| text.parse::<Text>().map(|text| text.as_str().to_owned())).map_err(Error::Issuer)
}
