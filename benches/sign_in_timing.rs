//! Measures the time until a sign-in fails: for an unknown username, a wrong password and a disabled user, in turns,
//! with the default hash cost, and again while a user with an imported hash exists. If an attacker could tell these
//! cases apart by time, they could find out which usernames exist.
//!
//! `cargo bench --bench sign_in_timing` prints the medians and their ratios. No test asserts them.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use fieldguard::{
    accounts::{
        Accounts,
        change_users::UserChange,
        clock::Clock,
        error::Error,
        import_users::{ImportedUser, OnConflict},
        register::Registration,
    },
    app::App,
    config::{Config, Sources},
    domain::{
        id::{SessionId, UserId},
        permission,
        principal::Principal,
        role::{ADMIN, RoleName},
        session::Client,
    },
};

const PASSWORD: &str = "a long walk by the river";
const WRONG: &str = "a long walk by the rivet";
const ROUNDS: usize = 300;
/// The failing sign-ins: the username, the password, and the reason.
const CASES: [(&str, &str, &str); 4] = [
    ("unknown", PASSWORD, "unknown username"),
    ("bob", WRONG, "wrong password"),
    ("carol", PASSWORD, "disabled user"),
    ("carol", WRONG, "disabled user, wrong password"),
];
/// Each of these rounds takes some seconds.
const FEW_ROUNDS: usize = 20;
/// The same cases while `dora` exists, a user imported with a bcrypt hash of cost 12.
const CASES_WITH_IMPORTS: [(&str, &str, &str); 3] = [
    ("unknown", PASSWORD, "unknown username, while there are imported hashes"),
    ("bob", WRONG, "wrong password, while there are imported hashes"),
    ("dora", WRONG, "wrong password of an imported user"),
];
const BCRYPT: &str = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW";

#[tokio::main]
async fn main() {
    let directory = tempfile::tempdir().expect("the temporary directory is created");
    let sources = Sources::default();
    let mut config = Config::load(sources).expect("the defaults are valid");
    config.data_dir = directory.path().join("data");
    let app = Box::pin(App::open(config, permission::builtin(), Clock::manual(DateTime::UNIX_EPOCH)))
        .await
        .expect("the database opens");
    create_accounts(app.accounts()).await;

    compare(app.accounts(), CASES, ROUNDS).await;
    let dora =
        ImportedUser { username: "dora".to_owned(), password_hash: Some(BCRYPT.to_owned()), ..ImportedUser::default() };
    let imported = app.accounts().import_users(&operator(), vec![dora], OnConflict::Reject, &Client::default()).await;
    imported.map_err(|error| error.to_string()).expect("the username is available");
    compare(app.accounts(), CASES_WITH_IMPORTS, FEW_ROUNDS).await;
}

/// Prints the medians and their ratios to the first.
async fn compare<const N: usize>(accounts: &Accounts, cases: [(&str, &str, &str); N], rounds: usize) {
    let mut times = cases.map(|_| Vec::with_capacity(rounds));
    for round in 0..rounds {
        // Each case is equally often in each position of the round.
        for position in 0..N {
            let case = (position + round) % N;
            times[case].push(time_failure(accounts, cases[case].0, cases[case].1).await);
        }
    }
    let medians = times.map(median);
    for (median, (_, _, what)) in medians.iter().zip(cases) {
        let ratio = median.as_secs_f64() / medians[0].as_secs_f64();
        println!("{:>10.3} ms  {ratio:.4}  {what}", median.as_secs_f64() * 1_000.0);
    }
}

/// A caller with every permission.
fn operator() -> Principal {
    let now = DateTime::UNIX_EPOCH;
    Principal::new(UserId::new(now), SessionId::new(now), [RoleName::from_stored(ADMIN.to_owned())], [])
}

/// `bob`, who can sign in, and `carol`, who cannot.
async fn create_accounts(accounts: &Accounts) {
    let client = Client::default;
    for name in ["bob", "carol"] {
        let registration = Registration { username: name.to_owned(), email: None, password: PASSWORD.to_owned() };
        let registered = accounts.register(registration, client()).await.map_err(|error| error.to_string());
        let signed_in = registered.expect("the username is available").complete();
        let id = signed_in.expect("no role requires a second factor").user.id;
        if name == "carol" {
            accounts
                .change_user(&operator(), &UserChange::Disable, id, &client())
                .await
                .expect("carol is not an administrator");
        }
    }
}

async fn time_failure(accounts: &Accounts, name: &str, password: &str) -> Duration {
    // Failures expire after a day. Without this, most of these sign-ins would be rate limited before the password is
    // verified.
    accounts.clock.advance(TimeDelta::days(1));
    let client = Client { ip_address: Some("203.0.113.9".to_owned()), ..Client::default() };
    let started = Instant::now();
    let answer = accounts.login(name, password.to_owned(), client).await;
    let time = started.elapsed();
    assert!(matches!(answer, Err(Error::InvalidCredentials)), "{name} signed in");
    time
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
