//! SQL for the transitive closure of roles: the roles they include, and the roles that include them. Each step adds
//! only new roles (`UNION`), so that even a cycle, which this program never creates, terminates.

/// The definition of `reached(id)` for `WITH RECURSIVE`: the roles that `start` selects and all that they include.
pub(crate) fn included_by(start: &str) -> String {
    format!(
        "reached(id) AS ({start} UNION \
         SELECT i.included_id FROM reached r JOIN role_includes i ON i.role_id = r.id)"
    )
}

/// The definition of `reached(id)` for `WITH RECURSIVE`: the roles that `start` selects and all that include them.
pub(crate) fn including(start: &str) -> String {
    format!(
        "reached(id) AS ({start} UNION \
         SELECT i.role_id FROM reached r JOIN role_includes i ON i.included_id = r.id)"
    )
}
