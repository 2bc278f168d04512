//! `fieldguard doctor`: looks at a deployment and its running server, and says what to do. It changes nothing. Each
//! module is one check, which answers with a finding.

mod administrators;
mod certificate;
mod clock;
mod database;
mod descriptors;
mod disk;
mod files;
mod keys;
mod mail;
mod memory;
mod proxy;
mod server;

use serde_json::{Value, json};

use super::output;
use crate::{
    accounts::clock::Clock,
    app::{Error, database::connect_if_present},
    cli::{Doctor, ListFormat},
    config::Config,
    store::{Store, presence},
};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    /// The server works, but something may harm it soon or in some case.
    Warning,
    /// The server does not work or does not start, or secrets are in danger.
    Problem,
}

/// What a check found, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    check: &'static str,
    status: Status,
    message: String,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, message: message.into() }
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: Status::Warning, message: message.into() }
    }

    fn problem(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: Status::Problem, message: message.into() }
    }
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// Runs all checks and prints them. Returns whether there is a problem.
pub(super) async fn run(config: &Config, doctor: &Doctor) -> Result<bool, Error> {
    let mut findings = files::check(config);
    findings.extend(certificate::check(config, Clock::System.now()));
    let known = match connect_if_present(config).await {
        Err(error) => {
            findings.push(Finding::problem("database", error.to_string()));
            None
        }
        Ok(None) => {
            findings
                .push(Finding::problem("database", "there is none yet; run `fieldguard migrate` or start the server"));
            None
        }
        Ok(Some(store)) => {
            let known = look_into(config, &store, &mut findings).await;
            store.close().await;
            known
        }
    };
    let process = presence::running_server(&config.database()).and_then(|server| server.process);
    findings.extend(disk::check(config));
    findings.push(descriptors::check(config, process));
    findings.push(memory::check(config, process));
    findings.push(proxy::check(config));
    findings.push(mail::check(config));
    findings.extend(server::check(config, doctor.url.as_deref(), known.as_ref()).await);
    print(&findings, doctor.format)?;
    Ok(findings.iter().any(|finding| finding.status == Status::Problem))
}

/// What the database says that a server of the deployment must say, too.
struct Known {
    issuer: Option<String>,
    signing_kid: Option<String>,
}

/// The checks of an open database. `None` if its content cannot be read.
async fn look_into(config: &Config, store: &Store, findings: &mut Vec<Finding>) -> Option<Known> {
    findings.extend(database::check(config, store).await);
    // Another schema may lack what the next checks read.
    if findings.iter().any(|finding| finding.check == "migrations" && finding.status != Status::Ok) {
        return None;
    }
    findings.push(clock::check(store).await);
    findings.push(administrators::check(store).await);
    let (key, signing_kid) = keys::check(config, store).await;
    findings.push(key);
    let issuer = crate::store::deployment::issuer(store).await.ok().flatten();
    Some(Known { issuer, signing_kid })
}

fn print(findings: &[Finding], format: ListFormat) -> Result<(), Error> {
    if format == ListFormat::Json {
        return output::print_json(&findings.iter().map(as_json).collect::<Value>());
    }
    output::print(&output::aligned(&findings.iter().map(as_row).collect::<Vec<_>>()))
}

fn as_row(finding: &Finding) -> Vec<&str> {
    vec![finding.status.name(), finding.check, &finding.message]
}

fn as_json(finding: &Finding) -> Value {
    json!({ "check": finding.check, "status": finding.status.name(), "message": finding.message })
}
