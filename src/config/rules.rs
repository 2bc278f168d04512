//! Rules between settings. [`super::table`] has the bounds of each setting.

use super::choice::{Algorithm, ClientAddress, SameSite, SmtpTls};
use super::error::Problem;
use super::mail::is_this_machine;
use super::value::Value as _;
use super::{Config, Endpoint, HttpUrl, MailLink, duration};
use crate::domain::role::RoleName;
use crate::store::Location;
use crate::webhooks::{addresses::AddressRule, literal};

/// The problems between settings that are each valid.
pub(super) fn violations(config: &Config) -> Vec<Problem> {
    let found = [
        listen(config),
        tls(config),
        tls_address(config),
        metrics(config),
        client_address(config),
        same_site(config),
        token(config),
        session(config),
        password(config),
        second_factor(config),
        otlp(config),
        admin(config),
        webhooks(config),
        mail(config),
    ];
    found.into_iter().flatten().map(|(path, reason)| config.problem(path, reason)).collect()
}

type Violation = Option<(&'static str, String)>;

/// Clients can't use a listening address such as `0.0.0.0`, and a proxy has its own address. Without TLS, anyone on the
/// network path can read passwords and tokens.
fn listen(config: &Config) -> Violation {
    if config.listens_on_loopback() {
        return None;
    }
    let needed = match &config.public_url {
        Some(url) if url.is_https() || config.insecure_http => return None,
        None if config.speaks_tls() => {
            "needs `public_url`, the address that clients use: set `public_url = \"https://id.example.org\"`"
        }
        None if config.insecure_http => {
            "needs `public_url`, the address that clients use: set `public_url = \"http://id.example.org\"`"
        }
        _ => {
            "would carry passwords and tokens over plain HTTP: put a TLS proxy in front of the server and set its \
 address, such as `public_url = \"https://id.example.org\"`, or set `tls.certificate`, or accept the risk and set \
 `insecure_http = true` and an `http://` address in `public_url`"
        }
    };
    let listen = config.listen.show().unwrap_or_default();
    Some(("listen", format!("= \"{listen}\" can be reached from other machines and {needed}")))
}

/// A certificate that no client sees is a mistake that would otherwise go unnoticed.
fn tls(config: &Config) -> Violation {
    match (&config.tls.certificate, &config.tls.key) {
        (Some(_), None) => Some(("tls.certificate", "needs `tls.key`, which is not set".to_owned())),
        (None, Some(_)) => Some(("tls.key", "needs `tls.certificate`, which is not set".to_owned())),
        (Some(_), Some(_)) if config.listen.as_slice().iter().all(Endpoint::is_unix) => {
            Some(("tls.certificate", "is not used, because a Unix socket has no TLS; remove it".to_owned()))
        }
        _ => None,
    }
}

fn tls_address(config: &Config) -> Violation {
    let url = config.public_url.as_ref().filter(|url| config.speaks_tls() && !url.is_https())?;
    let reason = format!("= \"{}\" must begin with `https://`, because `tls.certificate` is set", url.as_str());
    Some(("public_url", reason))
}

fn metrics(config: &Config) -> Violation {
    (config.metrics == Some(true) && config.metrics_listen.is_some()).then(|| {
        (
            "metrics",
            "= true is for the addresses of `listen`, and `metrics_listen` is set; remove one of them".to_owned(),
        )
    })
}

fn client_address(config: &Config) -> Violation {
    let word = config.client_address.as_str();
    let is_unused = config.client_address != ClientAddress::default() && config.trusted_proxies.as_slice().is_empty();
    is_unused.then(|| ("client_address", format!("= \"{word}\" needs `trusted_proxies`, the addresses of the proxies")))
}

/// Browsers accept such cookies over TLS only, and on the machine itself.
fn same_site(config: &Config) -> Violation {
    let is_secure = config.public_url.as_ref().map_or_else(|| config.listens_on_loopback(), HttpUrl::is_https);
    (config.session.same_site == SameSite::None && !is_secure)
        .then(|| ("session.same_site", "= \"none\" needs TLS: set an `https://` address in `public_url`".to_owned()))
}

/// A configured key that is not used is a mistake that would otherwise go unnoticed.
fn token(config: &Config) -> Violation {
    let token = &config.token;
    match (token.algorithm, &token.key_file, &token.secret) {
        (Algorithm::Hs256, Some(_), _) => Some((
            "token.key_file",
            "is not used with HS256, whose key is `token.secret`; remove one of them".to_owned(),
        )),
        (Algorithm::Hs256, None, None) => {
            Some(("token.algorithm", "= \"HS256\" needs `token.secret`, which is not set".to_owned()))
        }
        (Algorithm::Hs256, None, Some(_)) | (_, _, None) => None,
        (other, _, Some(_)) => {
            Some(("token.secret", format!("is the key of HS256 and not used with {}; remove it", other.as_str())))
        }
    }
}

fn session(config: &Config) -> Violation {
    let (idle, lifetime) = (config.session.idle, config.session.lifetime);
    (idle > lifetime).then(|| {
        let reason = format!(
            "= \"{}\" must not be longer than `session.lifetime`, {}",
            duration::show(idle),
            duration::show(lifetime)
        );
        ("session.idle", reason)
    })
}

fn password(config: &Config) -> Violation {
    let (min, max) = (config.password.min_characters, config.password.max_characters);
    (min > max)
        .then(|| ("password.min_characters", format!("= {min} must not be more than `password.max_characters`, {max}")))
}

/// A requirement that no one can meet would lock users out, and one for a misspelled role would protect no one.
fn second_factor(config: &Config) -> Violation {
    let roles = &config.sign_in.require_second_factor_for;
    if let Some(name) = roles.iter().find(|name| RoleName::parse(name).is_err()) {
        let reason = format!("has the name \"{name}\", and role names have lower-case letters, digits, `-` and `_`");
        return Some(("sign_in.require_second_factor_for", reason));
    }
    let has_no_key = config.encryption.key.is_none() && matches!(config.database(), Location::Postgres(_));
    (has_no_key && roles.iter().next().is_some()).then(|| {
        let reason = "needs `encryption.key` with PostgreSQL; create one with `openssl rand -base64 32`";
        ("sign_in.require_second_factor_for", reason.to_owned())
    })
}

/// Headers without an endpoint are a mistake that would otherwise go unnoticed.
fn otlp(config: &Config) -> Violation {
    let is_unused = config.otlp.headers.is_some() && config.otlp.endpoint.is_none();
    is_unused.then(|| ("otlp.headers", "needs `otlp.endpoint`, which is not set".to_owned()))
}

fn webhooks(config: &Config) -> Violation {
    let webhooks = &config.webhooks;
    let Some(url) = &webhooks.url else {
        let secrets = [("webhooks.secret", &webhooks.secret), ("webhooks.previous_secret", &webhooks.previous_secret)];
        let unused = secrets.into_iter().find(|(_, secret)| secret.is_some());
        return unused.map(|(path, _)| (path, "needs `webhooks.url`, which is not set".to_owned()));
    };
    if webhooks.secret.is_none() {
        return Some(("webhooks.url", "needs `webhooks.secret`, which is not set".to_owned()));
    }
    let url = url.as_url();
    let Some(rule) = AddressRule::new(url.scheme() == "https", webhooks.allow_private_addresses) else {
        let reason = "must be an `https://` address, or set `webhooks.allow_private_addresses = true` for a receiver on a \
                      private network";
        return Some(("webhooks.url", reason.to_owned()));
    };
    let is_refused = literal(url).is_some_and(|address| !rule.allows(address));
    is_refused.then(|| {
        let reason = match rule {
            AddressRule::Private => "has a public address and must be an `https://` address",
            _ => "has a private address: set `webhooks.allow_private_addresses = true` if that is intended",
        };
        ("webhooks.url", reason.to_owned())
    })
}

/// Mails carry codes that open accounts, so they and the password of the mail server need TLS.
fn mail(config: &Config) -> Violation {
    let mail = &config.mail;
    match (&mail.smtp_username, &mail.smtp_password) {
        (Some(_), None) => {
            return Some(("mail.smtp_username", "needs `mail.smtp_password`, which is not set".to_owned()));
        }
        (None, Some(_)) => {
            return Some(("mail.smtp_password", "needs `mail.smtp_username`, which is not set".to_owned()));
        }
        _ => {}
    }
    let Some(host) = &mail.smtp_host else {
        let is_unused = mail.smtp_username.is_some() || mail.smtp_port.is_some();
        let path = if mail.smtp_username.is_some() { "mail.smtp_username" } else { "mail.smtp_port" };
        return is_unused.then(|| (path, "needs `mail.smtp_host`, which is not set".to_owned()));
    };
    if mail.from.is_none() {
        return Some(("mail.smtp_host", "needs `mail.from`, the sender of mails".to_owned()));
    }
    if mail.smtp_tls == SmtpTls::None && !is_this_machine(host.as_str()) {
        let reason = "= \"none\" would send codes and passwords in clear text; it is for a mail server on this machine";
        return Some(("mail.smtp_tls", reason.to_owned()));
    }
    let links = [
        ("mail.reset_password_url", &mail.reset_password_url),
        ("mail.verify_email_url", &mail.verify_email_url),
        ("mail.undo_email_change_url", &mail.undo_email_change_url),
    ];
    let is_open =
        |link: &MailLink| !link.url().is_https() && !config.insecure_http && !is_this_machine(link.url().host());
    let open = links.into_iter().find(|(_, link)| link.as_ref().is_some_and(is_open));
    open.map(|(path, _)| (path, "must be an `https://` address: the page gets codes that open accounts".to_owned()))
}

fn admin(config: &Config) -> Violation {
    match (&config.admin.username, &config.admin.password) {
        (Some(_), None) => Some(("admin.username", "needs `admin.password`, which is not set".to_owned())),
        (None, Some(_)) => Some(("admin.password", "needs `admin.username`, which is not set".to_owned())),
        (Some(_), Some(password)) if password.expose().chars().count() < config.password.min_characters => {
            Some(("admin.password", format!("must have at least {} characters", config.password.min_characters)))
        }
        _ => None,
    }
}
