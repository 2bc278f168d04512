//! Sends webhook events over HTTP, one request for each attempt, signed as the Standard Webhooks specification says. It
//! stores nothing; [`crate::app`] decides what is sent and when.

pub mod addresses;
mod resolver;

use std::{net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard_guard::cause::chain;
use reqwest::{
    Client, Response, Url,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};

use self::{
    addresses::AddressRule,
    resolver::{BlockedAddress, Resolver},
};
use crate::{
    auth::webhook_key::WebhookKey,
    domain::webhook_event::{DeliveryFailure, Outcome},
    http_client,
};

/// How much of an answer is read. The rest does not matter, but a connection whose answer was read can be used again.
const ANSWER_BYTES: usize = 16_384;

/// How long a connection is kept for the next event.
const IDLE: Duration = Duration::from_secs(30);

const USER_AGENT: &str = concat!("fieldguard/", env!("CARGO_PKG_VERSION"));

/// The receiver of webhooks.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where events are sent.
    pub url: Url,
    /// The keys that sign: the current one, and the previous one while it is replaced.
    pub keys: Vec<WebhookKey>,
    /// Whether it may have a private address.
    pub allows_private: bool,
    /// The maximum time of one attempt.
    pub timeout: Duration,
}

/// Sends events to the receiver. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sender {
    receiver: Arc<Receiver>,
    rule: Option<AddressRule>,
    client: Client,
}

/// An answer of the receiver, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What counts for the event.
    pub outcome: Outcome,
    /// The beginning of the body.
    pub body: Vec<u8>,
    /// The cause of a failure, for an operator.
    pub cause: String,
}

impl Sender {
    /// Prepares a client. It follows no redirects and no proxies: both would lead to unchecked addresses.
    ///
    /// # Errors
    ///
    /// If the machine has no certificates of authorities, which TLS needs.
    pub fn new(receiver: Receiver) -> Result<Self, reqwest::Error> {
        let is_https = receiver.url.scheme() == "https";
        let rule = AddressRule::new(is_https, receiver.allows_private);
        let client = http_client::builder(is_https)
            .http1_only()
            .user_agent(USER_AGENT)
            .timeout(receiver.timeout)
            .pool_idle_timeout(IDLE)
            .dns_resolver(Resolver(rule.unwrap_or(AddressRule::Public)));
        Ok(Self { receiver: Arc::new(receiver), rule, client: client.build()? })
    }

    /// Makes one attempt to deliver the event `id` at `now`.
    pub async fn send(&self, id: &str, payload: String, now: DateTime<Utc>) -> Answer {
        if !self.may_connect() {
            let cause = BlockedAddress.to_string();
            return Answer { cause, ..failed(DeliveryFailure::BlockedAddress) };
        }
        let timestamp = now.timestamp();
        let keys = self.receiver.keys.iter();
        let signatures: Vec<_> = keys.map(|key| key.sign(id, timestamp, &payload)).collect();
        let request = self
            .client
            .post(self.receiver.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures.join(" "))
            .body(payload);
        match request.send().await {
            Ok(response) => read(response, now).await,
            Err(error) => {
                let failure = failure(&error);
                Answer { cause: chain(&error.without_url()), ..failed(failure) }
            }
        }
    }

    /// Whether the URL may be used. An address in it is not resolved, and so not checked later.
    fn may_connect(&self) -> bool {
        let Some(rule) = self.rule else { return false };
        literal(&self.receiver.url).is_none_or(|address| rule.allows(address))
    }
}

/// The IP address in a URL that has one in place of a name.
#[must_use]
pub fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_matches(['[', ']']).parse().ok()
}

async fn read(mut response: Response, now: DateTime<Utc>) -> Answer {
    let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers(), now));
    let mut body = Vec::new();
    // The status decides, whatever happens to the rest.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            break;
        }
    }
    Answer { outcome: Outcome::Answered { status, retry_after }, body, cause: String::new() }
}

/// The wait in `Retry-After` (RFC 9110, section 10.2.3): seconds or a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    match text.parse::<u32>() {
        Ok(seconds) => Some(TimeDelta::seconds(seconds.into())),
        Err(_) => Some(DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc) - now),
    }
}

fn failure(error: &reqwest::Error) -> DeliveryFailure {
    if resolver::is_blocked(error) {
        DeliveryFailure::BlockedAddress
    } else if error.is_timeout() {
        DeliveryFailure::Timeout
    } else if error.is_connect() {
        DeliveryFailure::Connection
    } else {
        DeliveryFailure::Request
    }
}

const fn failed(failure: DeliveryFailure) -> Answer {
    Answer { outcome: Outcome::Failed(failure), body: Vec::new(), cause: String::new() }
}
