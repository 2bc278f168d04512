//! The roles that come with others, as SQL: what they include on whatever way, and what includes them. Each step adds only
//! what was not there (`UNION`), so that even a circle, which nobody can make through this program, ends.

/// The head of a query in which `reached(id)` are the roles that `start` selects and all that they include.
pub(crate) fn included_by(start: &str) -> String {
    format!(
        "WITH RECURSIVE reached(id) AS ({start} UNION \
         SELECT i.included_id FROM reached r JOIN role_includes i ON i.role_id = r.id) "
    )
}

/// The head of a query in which `reached(id)` are the roles that `start` selects and all that include them.
pub(crate) fn including(start: &str) -> String {
    format!(
        "WITH RECURSIVE reached(id) AS ({start} UNION \
         SELECT i.role_id FROM reached r JOIN role_includes i ON i.included_id = r.id) "
    )
}
