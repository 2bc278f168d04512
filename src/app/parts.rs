//! Converts the settings to the configuration types of each layer.

use std::{num::NonZero, thread::available_parallelism};

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard_api::settings;
use lettre::message::Mailbox;

use crate::{
    accounts::{Policy, WebhookPolicy, mail::MailPolicy},
    auth::{hasher::HashSettings, token::TokenSettings},
    config::{self, Config, Introspection, MailDelivery, Registration, SmtpTls},
    domain::{
        password::PasswordPolicy,
        reserved_names::ReservedNames,
        role::RoleName,
        webhook_event::{EventTypes, RetryPolicy},
    },
    mail,
    webhooks::Receiver,
};

/// How long the outcome of an attempt to deliver a webhook event or a mail may take to be stored.
const SETTLING: TimeDelta = TimeDelta::seconds(10);

pub(super) fn graphql(config: &Config, started_at: DateTime<Utc>) -> settings::Settings {
    let Config { limits, password, .. } = config;
    settings::Settings {
        version: env!("CARGO_PKG_VERSION"),
        started_at,
        registration_open: config.registration == Registration::Open,
        sign_in_with_email: config.account.sign_in_with_email,
        mail_enabled: config.mail_delivery() != MailDelivery::Off,
        password_min_characters: password.min_characters,
        password_max_characters: password.max_characters,
        introspection: match config.introspection {
            Introspection::Off => settings::Introspection::Off,
            Introspection::Role => settings::Introspection::Role,
            Introspection::Full => settings::Introspection::Full,
        },
        limits: limits.documents,
        registrations_per_hour: limits.registrations_per_hour,
    }
}

pub(super) fn hashing(config: &Config) -> HashSettings {
    let hash = &config.hash;
    // One core stays free for other requests: hashing threads on every core would delay them even at a low priority,
    // because on a busy machine the system schedules the process as a whole.
    let spared = |cores: NonZero<usize>| NonZero::new(cores.get() - 1);
    let threads = NonZero::new(hash.threads).or_else(|| available_parallelism().ok().and_then(spared));
    HashSettings {
        memory_kib: hash.memory_kib,
        iterations: hash.iterations,
        parallelism: hash.parallelism,
        threads: threads.map_or(1, NonZero::get),
        queue: hash.queue,
    }
}

pub(super) fn tokens(config: &Config, issuer: String) -> TokenSettings {
    TokenSettings {
        issuer,
        audience: config.token.audience.as_str().to_owned(),
        lifetime: delta(config.token.lifetime),
    }
}

pub(super) fn policy(config: &Config) -> Policy {
    let password = &config.password;
    Policy {
        registration_open: config.registration == Registration::Open,
        sign_in_with_email: config.account.sign_in_with_email,
        second_factor_roles: config
            .sign_in
            .require_second_factor_for
            .iter()
            .map(|name| RoleName::from_stored(name.to_owned()))
            .collect(),
        password: PasswordPolicy { min_characters: password.min_characters, max_characters: password.max_characters },
        reset_lifetime: delta(password.reset_lifetime),
        deletion_grace: delta(config.account.deletion_grace),
        reserved_names: ReservedNames::with(config.account.reserved_names.iter()),
        registrations_per_hour: config.limits.registrations_per_hour,
        session_idle: delta(config.session.idle),
        session_lifetime: delta(config.session.lifetime),
        session_limit: config.session.limit,
        refresh_grace: delta(config.session.refresh_grace),
        audit_retention: config.audit.retention.0.map(delta),
        claims: config.token.claims.0.clone(),
        webhooks: receiver(config).map(|receiver| WebhookPolicy {
            retry: RetryPolicy { retry_for: delta(config.webhooks.retry_for) },
            lease: delta(receiver.timeout) + SETTLING,
            retention: delta(config.webhooks.retention),
        }),
        mail: (config.mail_delivery() != MailDelivery::Off)
            .then(|| MailPolicy { lease: delta(config.mail.timeout) + SETTLING }),
    }
}

/// The receiver of webhooks, if there is one.
pub(super) fn receiver(config: &Config) -> Option<Receiver> {
    let webhooks = &config.webhooks;
    let (url, secret) = (webhooks.url.as_ref()?, webhooks.secret.as_ref()?);
    Some(Receiver {
        url: url.as_url().clone(),
        keys: std::iter::once(secret).chain(&webhooks.previous_secret).map(|secret| secret.key().clone()).collect(),
        allows_private: webhooks.allow_private_addresses,
        timeout: webhooks.timeout,
    })
}

/// How mail is sent. `None` if the server sends none.
pub(super) fn mail(config: &Config) -> Option<mail::Settings> {
    let settings = &config.mail;
    let local = || Some(Mailbox::new(Some("Fieldguard".to_owned()), "fieldguard@localhost".parse().ok()?));
    let destination = match config.mail_delivery() {
        MailDelivery::Off => return None,
        MailDelivery::Files => mail::Destination::Files(config.mail_directory()),
        MailDelivery::Smtp => mail::Destination::Smtp(mail_server(&config.mail)?),
    };
    Some(mail::Settings {
        destination,
        from: settings.from.as_ref().map_or_else(local, |from| Some(from.as_mailbox().clone()))?,
        templates: settings.templates.clone(),
        links: mail::Links {
            reset_password: settings.reset_password_url.clone(),
            verify_email: settings.verify_email_url.clone(),
            undo_email_change: settings.undo_email_change_url.clone(),
        },
    })
}

fn mail_server(settings: &config::Mail) -> Option<mail::Server> {
    let (encryption, port) = match settings.smtp_tls {
        SmtpTls::Starttls => (mail::Encryption::Starttls, 587),
        SmtpTls::Tls => (mail::Encryption::Tls, 465),
        SmtpTls::None => (mail::Encryption::None, 25),
    };
    let credentials = settings.smtp_username.as_ref().zip(settings.smtp_password.as_ref());
    Some(mail::Server {
        host: settings.smtp_host.as_ref()?.as_str().to_owned(),
        port: settings.smtp_port.unwrap_or(port),
        encryption,
        credentials: credentials
            .map(|(username, password)| (username.as_str().to_owned(), password.expose().to_owned())),
        timeout: settings.timeout,
    })
}

/// The types of webhook events to record. `None` without a receiver.
pub(super) fn recorded_events(config: &Config) -> Option<EventTypes> {
    receiver(config).map(|_| config.webhooks.events.0.clone())
}

pub(super) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
