//! `fieldguard webhooks …`: lists and replays webhook events, and tests the receiver.

use serde_json::{Value, json};

use super::{Program, open, output};
use crate::{
    accounts::{clock::Clock, error::Error as AccountsError},
    app::{App, Error, parts},
    cli::{ListFormat, WebhookState, Webhooks},
    config::Config,
    domain::{
        id::WebhookEventId,
        page::{Direction, PageRequest},
        webhook_event::{Outcome, StoredWebhookEvent, WebhookState as State},
    },
    webhooks::Sender,
};

/// How many events are read at once.
const PAGE: u32 = 100;
/// How much of an answer is printed.
const SHOWN_BYTES: usize = 500;

pub(super) async fn run(config: Config, program: &Program, command: Webhooks) -> Result<(), Error> {
    match command {
        Webhooks::Test => test(&config).await,
        Webhooks::List { state, format } => {
            let states = match state {
                None => vec![State::Pending, State::Dead],
                Some(WebhookState::Pending) => vec![State::Pending],
                Some(WebhookState::Delivered) => vec![State::Delivered],
                Some(WebhookState::Dead) => vec![State::Dead],
            };
            list(&open(config, program).await?, &states, format).await
        }
        Webhooks::Replay { id: Some(id), .. } => replay(&open(config, program).await?, &id).await,
        Webhooks::Replay { id: None, .. } => {
            let replayed = open(config, program).await?.accounts.replay_dead_webhook_events().await?;
            output::print(&format!("Dead events queued for delivery: {replayed}.\n"))
        }
    }
}

async fn replay(app: &App, text: &str) -> Result<(), Error> {
    let unknown = || Error::UnknownWebhookEvent(text.escape_debug().to_string());
    let id = WebhookEventId::parse(text).ok_or_else(unknown)?;
    match app.accounts.replay_webhook_event_by_operator(id).await {
        Err(AccountsError::NotFound(_)) => return Err(unknown()),
        other => other?,
    }
    output::print(&format!("{id} is queued for delivery.\n"))
}

async fn list(app: &App, states: &[State], format: ListFormat) -> Result<(), Error> {
    let header = ["id", "state", "type", "user", "attempts", "last answer", "next attempt"];
    let mut list = output::List::begin(format, &header, &[36, 9, 23, 36, 8, 15])?;
    for state in states {
        let mut before = None;
        loop {
            let page = PageRequest { size: PAGE, direction: Direction::Forward, after: before, before: None };
            let page = app.accounts.webhook_events(Some(*state), page).await?;
            list.print(page.items.iter().map(|event| (cells(event), as_json(event))))?;
            before = page.items.last().map(|event| event.event.id.uuid());
            if !page.has_next {
                break;
            }
        }
    }
    list.end()
}

fn cells(stored: &StoredWebhookEvent) -> Vec<String> {
    let StoredWebhookEvent { event, state, attempts, next_attempt_at, last_status, last_error, .. } = stored;
    let answer = last_status.map(|status| status.to_string()).or_else(|| last_error.clone());
    vec![
        event.id.to_string(),
        state.as_str().to_owned(),
        event.event_type.as_str().to_owned(),
        event.user.to_string(),
        attempts.to_string(),
        answer.unwrap_or_else(|| "-".to_owned()),
        next_attempt_at.map_or_else(|| "-".to_owned(), output::time),
    ]
}

fn as_json(stored: &StoredWebhookEvent) -> Value {
    let event = &stored.event;
    json!({
        "id": event.id.to_string(),
        "state": stored.state.as_str(),
        "type": event.event_type.as_str(),
        "userId": event.user.to_string(),
        "occurredAt": event.occurred_at,
        "attempts": stored.attempts,
        "nextAttemptAt": stored.next_attempt_at,
        "settledAt": stored.settled_at,
        "lastStatus": stored.last_status,
        "lastError": stored.last_error,
    })
}

/// Sends an event that tells nothing.
async fn test(config: &Config) -> Result<(), Error> {
    let receiver = parts::receiver(config).ok_or(Error::NoReceiver)?;
    let sender = Sender::new(receiver).map_err(Error::Webhooks)?;
    let now = Clock::System.now();
    let payload = json!({ "type": "webhook.test", "timestamp": now, "data": {} }).to_string();
    let answer = sender.send(&WebhookEventId::new(now).to_string(), payload, now).await;
    let text = match answer.outcome {
        Outcome::Failed(failure) => return Err(Error::NoAnswer(failure.as_str(), answer.cause)),
        Outcome::Answered { status, .. } => {
            format!("The receiver answered with status {status}.\n{}", shown(&answer.body))
        }
    };
    output::print(&text)?;
    if answer.outcome.is_success() { Ok(()) } else { Err(Error::WebhookRefused) }
}

/// The beginning of the answer, each line without characters that a terminal would obey.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]);
    text.lines().map(|line| output::line(&[line], &[])).collect()
}
