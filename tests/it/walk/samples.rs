//! The data that the walk can't read from the schema. A field needs an entry here only if it takes arguments, or if no
//! other document reaches it.

use serde_json::Value;

use super::form::Form;

/// For each field that takes arguments: arguments that are valid for every caller with access. A field can have several
/// entries, one for each type that it can return.
///
/// Each run fills in the placeholders. `{me}` and `{target}` are user ids: the target is the caller if the caller is an
/// account owner, and a new user otherwise. `{target_name}` is the target's username. `{session}`, `{refresh_token}`
/// and `{event}` are a session of the caller (or of the target for an anonymous caller) and its security event.
/// `{access_token}` is the id of a personal access token of the same user, `{audit_event}` the id of an audit event,
/// `{webhook_event}` the id of a webhook event, `{role}` the id of a role, `{new_role}` the name of a new role without permissions, `{new}` an unused name,
/// `{password}` every user's password, `{reset_code}` a password reset code for another user, `{email_code}` a code that
/// verifies the caller's address, and `{undo_code}` one that restores the address of another user.
///
/// `{challenge}` is the challenge of a user with a second factor, and `{recovery_code}` a code of theirs.
/// `{enrolling_challenge}` is the challenge of a user who must enroll, and `{enrolling_code}` a code of their secret.
/// `{factored}` and `{factored_name}` are a user with a second factor. `{confirming_code}` confirms a secret of the
/// caller, and `{own_recovery_code}` is a code of the caller, who enrolls.
pub const ARGUMENTS: &[(&str, &str)] = &[
    // The answer contains a role's name both for callers who see a field with a role rule and for callers who lack the
    // role.
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
    ("AdminOverview.webhookEvents", "first: 10"),
    ("Query.user", r#"id: "{target}""#),
    ("Query.users", "first: 10"),
    ("User.personalAccessTokens", "first: 10"),
    ("User.sessions", "first: 10"),
    ("User.securityEvents", "first: 10"),
    ("User.accessedBy", "first: 10"),
    ("Mutation.updatePassword", r#"input: { currentPassword: "{password}", newPassword: "another {password}" }"#),
    ("Mutation.createPersonalAccessToken", r#"input: { name: "{new}", permissions: [] }"#),
    ("Mutation.completeSignIn", r#"input: { challenge: "{challenge}", code: "{recovery_code}" }"#),
    ("Mutation.completeSignIn", r#"input: { challenge: "{enrolling_challenge}", code: "{enrolling_code}" }"#),
    ("Mutation.beginTotpEnrollmentAtSignIn", r#"input: { challenge: "{enrolling_challenge}" }"#),
    ("Mutation.confirmTotpEnrollment", r#"input: { code: "{confirming_code}" }"#),
    ("Mutation.removeTotp", r#"input: { code: "{own_recovery_code}" }"#),
    ("Mutation.createRecoveryCodes", r#"input: { code: "{own_recovery_code}" }"#),
    ("Mutation.resetSecondFactor", r#"input: { userId: "{factored}" }"#),
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
    ("Mutation.login", r#"input: { username: "{factored_name}", password: "{password}" }"#),
    ("Mutation.logout", r#"input: { refreshToken: "{refresh_token}" }"#),
    ("Mutation.logoutEverywhere", "input: { keepCurrent: true }"),
    ("Mutation.reauthenticate", r#"input: { password: "{password}" }"#),
    ("Mutation.refresh", r#"input: { refreshToken: "{refresh_token}" }"#),
    ("Mutation.replayWebhookEvent", r#"input: { webhookEventId: "{webhook_event}" }"#),
    ("Mutation.revokePersonalAccessToken", r#"input: { personalAccessTokenId: "{access_token}" }"#),
    ("Mutation.restoreUser", r#"input: { userId: "{target}" }"#),
    ("Mutation.restoreUsers", r#"input: { userIds: ["{target}"] }"#),
    ("Mutation.revokeSession", r#"input: { sessionId: "{session}" }"#),
    ("Mutation.revokeUserSessions", r#"input: { userId: "{target}" }"#),
    ("Mutation.register", r#"input: { username: "{new}", email: "{new}@example.org", password: "{password}" }"#),
    ("Mutation.resetPassword", r#"input: { code: "{reset_code}", newPassword: "another {password}" }"#),
    ("Mutation.requestPasswordReset", r#"input: { email: "{new}@example.org" }"#),
    ("Mutation.undoEmailChange", r#"input: { code: "{undo_code}" }"#),
    ("Mutation.verifyEmail", r#"input: { code: "{email_code}" }"#),
    ("Mutation.setUserRoles", r#"input: { userId: "{target}", roles: ["user"] }"#),
    ("Mutation.setUsersRoles", r#"input: { userIds: ["{target}"], roles: ["user"] }"#),
    ("Mutation.updateRole", r#"input: { role: "{new_role}", description: "Of a walk." }"#),
    ("Mutation.unlockUser", r#"input: { userId: "{target}" }"#),
    (
        "Mutation.updateProfile",
        r#"input: { username: "{new}", email: "{new}@example.org", displayName: "Walker", avatarUrl: "https://example.org/a", locale: "en", timeZone: "UTC", metadata: { a: 1 } }"#,
    ),
    (
        "Mutation.updateUser",
        r#"input: { userId: "{target}", username: "{new}", displayName: "Walker", avatarUrl: "https://example.org/a", locale: "en", timeZone: "UTC", metadata: { a: 1 }, adminMetadata: { b: 2 } }"#,
    ),
];

/// Fields that may be null for a caller who passes their rule. Each has a value for some persona nevertheless.
/// Otherwise the walk would not check the fields below it.
pub const MAY_BE_NULL: &[&str] = &[
    // Null for objects that the caller can't read.
    "Query.node",
    // A sign-in is complete, or it waits for its next step.
    "AuthPayload.nextStep",
    "AuthPayload.challenge",
    "AuthPayload.challengeExpiresAt",
    "AuthPayload.accessToken",
    "AuthPayload.tokenType",
    "AuthPayload.expiresIn",
    "AuthPayload.expiresAt",
    "AuthPayload.refreshToken",
    "AuthPayload.session",
    "AuthPayload.user",
    "AuthPayload.recoveryCodes",
    // Null for hidden fields. Not every rule has every requirement.
    "FieldAccess.decision",
    "FieldAccess.rule",
    "FieldAccess.requires",
    "FieldAccess.missing",
    "AccessRequirement.role",
    "AccessRequirement.permission",
    "MissingRequirement.role",
    "MissingRequirement.permission",
    // Set only for arguments with `@exposes`. The document in the sample has no such argument.
    "PathAccess.argument",
    // An empty page has no cursors: a password reset leaves no session and no personal access token.
    "PageInfo.startCursor",
    "PageInfo.endCursor",
    // A new token is unused.
    "PersonalAccessToken.lastUsedAt",
    "PersonalAccessToken.lastUsedAddress",
    // Few users are scheduled for deletion, and a new user has not signed in.
    "User.deletionScheduledAt",
    "User.lastSignInAt",
    // Few users have a profile.
    "User.displayName",
    "User.avatarUrl",
    "User.locale",
    "User.timeZone",
    "User.metadata",
    "User.adminMetadata",
    // Not every event has a session.
    "SecurityEvent.sessionId",
    // The address of an administrator is not shown.
    "SecurityEvent.ipAddress",
    "SecurityEvent.userAgent",
    // Not every event has an actor, a session, a target or a request.
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
    // An event is pending or settled, and was answered or not.
    "WebhookEvent.nextAttemptAt",
    "WebhookEvent.settledAt",
    "WebhookEvent.lastStatus",
    "WebhookEvent.lastError",
    "AuditState.roleNames",
    "AuditState.permissionNames",
];

/// Fields that return an object to its owner, even if the caller is anonymous.
pub const HANDED_TO_OWNER: &[&str] = &[
    "AuthPayload.user",
    "AuthPayload.session",
    "LogoutPayload.session",
    // The samples refer to a session and a token of the caller.
    "ReauthenticatePayload.session",
    "RevokeSessionPayload.session",
    "CreatePersonalAccessTokenPayload.personalAccessToken",
    "RevokePersonalAccessTokenPayload.personalAccessToken",
];

/// The fields that lead from an object of a user to other objects of the same user.
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

/// The types whose rules depend on the owner.
pub const OWNED: &[&str] = &["User", "Session", "PersonalAccessToken"];

/// Whether the field's value belongs to the caller. `is_own` is whether its parent object does.
pub fn is_handed(coordinate: &str, is_own: bool) -> bool {
    HANDED_TO_OWNER.contains(&coordinate) || is_own && HANDED_ON.contains(&coordinate)
}

/// Whether the object that `Query.node` returns belongs to the caller, by its type. The samples refer to a session and
/// a token of the caller.
pub fn is_own_node(ty: &str, path: &[Value], form: Form) -> bool {
    matches!(ty, "Session" | "PersonalAccessToken") && *path == [Value::from(form.key("node"))]
}
