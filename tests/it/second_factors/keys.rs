//! The key that encrypts secrets in the database.

use fieldguard::{
    accounts::clock::Clock,
    app::{App, Error},
    config::{Config, Secret},
    domain::permission,
};
use fieldguard_test_macros::on_each_database;
use sea_orm::{ConnectionTrait, Database as Connection, Statement};

use super::{Enrolled, begin, enroll, with_key};
use crate::app::{Server, each, each_with};

async fn open(server: &Server, change: impl FnOnce(&mut Config)) -> Result<App, Error> {
    let mut config = server.app.config().clone();
    change(&mut config);
    App::open(config, permission::builtin(), Clock::System).await
}

#[on_each_database]
async fn server_with_another_key_does_not_start() {
    each_with(with_key, async |server| {
        let other = |config: &mut Config| {
            config.encryption.key = Some(Secret::new("Another1kPz0uQ8rT2vWmYb6nEs1dGf7".to_owned()));
        };
        open(server, other).await.map(drop).unwrap();
        enroll(server, "bob").await;
        for change in [other, |config: &mut Config| config.encryption.key = None] {
            let refused = open(server, change).await.map(drop).unwrap_err().to_string();
            assert!(refused.contains("`encryption.key`") || refused.contains("encryption.key`"), "{refused}");
        }
        open(server, |_| {}).await.map(drop).unwrap();
    })
    .await;
}

#[on_each_database]
async fn server_without_a_key_refuses_to_enroll_on_postgres() {
    each(async |server| {
        let bob = server.user("bob").await;
        if server.database.url.starts_with("sqlite") {
            enroll(server, "carol").await;
            let file = server.app.config().data_dir.join("encryption.key");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            }
            open(server, |_| {}).await.map(drop).unwrap();
            std::fs::remove_file(&file).unwrap();
            let refused = open(server, |_| {}).await.map(drop).unwrap_err().to_string();
            assert!(refused.contains(&*file.display().to_string()), "{refused}");
        } else {
            let refused = begin(&bob).await;
            assert_eq!(refused.codes(), ["FORBIDDEN"]);
            assert!(refused.at("/errors/0/message").as_str().unwrap().contains("`encryption.key`"), "{refused:#?}");
        }
    })
    .await;
}

#[on_each_database]
async fn database_holds_neither_secret_nor_code() {
    each_with(with_key, async |server| {
        let Enrolled { secret, recovery_codes, .. } = enroll(server, "bob").await;
        let connection = Connection::connect(&server.database.url).await.unwrap();
        for sql in ["SELECT secret FROM totp_secrets", "SELECT code_hash FROM recovery_codes"] {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let rows = connection.query_all_raw(statement).await.unwrap();
            assert!(!rows.is_empty());
            for row in rows {
                let stored: Vec<u8> = row.try_get_by_index(0).unwrap();
                for hidden in recovery_codes.iter().chain([&secret]) {
                    let raw = super::from_base32(&hidden.replace('-', ""));
                    assert!(!stored.windows(raw.len()).any(|part| part == raw), "{sql}");
                }
            }
        }
        connection.close().await.unwrap();
    })
    .await;
}
