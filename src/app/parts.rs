//! Converts the settings to the configuration types of each layer.

use std::{num::NonZero, thread::available_parallelism};

use chrono::{DateTime, TimeDelta, Utc};
use fieldguard_api::settings;

use crate::{
    accounts::Policy,
    auth::{hasher::HashSettings, token::TokenSettings},
    config::{Config, Introspection, Limits, Registration},
    domain::{password::PasswordPolicy, reserved_names::ReservedNames},
};

/// What documents are held to.
pub(super) const fn documents(limits: &Limits) -> settings::Limits {
    settings::Limits {
        body_bytes: limits.body_bytes,
        document_bytes: limits.document_bytes,
        nesting: limits.nesting,
        set_nesting: limits.set_nesting,
        depth: limits.depth,
        selections: limits.selections,
        merging: limits.merging,
        complexity: limits.complexity,
        aliases: limits.aliases,
        root_fields: limits.root_fields,
        directives: limits.directives,
        variable_nesting: limits.variable_nesting,
        page_size: limits.page_size,
        execution: limits.execution,
        answer_bytes: limits.answer_bytes,
        errors: limits.errors,
    }
}

pub(super) fn graphql(config: &Config, started_at: DateTime<Utc>) -> settings::Settings {
    let Config { limits, password, .. } = config;
    settings::Settings {
        version: env!("CARGO_PKG_VERSION"),
        started_at,
        registration_open: config.registration == Registration::Open,
        sign_in_with_email: config.account.sign_in_with_email,
        password_min_characters: password.min_characters,
        password_max_characters: password.max_characters,
        introspection: match config.introspection {
            Introspection::Off => settings::Introspection::Off,
            Introspection::Role => settings::Introspection::Role,
            Introspection::Full => settings::Introspection::Full,
        },
        limits: documents(limits),
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
    }
}

pub(super) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_have_the_same_defaults_on_both_sides() {
        let shown = graphql(&Config::default(), DateTime::UNIX_EPOCH);
        assert_eq!(shown.limits, settings::Limits::default());
    }
}
