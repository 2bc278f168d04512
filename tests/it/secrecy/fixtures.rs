//! The data of both databases, and the differences between them.

use fieldguard::domain::role::ADMIN;
use sea_orm::{ConnectionTrait, Database as Connection};

use crate::database::Database;

/// The number of users besides the reader and the administrator.
pub const COUNT: usize = 40;

/// The role of the reader in addition to `user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    User,
    RolesRead,
    UsersRead,
}

/// The data that differs between the databases.
#[derive(Debug, Clone, Copy)]
pub enum Difference {
    /// Users, all data about them, and the roles that exist.
    Everything,
    /// Users and all data about them.
    Accounts,
    /// Sessions, security events, and roles that no user has.
    Related,
}

/// The `id` of the object with the kind and number.
pub fn id(kind: usize, number: usize) -> String {
    format!("0189000{kind}-0000-7000-8000-{number:012}")
}

/// Kinds of objects, for [`id`].
pub const ACCOUNT: usize = 0;
pub const SESSION: usize = 1;
pub const EVENT: usize = 2;
pub const ROLE: usize = 3;

/// Runs SQL in which `{id}` stands for the identifier `id` and `[hex]` for bytes.
async fn run(database: &Database, statements: &[String]) {
    let is_sqlite = database.url.starts_with("sqlite");
    let connection = Connection::connect(&database.url).await.unwrap();
    for statement in statements {
        let mut sql = String::new();
        for part in statement.split_inclusive(['}', ']']) {
            if let Some((before, id)) = part.strip_suffix('}').and_then(|text| text.split_once('{')) {
                let id = if is_sqlite { format!("X'{}'", id.replace('-', "")) } else { format!("'{id}'") };
                sql.extend([before, id.as_str()]);
            } else if let Some((before, hex)) = part.strip_suffix(']').and_then(|text| text.split_once('[')) {
                let bytes = if is_sqlite { format!("X'{hex}'") } else { format!("decode('{hex}', 'hex')") };
                sql.extend([before, bytes.as_str()]);
            } else {
                sql.push_str(part);
            }
        }
        connection.execute_unprepared(&sql).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn account(n: usize) -> String {
    let email =
        if n.is_multiple_of(3) { "NULL, NULL".to_owned() } else { format!("'P{n}@example.org', 'p{n}@example.org'") };
    let disabled = if n.is_multiple_of(7) { "1700000000000" } else { "NULL" };
    let last =
        if n.is_multiple_of(4) { "NULL".to_owned() } else { format!("{}", 1_700_000_000_000_usize + n / 2 * 1_000) };
    let created = 1_600_000_000_000_usize + n / 3 * 1_000;
    format!(
        "INSERT INTO accounts (id, username, username_key, email, email_key, password_hash, disabled_at, created_at, \
         updated_at, last_sign_in_at) VALUES ({{{}}}, 'P{n:02}', 'p{n:02}', {email}, 'x', {disabled}, {created}, {created}, {last})",
        id(ACCOUNT, n)
    )
}

fn session(n: usize) -> String {
    format!(
        "INSERT INTO sessions (id, account_id, created_at, last_used_at, idle_expires_at, expires_at, refresh_hash, ip_address) \
         VALUES ({{{}}}, {{{}}}, 1700000000000, 1700000000000, 1900000000000, 1900000000000, [{n:064}], '192.0.2.{n}')",
        id(SESSION, n),
        id(ACCOUNT, n)
    )
}

fn event(n: usize) -> String {
    format!(
        "INSERT INTO security_events (id, account_id, kind, occurred_at, ip_address) \
         VALUES ({{{}}}, {{{}}}, 'sign-in-failed', 1700000000000, '192.0.2.{n}')",
        id(EVENT, n),
        id(ACCOUNT, n)
    )
}

fn role(n: usize, name: &str, permissions: &[&str]) -> Vec<String> {
    let id = id(ROLE, n);
    let mut statements =
        vec![format!("INSERT INTO roles (id, name, description) VALUES ({{{id}}}, '{name}', 'A role.')")];
    for permission in permissions {
        statements
            .push(format!("INSERT INTO role_permissions (role_id, permission) VALUES ({{{id}}}, '{permission}')"));
    }
    statements
}

fn give(account: &str, role: &str) -> String {
    format!("INSERT INTO account_roles (account_id, role_id) SELECT {{{account}}}, id FROM roles WHERE name = '{role}'")
}

/// Fills the database that both servers start with.
pub async fn fill(database: &Database, reader: &str, admin: &str, held: Role) {
    let mut all = role(1, "roles-reader", &["roles:read"]);
    all.extend(role(2, "users-reader", &["users:read"]));
    all.extend(role(3, "helper", &["sessions:read"]));
    all.extend(role(4, "unheld", &["audit:read"]));
    for n in 0..COUNT {
        all.extend([account(n), session(n), event(n)]);
        all.extend((!n.is_multiple_of(5)).then(|| give(&id(ACCOUNT, n), "user")));
        all.extend(n.is_multiple_of(6).then(|| give(&id(ACCOUNT, n), "helper")));
    }
    all.push(give(admin, ADMIN));
    match held {
        Role::User => {}
        Role::RolesRead => all.push(give(reader, "roles-reader")),
        Role::UsersRead => all.push(give(reader, "users-reader")),
    }
    run(database, &all).await;
}

/// Applies the difference to the copy.
pub async fn change(database: &Database, difference: Difference) {
    let others = "username_key LIKE 'p%'";
    let accounts = [
        format!(
            "UPDATE accounts SET email = 'Q' || username || '@example.net', email_key = 'q' || username_key || '@example.net', \
             disabled_at = CASE WHEN disabled_at IS NULL AND username_key < 'p20' THEN 9 END, created_at = created_at - 77, \
             last_sign_in_at = CASE WHEN last_sign_in_at IS NULL THEN 5 END, password_hash = 'y' WHERE {others}"
        ),
        format!(
            "UPDATE accounts SET username = 'Q' || username, username_key = 'q' || username_key WHERE {others} AND username_key > 'p30'"
        ),
        "DELETE FROM account_roles WHERE role_id IN (SELECT id FROM roles WHERE name = 'helper')".to_owned(),
        "DELETE FROM accounts WHERE username_key IN ('p01', 'p02', 'p03')".to_owned(),
        give(&id(ACCOUNT, 7), "helper"),
        give(&id(ACCOUNT, 8), ADMIN),
    ];
    let related = [
        "DELETE FROM sessions WHERE ip_address LIKE '192.0.2.1%'".to_owned(),
        "UPDATE sessions SET ip_address = '198.51.100.9', last_used_at = 1700000000009 WHERE ip_address LIKE '192.0.2.%'"
            .to_owned(),
        "DELETE FROM security_events WHERE ip_address LIKE '192.0.2.2%'".to_owned(),
        "UPDATE security_events SET kind = 'password-changed' WHERE ip_address LIKE '192.0.2.%'".to_owned(),
    ];
    let mut roles = vec!["DELETE FROM roles WHERE name = 'unheld'".to_owned()];
    roles.extend(role(5, "unheard", &["users:write"]));
    let held = [
        "UPDATE roles SET description = 'Another.' WHERE name <> 'user'".to_owned(),
        format!("INSERT INTO role_permissions (role_id, permission) VALUES ({{{}}}, 'users:write')", id(ROLE, 3)),
    ];
    let all: Vec<String> = match difference {
        Difference::Everything => accounts.into_iter().chain(related).chain(roles).chain(held).collect(),
        Difference::Accounts => accounts.into_iter().chain(related).collect(),
        Difference::Related => related.into_iter().chain(roles).collect(),
    };
    run(database, &all).await;
}
