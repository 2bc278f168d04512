//! What the program prints for a role that includes another role.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use fieldguard::{
    domain::{
        id::RoleId,
        role::{Role, RoleName},
    },
    store::{Location, Pooling, Settings, Store, roles},
};

use super::program::Program;

/// Creates `support`, and `lead`, which includes `support` and has no permissions of its own.
async fn add_roles(program: &Program) {
    program.run(&["migrate"]).ok();
    let location = Location::file(program.directory().join("data/fieldguard.db"));
    let settings =
        Settings { location, pooling: Pooling::Session, max_connections: 1, deadline: Duration::from_mins(1) };
    let store = Store::connect(&settings).await.unwrap();
    let role = |name: &str, permissions: &[&str], includes| Role {
        id: RoleId::new(DateTime::UNIX_EPOCH),
        name: RoleName::parse(name).unwrap(),
        description: String::new(),
        permissions: permissions.iter().map(|permission| (*permission).to_owned()).collect(),
        includes,
        is_protected: false,
    };
    let support = role("support", &["sessions:revoke", "users:read", "users:write"], Vec::new());
    let tx = store.write().await.unwrap();
    roles::insert(&tx, &support).await.unwrap();
    roles::insert(&tx, &role("lead", &[], vec![Arc::new(support)])).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn role_has_the_access_of_the_role_it_includes() {
    let program = Program::new();
    add_roles(&program).await;
    let [support, lead] =
        ["support", "lead"].map(|role| program.run(&["access", "--role", role, "--format", "csv"]).ok());
    assert_eq!(lead.lines().skip(1).collect::<Vec<_>>(), support.lines().skip(1).collect::<Vec<_>>());
    for (coordinate, access) in [
        ("Query.users", "ALLOWED"),
        ("User.email", "ALLOWED"),
        ("Mutation.disableUser", "ALLOWED"),
        ("Mutation.setUserRoles", "DENIED"),
        ("Mutation.createRole", "DENIED"),
        ("Query.admin", "DENIED"),
    ] {
        let line = lead.lines().find(|line| line.starts_with(&format!("{coordinate},"))).unwrap();
        assert!(line.ends_with(&format!(",{access}")), "{line}");
    }
    assert_eq!(program.run(&["schema", "--as", "lead"]).ok(), program.run(&["schema", "--as", "support"]).ok());
}
