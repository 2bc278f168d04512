//! What the walk cannot read from the schema. A field without arguments needs no line here; a field with arguments, or one
//! that no document reaches yet, needs one.

use serde_json::Value;

use super::form::Form;

/// For each field that takes arguments: arguments that are good for whoever may use it. A field can have several lines, one
/// for each kind of thing it can answer.
///
/// In braces stand what each run fills in: `{me}` and `{target}` are ids (the target is the caller where the caller is an
/// owner, and a fresh account otherwise), `{target_name}` the target's name, `{session}`, `{refresh_token}` and `{event}` a
/// session of the caller's, or of the target's where there is no caller, and that sign-in, `{access_token}` the id of a
/// personal access token of the same account's, `{audit_event}` a row of the audit trail, `{role}` a role's id, `{new_role}` the name of one that was just created and
/// has no permission, `{new}` a name nobody has, `{password}` everyone's password, `{reset_code}` a code that resets the password of another account.
pub const ARGUMENTS: &[(&str, &str)] = &[
    // Whoever is shown a field of a role, and whoever is told that one is missing, has its name in the answer.
    ("Query.access", r#"coordinates: ["Query.admin", "User.email", "User.id", "Query.nothing"]"#),
    (
        "Query.explainAccess",
        r#"document: "{ admin { message } roles { name } users(filter: { state: ACTIVE }) { totalCount } }""#,
    ),
    ("Query.node", r#"id: "{target}""#),
    ("Query.node", r#"id: "{role}""#),
    ("Query.node", r#"id: "{session}""#),
    ("Query.node", r#"id: "{access_token}""#),
    ("Query.node", r#"id: "{event}""#),
    ("Query.node", r#"id: "{audit_event}""#),
    ("Query.auditEvents", "first: 10"),
    ("Query.auditEvents", "first: 10, filter: { action: PERSONAL_DATA_READ }"),
    ("Query.auditEvents", "first: 10, filter: { action: USER_ROLES_SET }"),
    ("Query.auditEvents", "last: 10, filter: { action: USER_DISABLED }"),
    ("Query.auditEvents", "last: 10, filter: { action: ROLE_CREATED }"),
    ("Query.auditEvents", "last: 10, filter: { action: USER_UPDATED }"),
    ("Query.user", r#"id: "{target}""#),
    ("Query.users", "first: 10"),
    ("User.personalAccessTokens", "first: 10"),
    ("User.sessions", "first: 10"),
    ("User.securityEvents", "first: 10"),
    ("User.accessedBy", "first: 10"),
    ("Mutation.updatePassword", r#"input: { currentPassword: "{password}", newPassword: "another {password}" }"#),
    ("Mutation.createPersonalAccessToken", r#"input: { name: "{new}", permissions: [] }"#),
    (
        "Mutation.createRole",
        r#"input: { name: "{new}", description: "Helps people.", permissions: [], includes: ["user"] }"#,
    ),
    ("Mutation.deleteRole", r#"input: { role: "{new_role}" }"#),
    ("Mutation.createUser", r#"input: { username: "{new}", email: "{new}@example.org" }"#),
    ("Mutation.deleteAccount", r#"input: { password: "{password}" }"#),
    ("Mutation.deleteUser", r#"input: { userId: "{target}" }"#),
    ("Mutation.deleteUsers", r#"input: { userIds: ["{target}"] }"#),
    ("Mutation.disableUser", r#"input: { userId: "{target}" }"#),
    ("Mutation.disableUsers", r#"input: { userIds: ["{target}"] }"#),
    ("Mutation.enableUser", r#"input: { userId: "{target}" }"#),
    ("Mutation.enableUsers", r#"input: { userIds: ["{target}"] }"#),
    (
        "Mutation.importUsers",
        r#"input: { users: [{ username: "{new}", email: "{new}@example.org", passwordHash: "pbkdf2_sha256$1000$Zq3saltsaltsalt$oyzaUK+5/jRYw/JP81IP6aYp7mWpUtL+wir2fnW2qzQ=" }] }"#,
    ),
    ("Mutation.issuePasswordReset", r#"input: { userId: "{target}" }"#),
    ("Mutation.login", r#"input: { username: "{target_name}", password: "{password}" }"#),
    ("Mutation.logout", r#"input: { refreshToken: "{refresh_token}" }"#),
    ("Mutation.logoutEverywhere", "input: { keepCurrent: true }"),
    ("Mutation.reauthenticate", r#"input: { password: "{password}" }"#),
    ("Mutation.refresh", r#"input: { refreshToken: "{refresh_token}" }"#),
    ("Mutation.revokePersonalAccessToken", r#"input: { personalAccessTokenId: "{access_token}" }"#),
    ("Mutation.restoreUser", r#"input: { userId: "{target}" }"#),
    ("Mutation.restoreUsers", r#"input: { userIds: ["{target}"] }"#),
    ("Mutation.revokeSession", r#"input: { sessionId: "{session}" }"#),
    ("Mutation.revokeUserSessions", r#"input: { userId: "{target}" }"#),
    ("Mutation.register", r#"input: { username: "{new}", email: "{new}@example.org", password: "{password}" }"#),
    ("Mutation.resetPassword", r#"input: { code: "{reset_code}", newPassword: "another {password}" }"#),
    ("Mutation.setUserRoles", r#"input: { userId: "{target}", roles: ["user"] }"#),
    ("Mutation.setUsersRoles", r#"input: { userIds: ["{target}"], roles: ["user"] }"#),
    ("Mutation.updateRole", r#"input: { role: "{new_role}", description: "Of a walk." }"#),
    ("Mutation.unlockUser", r#"input: { userId: "{target}" }"#),
    ("Mutation.updateProfile", r#"input: { username: "{new}", email: "{new}@example.org" }"#),
    ("Mutation.updateUser", r#"input: { userId: "{target}", username: "{new}" }"#),
];

/// Fields that may answer null to one who passes their rule. Every one of them has a value for somebody all the same, or
/// the walk proves nothing of what lies behind it.
pub const MAY_BE_NULL: &[&str] = &[
    // It hides what the caller may not see.
    "Query.node",
    // Of what is not shown, nothing is told; and not every rule asks for everything.
    "FieldAccess.decision",
    "FieldAccess.rule",
    "FieldAccess.requires",
    "FieldAccess.missing",
    "AccessRequirement.role",
    "AccessRequirement.permission",
    "MissingRequirement.role",
    "MissingRequirement.permission",
    // Only of what an argument tells; the built-in schema has none that is looked at.
    "PathAccess.argument",
    // An empty page has no ends: a password reset leaves no session and no token.
    "PageInfo.startCursor",
    "PageInfo.endCursor",
    // A new token has not been used yet.
    "PersonalAccessToken.lastUsedAt",
    "PersonalAccessToken.lastUsedAddress",
    // Few accounts are about to be deleted, and one that was just made was never signed in to.
    "User.deletionScheduledAt",
    "User.lastSignInAt",
    // Not everything happens in a session.
    "SecurityEvent.sessionId",
    // Whence an administrator acted is not told.
    "SecurityEvent.ipAddress",
    "SecurityEvent.userAgent",
    // Not everything is done by an account, in a session, on something, by a request.
    "AuditEvent.actorId",
    "AuditEvent.sessionId",
    "AuditEvent.personalAccessTokenId",
    "AuditEvent.targetType",
    "AuditEvent.targetId",
    "AuditEvent.before",
    "AuditEvent.after",
    "AuditEvent.reason",
    "AuditEvent.requestId",
    "AuditEvent.ipAddress",
    "AuditState.state",
    "AuditState.roleNames",
    "AuditState.permissionNames",
];

/// Fields that hand a value to its owner, whoever sent the request.
pub const HANDED_TO_OWNER: &[&str] = &[
    "AuthPayload.user",
    "AuthPayload.session",
    "LogoutPayload.session",
    // The samples name a session and a token of the caller's.
    "ReauthenticatePayload.session",
    "RevokeSessionPayload.session",
    "CreatePersonalAccessTokenPayload.personalAccessToken",
    "RevokePersonalAccessTokenPayload.personalAccessToken",
];

/// The fields that lead from what belongs to an account to more that does.
const HANDED_ON: &[&str] = &[
    "User.sessions",
    "SessionConnection.edges",
    "SessionConnection.nodes",
    "SessionEdge.node",
    "User.personalAccessTokens",
    "PersonalAccessTokenConnection.edges",
    "PersonalAccessTokenConnection.nodes",
    "PersonalAccessTokenEdge.node",
];

/// The types of which the rules ask whose a value is.
pub const OWNED: &[&str] = &["User", "Session", "PersonalAccessToken"];

/// Does what the field answers belong to the caller, where the value it stands on does or does not?
pub fn is_handed(coordinate: &str, is_own: bool) -> bool {
    HANDED_TO_OWNER.contains(&coordinate) || is_own && HANDED_ON.contains(&coordinate)
}

/// Is what `Query.node` answers the caller's own, by its type? The samples name a session and a token of the caller's.
pub fn is_own_node(ty: &str, path: &[Value], form: Form) -> bool {
    matches!(ty, "Session" | "PersonalAccessToken") && *path == [Value::from(form.key("node"))]
}
