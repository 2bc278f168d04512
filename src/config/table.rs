//! The table of settings: names, help, bounds. A setting exists if and only if it is here.

use std::sync::LazyLock;
use std::time::Duration;

use super::Config;
use super::key::Key;
use super::secret::Secret;
use super::value::{Value, within};

/// Every setting, in the order of the default file: what stands in no table first.
#[must_use]
pub fn keys() -> &'static [Key] {
    static KEYS: LazyLock<Vec<Key>> = LazyLock::new(table);
    &KEYS
}

macro_rules! table {
    ($($($name:ident).+ $(in $range:expr)? $(, if $check:path)? => $help:literal;)+) => {
        vec![$(Key::new(
            &[$(stringify!($name)),+],
            $help,
            |config| &config.$($name).+,
            |config| Value::show(&config.$($name).+),
            |config, text| {
                let value = parse(|config| &config.$($name).+, text)?;
                $(within(&value, &$range)?;)?
                $($check(value.as_ref())?;)?
                config.$($name).+ = value;
                Ok(())
            },
        )),+]
    };
}

/// A value of the type that the field `_field` reads has.
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

/// Bounds are there to catch what cannot be meant, or what would take away the protection that the setting is for.
fn table() -> Vec<Key> {
    table! {
        listen => "The IP address and port to accept connections on.";
        data_dir => "The directory of the embedded database and of the signing key, made at the first start.";
        database_url => "The database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME. Default: the file fieldguard.db in data_dir.";
        database_max_connections in 1..=1_000 => "How many connections to the database may be open.";
        public_url => "The address under which clients reach the server, such as https://id.example.org. Needed where listen is not a loopback address. Default: http:// and listen.";
        insecure_http => "Whether clients on other machines may use plain HTTP, which shows passwords and tokens to everyone on the way. Without it, listen must be a loopback address or public_url must begin with https://.";
        trusted_proxies => "The IP addresses and networks of proxies whose X-Forwarded-For says where a request comes from. From others it is not read.";
        registration => "Whether people may make accounts for themselves.";
        introspection => "How much of the schema introspection shows: nothing, what the caller may reach, or everything to everybody.";
        playground => "Whether the page at / is the playground, where people sign in and try queries. Default: true where listen is a loopback address.";
        metrics => "Whether figures are shown at /metrics, in the text format of Prometheus, to whoever asks. Default: true where listen is a loopback address.";
        shutdown_delay in seconds(0)..=minutes(10) => "How long the server goes on accepting requests after SIGTERM or Ctrl-C, while /readyz answers 503, so that load balancers notice.";

        log.level => "Which events are logged: off, error, warn, info, debug, trace, or a list such as info,fieldguard::http=debug.";
        log.format => "How log lines are written to standard error: for people, or one JSON object a line.";

        token.algorithm => "How access tokens are signed.";
        token.key_file => "A PEM file (PKCS#8) with the private key of ES256, RS256 or EdDSA. Default: an ES256 key is made at the first start and kept in data_dir, on PostgreSQL in the database.";
        token.secret, if Secret::check_strength => "The key of HS256, 32 random bytes or more as text; make one with openssl rand -base64 32.";
        token.issuer => "The issuer (iss) of access tokens. Default: public_url, and without that the one that the database keeps since the first start.";
        token.audience => "The audience (aud) of access tokens.";
        token.lifetime in seconds(10)..=minutes(15) => "How long an access token is valid, at most 15m.";

        session.idle in minutes(1)..=days(365) => "How long a session lives that is not used.";
        session.lifetime in minutes(1)..=days(365) => "How long a session lives, however much it is used.";
        session.limit in 1..=1_000 => "How many sessions an account may have at once; the oldest ends first.";
        session.refresh_grace in seconds(0)..=seconds(60) => "How long after its exchange a refresh token is still answered with the newest pair, for several tabs and retries.";

        password.min_characters in 8..=1_024 => "The least number of characters of a new password, 8 or more.";
        password.max_characters in 64..=1_024 => "The greatest number of characters of a new password, 64 or more.";
        password.reset_lifetime in minutes(1)..=minutes(60) => "How long a code that resets a password is good, at most 1h.";

        account.sign_in_with_email => "Whether people can sign in with their email address as well as with their user name.";
        account.deletion_grace in seconds(0)..=days(365) => "How long an account that an administrator deleted can be restored; 0s: it is gone at the next sweep.";
        account.reserved_names => "User names that people cannot choose for themselves. Always reserved: admin, administrator, root, system, support, security, fieldguard.";

        hash.memory_kib in 19_456..=1_048_576 => "Memory for one password hash (argon2id), in KiB, 19456 or more.";
        hash.iterations in 2..=64 => "Passes over that memory, 2 or more.";
        hash.parallelism in 1..=16 => "Lanes of one password hash.";
        hash.threads in 0..=256 => "Threads that compute password hashes; 0: one fewer than there are cores, which is left to other requests, and at least one.";
        hash.queue in 1..=100_000 => "How many passwords may wait for one of these threads before more are refused with SERVICE_UNAVAILABLE. Clients with failed sign-ins and all clients from one address take at most half of the queue; clients that never signed in from their address, three quarters.";

        audit.retention => "How long rows of the audit trail are kept, at least 1d, or forever. They hold addresses of people.";

        limits.body_bytes in 1_024..=16_777_216 => "The size of a request's body, in bytes.";
        limits.document_bytes in 256..=1_048_576 => "The size of a GraphQL document, in bytes.";
        limits.nesting in 4..=128 => "How deep brackets may nest in a document.";
        limits.set_nesting in 4..=128 => "How deep selection sets may nest in a document, fragments expanded.";
        limits.depth in 1..=128 => "How deep fields may nest in an operation.";
        limits.selections in 1..=100_000 => "How many selections an operation may have, fragments expanded.";
        limits.merging in 1_000..=500_000 => "How many comparisons it may take to find out whether the fields of a document can be merged.";
        limits.complexity in 1..=100_000_000 => "How much an operation may ask for: each field counts 1, or what the schema's `@cost` says, and as often as the lists it stands in may have entries.";
        limits.aliases in 0..=10_000 => "How many aliases a document may have.";
        limits.root_fields in 1..=1_000 => "How many root fields an operation may have.";
        limits.directives in 0..=1_000 => "How many directives a document may have.";
        limits.variable_nesting in 1..=100 => "How deep the value of a variable may nest.";
        limits.page_size in 1..=1_000 => "How many entries a page of a list may have.";
        limits.execution in milliseconds(100)..=minutes(10) => "How long an operation may run.";
        limits.database in milliseconds(100)..=minutes(10) => "How long one use of the database may take, and no longer than half of limits.execution. A request that needs a database which does not answer fails after that.";
        limits.errors in 1..=1_000 => "How many errors one answer may list.";
        limits.header_timeout in milliseconds(100)..=minutes(5) => "How long a client may take to send the headers of a request.";
        limits.body_timeout in milliseconds(100)..=minutes(5) => "How long a client may take to send the body of a request.";
        limits.idle_timeout in milliseconds(100)..=minutes(60) => "How long a connection may stay unused.";
        limits.headers in 16..=1_000 => "How many headers a request may have.";
        limits.header_bytes in 1_024..=262_144 => "The size of all headers of a request together, in bytes.";
        limits.uri_bytes in 256..=32_768 => "The size of a URL, in bytes.";
        limits.answer_bytes in 65_536..=1_073_741_824 => "The size of the answer to a query, in bytes.";
        limits.pending_answer_bytes in 1_048_576..=17_179_869_184 => "How many bytes of answers may wait for clients to take them, over all connections.";
        limits.connections in 1..=1_000_000 => "How many connections may be open at once.";
        limits.registrations_per_hour in 1..=1_000_000 => "How many accounts may be made from one address in an hour. This machine's own is not counted.";

        cors.origins => "The origins of other sites whose pages may use this server, each exactly as browsers spell it.";

        admin.username => "The name of the first administrator, made at a start at which there is none. Needs admin.password.";
        admin.password => "The password of that administrator; change it after signing in. Needs admin.username.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_follow_from_the_key() {
        let key = keys().iter().find(|it| it.path() == "token.key_file").unwrap();
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
