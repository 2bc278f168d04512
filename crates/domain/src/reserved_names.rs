//! Usernames that users cannot choose, because others would mistake their owners for the operators. Administrators can
//! assign them. Names are compared as usernames and by their look: `Root`, `r00t` and `ro.ot` are `root`.

use std::collections::BTreeSet;

use unicode_security::confusable_detection::skeleton;

use super::{case_folding::fold, username::Username};

/// Reserved on every server.
const ALWAYS: [&str; 7] = ["admin", "administrator", "root", "system", "support", "security", "fieldguard"];

/// The set of reserved usernames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservedNames(BTreeSet<String>);

impl ReservedNames {
    /// The built-in names and `names`.
    #[must_use]
    pub fn with<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(ALWAYS.into_iter().chain(names).map(folded_skeleton).collect())
    }

    /// Whether `username` is reserved.
    #[must_use]
    pub fn contain(&self, username: &Username) -> bool {
        self.0.contains(&folded_skeleton(username.as_str()))
    }
}

impl Default for ReservedNames {
    fn default() -> Self {
        Self::with([])
    }
}

/// The look of a name: folded, without punctuation, and with each letter replaced by the one it resembles (UTS 39,
/// section 4).
fn folded_skeleton(name: &str) -> String {
    let letters: String = fold(name).chars().filter(|c| !matches!(c, '_' | '.' | '-')).collect();
    fold(&skeleton(&letters).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_are_reserved_and_longer_names_are_not() {
        let reserved = ReservedNames::with(["Help-Desk"]);
        for (name, is_reserved) in [
            ("admin", true),
            ("Admin", true),
            ("ＡＤＭＩＮ", true),
            ("ad_min", true),
            ("r00t", true),
            ("sup.port", true),
            ("FieldGuard", true),
            ("helpdesk", true),
            ("HELP.DESK", true),
            ("ada", false),
            ("admins", false),
            ("rooter", false),
            ("supporter", false),
        ] {
            let username = Username::parse(name).unwrap();
            assert_eq!(reserved.contain(&username), is_reserved, "{name}");
        }
    }
}
