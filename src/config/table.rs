//! The table of settings: names, help and bounds. Every setting is listed here.

use std::sync::LazyLock;
use std::time::Duration;

use super::Config;
use super::headers;
use super::key::Key;
use super::secret::Secret;
use super::value::{Value, within};

/// All settings, in the order of the default file: top-level settings first.
#[must_use]
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(table);
    &KEYS
}

macro_rules! table {
    (@field $config:ident, $($name:ident).+ at $($field:ident).+) => { $config.$($field).+ };
    (@field $config:ident, $($name:ident).+) => { $config.$($name).+ };
    ($(
        $($name:ident).+ $(at $($field:ident).+)? $(in $range:expr)? $(, if $check:path)? => $help:literal;
    )+) => {
        vec![$(Key::new(
            &[$(stringify!($name)),+],
            $help,
            |config| &table!(@field config, $($name).+ $(at $($field).+)?),
            |config| Value::show(&table!(@field config, $($name).+ $(at $($field).+)?)),
            |config, text| {
                let value = parse(|config| &table!(@field config, $($name).+ $(at $($field).+)?), text)?;
                $(within(&value, &$range)?;)?
                $($check(value.as_ref())?;)?
                table!(@field config, $($name).+ $(at $($field).+)?) = value;
                Ok(())
            },
        )),+]
    };
}

/// Parses a value of the type of the field that `_field` reads.
fn parse<V: Value>(_field: fn(&Config) -> &V, text: &str) -> Result<V, String> {
    V::parse(text)
}

const fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

const fn minutes(number: u64) -> Duration {
    Duration::from_mins(number)
}

const fn days(number: u64) -> Duration {
    Duration::from_hours(24 * number)
}

fn table() -> Vec<Key> {
    let mut keys = general();
    keys.extend(limits());
    keys.extend(rest());
    keys
}

// The bounds exclude values that make no sense or would disable the protection that the setting provides.

fn general() -> Vec<Key> {
    table! {
        listen => "The addresses to accept connections on: an IP address or a host name with a port, unix: and the path of a socket, or a list of them. Default with the environment variable PORT: that port on every IPv4 address.";
        data_dir => "The directory of the embedded database and the signing key. Created at the first start.";
        database_url => "The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Default: the file fieldguard.db in data_dir.";
        database_max_connections in 1..=1_000 => "The maximum number of open database connections.";
        database_pooling => "How a pooler in front of PostgreSQL, such as PgBouncer, assigns connections: for a whole session, as without a pooler, or for one transaction. With transaction, a read takes three round trips instead of one.";
        public_url => "The address that clients use, such as https://id.example.org. Required if listen is not a loopback address. Default: http://, or https:// with tls.certificate, and listen.";
        insecure_http => "Whether clients on other machines may use plain HTTP, which exposes passwords and tokens on the network. If false, listen must be a loopback address or public_url must start with https://.";
        trusted_proxies => "The IP addresses and networks of proxies that are trusted to name the client's address. What others say about it is ignored.";
        client_address => "How trusted proxies name the client's address: in the header X-Forwarded-For, in the header Forwarded, or in the PROXY protocol (version 1 or 2), with which every connection of a trusted proxy must begin.";
        registration => "Whether users may register.";
        introspection => "How much of the schema introspection shows: nothing, what the caller may use, or everything to every caller.";
        playground => "Whether the page at / is the playground, where users sign in and try queries. Default: true if listen is a loopback address.";
        metrics => "Whether /metrics shows metrics in the text format of Prometheus, to every client. Default: true if listen is a loopback address and metrics_listen is not set.";
        metrics_listen => "The addresses to serve /metrics on, and nothing else, spelled as in listen. /metrics is then not served on listen.";
        shutdown_delay in seconds(0)..=minutes(10) => "How long the server continues to accept requests after SIGTERM or Ctrl-C. Meanwhile /readyz answers 503, so that load balancers notice.";

        log.level => "Which events are logged: off, error, warn, info, debug, trace, or a list such as info,fieldguard::http=debug.";
        log.format => "The format of log lines on standard error: text for people, or one JSON object per line.";
        log.security => "Where sign-ins, refusals, and changes of users, roles and keys are written for security monitoring, as one JSON object per line with field names of the Elastic Common Schema: off, stderr, syslog, or file: and a path. The file is opened again at SIGHUP.";

        tls.certificate => "A PEM file with the certificate of this server and then those of its issuers, for TLS without a proxy. Read again when it changes. Requires tls.key.";
        tls.key => "A PEM file with the private key of that certificate: PKCS#8, SEC1 or PKCS#1, not encrypted. Read again when it changes. Requires tls.certificate.";

        token.algorithm => "The signature algorithm of access tokens.";
        token.key_file => "A PEM file (PKCS#8) with the private key for ES256, RS256 or EdDSA. Default: an ES256 key is generated at the first start and stored in data_dir, or in the database with PostgreSQL.";
        token.secret, if Secret::check_strength => "The key for HS256: text with at least 32 random bytes. Create one with openssl rand -base64 32.";
        token.issuer => "The issuer (iss) of access tokens. Default: public_url, or else the issuer that the database stored at the first start.";
        token.audience => "The audience (aud) of access tokens.";
        token.lifetime in seconds(10)..=minutes(15) => "How long an access token is valid, at most 15m.";
        token.claims => "Claims that access tokens carry from the user's profile, by name: displayName, locale, timeZone, avatarUrl, metadata.NAME or adminMetadata.NAME. At most 8. A value of more than 256 bytes of JSON is left out.";

        session.idle in minutes(1)..=days(365) => "How long a session stays valid without use.";
        session.lifetime in minutes(1)..=days(365) => "How long a session stays valid at most.";
        session.limit in 1..=1_000 => "The maximum number of live sessions per account. The oldest is revoked first.";
        session.refresh_grace in seconds(0)..=seconds(60) => "How long after its exchange a refresh token is still answered with the newest pair. This allows for several tabs and retries.";
        session.same_site => "Whether browsers send the refresh cookie only from pages of the server's own site (strict) or from every site (none). With none the cookie is Partitioned: each site has sessions of its own. Pages must still be of an origin in cors.origins.";

        password.min_characters in 8..=1_024 => "The minimum number of characters of a new password, at least 8.";
        password.max_characters in 64..=1_024 => "The maximum number of characters of a new password, at least 64.";
        password.reset_lifetime in minutes(1)..=minutes(60) => "How long a password reset code is valid, at most 1h.";

        account.sign_in_with_email => "Whether users can sign in with their email address as well as with their username.";
        account.deletion_grace in seconds(0)..=days(365) => "How long an account that an administrator deleted can be restored. With 0s, it is deleted at the next run.";
        account.reserved_names => "Usernames that users cannot choose for themselves. Always reserved: admin, administrator, root, system, support, security, fieldguard.";

        sign_in.require_second_factor_for => "The roles whose users must sign in with a second factor, and the users of roles that include them. A user without one enrolls it at the next sign-in. With PostgreSQL, requires encryption.key.";

        encryption.key, if Secret::check_strength => "The key that encrypts the secrets of authenticator apps in the database: text with at least 32 random bytes. Create one with openssl rand -base64 32. Default with SQLite: a key is generated when the first secret is stored, in the file encryption.key in data_dir. With PostgreSQL, users can't enroll without it.";

        hash.memory_kib in 19_456..=1_048_576 => "The memory for one password hash (argon2id), in KiB, at least 19456.";
        hash.iterations in 2..=64 => "The passes over that memory, at least 2.";
        hash.parallelism in 1..=16 => "The lanes of one password hash.";
        hash.threads in 0..=256 => "The threads that compute password hashes. With 0, one fewer than the number of cores, and at least one, so that one core stays free for other requests.";
        hash.queue in 1..=100_000 => "How many passwords may wait for one of these threads before more are refused with SERVICE_UNAVAILABLE. Clients with failed sign-ins, and all clients of one address together, can take at most half of the queue. Clients that never signed in from their address can take three quarters.";

        audit.retention => "How long audit events are kept: at least 1d, or forever. They contain the addresses of users.";

        mail.smtp_host => "The mail server, such as smtp.example.org, that takes mails to users over SMTP. Without it, mails go to files in data_dir/outbox if only this machine uses the server; otherwise the server sends no mail. Requires mail.from.";
        mail.smtp_port in Some(1)..=Some(65_535) => "The port of the mail server. Default: 587 with starttls, 465 with tls, 25 with none.";
        mail.smtp_tls => "How the connection to the mail server is encrypted: with STARTTLS, which the server must offer, with TLS from the start, or not at all, which is allowed for a loopback address only.";
        mail.smtp_username => "The username at the mail server. Requires mail.smtp_password.";
        mail.smtp_password => "The password at the mail server. Requires mail.smtp_username.";
        mail.timeout in seconds(1)..=minutes(5) => "The maximum time of one attempt to send a mail.";
        mail.from => "The sender of mails: an address such as no-reply@example.org, or a name and an address such as Example <no-reply@example.org>.";
        mail.templates => "A directory with templates of mails that replace the built-in ones, such as de/password_reset.txt. Read at the start.";
        mail.reset_password_url => "The page where users reset their password. Mails then have a link to it, with the code in the fragment: #code=fg_pr_… Without it, they have only the code.";
        mail.verify_email_url => "The page where users verify their email address, as mail.reset_password_url.";
        mail.undo_email_change_url => "The page where users undo a change of their email address, as mail.reset_password_url.";

        webhooks.url => "The receiver of webhooks, such as https://example.org/webhooks: signed requests that tell of changes to users. Without it, no event is recorded. http:// requires webhooks.allow_private_addresses. Requires webhooks.secret.";
        webhooks.secret => "The secret that signs webhooks: whsec_ and the base64 of 24 to 64 random bytes. Create one with echo whsec_$(openssl rand -base64 32).";
        webhooks.previous_secret => "The former secret, which signs too, until the receiver knows the new one.";
        webhooks.events => "The types of events that are sent: all, or a list such as user.created,user.deleted.";
        webhooks.allow_private_addresses => "Whether the receiver may have a private or loopback address. If false, a connection to such an address is refused, whatever the name in the URL resolves to.";
        webhooks.timeout in seconds(1)..=minutes(1) => "The maximum time of one attempt to deliver an event.";
        webhooks.retry_for in minutes(1)..=days(30) => "How long an event that is not accepted is tried again, with longer and longer waits of up to an hour.";
        webhooks.retention in minutes(1)..=days(365) => "How long delivered and dead events are kept, so that they can be replayed.";
    }
}

fn limits() -> Vec<Key> {
    table! {
        limits.body_bytes at limits.documents.body_bytes in 1_024..=16_777_216 => "The maximum size of a request body, in bytes.";
        limits.document_bytes at limits.documents.document_bytes in 256..=1_048_576 => "The maximum size of a GraphQL document, in bytes.";
        limits.nesting at limits.documents.nesting in 4..=128 => "The maximum nesting of brackets in a document.";
        limits.set_nesting at limits.documents.set_nesting in 4..=128 => "The maximum nesting of selection sets in a document, with fragments expanded.";
        limits.depth at limits.documents.depth in 1..=128 => "The maximum nesting of fields in an operation.";
        limits.selections at limits.documents.selections in 1..=100_000 => "The maximum number of selections of an operation, with fragments expanded.";
        limits.merging at limits.documents.merging in 1_000..=500_000 => "The maximum number of comparisons to check whether the fields of a document can be merged.";
        limits.complexity at limits.documents.complexity in 1..=100_000_000 => "The maximum cost of an operation. Each field costs 1, or the value of `@cost` in the schema, multiplied by the page sizes of the lists it is in.";
        limits.aliases at limits.documents.aliases in 0..=10_000 => "The maximum number of aliases in a document.";
        limits.root_fields at limits.documents.root_fields in 1..=1_000 => "The maximum number of root fields of an operation.";
        limits.directives at limits.documents.directives in 0..=1_000 => "The maximum number of directives in a document.";
        limits.variable_nesting at limits.documents.variable_nesting in 1..=100 => "The maximum nesting of a variable's value.";
        limits.page_size at limits.documents.page_size in 1..=1_000 => "The maximum number of items on a page.";
        limits.execution at limits.documents.execution in milliseconds(100)..=minutes(10) => "The maximum run time of an operation.";
        limits.database in milliseconds(100)..=minutes(10) => "The maximum time of one database access, and at most half of limits.execution. After that, a request fails if the database does not answer.";
        limits.errors at limits.documents.errors in 1..=1_000 => "The maximum number of errors in a response.";
        limits.header_timeout in milliseconds(100)..=minutes(5) => "The maximum time to receive the headers of a request.";
        limits.body_timeout in milliseconds(100)..=minutes(5) => "The maximum time to receive the body of a request.";
        limits.idle_timeout in milliseconds(100)..=minutes(60) => "The maximum time that a connection may stay idle.";
        limits.headers in 16..=1_000 => "The maximum number of headers of a request.";
        limits.header_bytes in 1_024..=262_144 => "The maximum size of all headers of a request, in bytes.";
        limits.uri_bytes in 256..=32_768 => "The maximum size of a URL, in bytes.";
        limits.answer_bytes at limits.documents.answer_bytes in 65_536..=1_073_741_824 => "The maximum size of the response to a query, in bytes.";
        limits.pending_answer_bytes in 1_048_576..=17_179_869_184 => "The maximum size of all responses that wait for their clients, in bytes, over all connections.";
        limits.connections in 1..=1_000_000 => "The maximum number of open connections.";
        limits.registrations_per_hour in 1..=1_000_000 => "The maximum number of registrations from one address per hour. Loopback addresses are not limited.";
    }
}

/// The settings after the limits.
fn rest() -> Vec<Key> {
    table! {
        otlp.endpoint => "The address of a collector that takes traces and metrics with OTLP over HTTP, such as http://127.0.0.1:4318. Without it, none are sent.";
        otlp.headers, if headers::check => "The headers for the collector, such as a key: NAME=VALUE, separated by commas. Write a comma in a value as %2C and a space as %20.";
        otlp.traces_percent in 0..=100 => "How many requests of 100 are traced. A traceparent header of the client decides instead.";

        cors.origins => "The origins of other sites whose pages may use this server, spelled exactly as browsers send them.";

        admin.username => "The username of the first administrator. Created at startup if there is no administrator. Requires admin.password.";
        admin.password => "The password of that administrator. Change it after the first sign-in. Requires admin.username.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_follow_from_the_key() {
        let key = keys().iter().find(|key| key.path() == "token.key_file").unwrap();
        assert_eq!((key.variable(), key.flag()), ("FIELDGUARD_TOKEN_KEY_FILE", "token-key-file"));
    }

    #[test]
    fn no_two_settings_share_a_name() {
        let variables: BTreeSet<_> = keys().iter().map(Key::variable).collect();
        let flags: BTreeSet<_> = keys().iter().map(Key::flag).collect();
        assert_eq!((variables.len(), flags.len()), (keys().len(), keys().len()));
    }

    #[test]
    fn defaults_are_within_their_own_bounds() {
        let defaults = Config::default();
        for key in keys() {
            if let Some(text) = key.show(&defaults) {
                assert_eq!(key.set(&mut Config::default(), &text), Ok(()), "{}", key.path());
            }
        }
    }
}
