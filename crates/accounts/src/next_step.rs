//! The state machine of a sign-in: what is missing until a user is signed in. Every way to a session asks this one
//! function, which does no I/O, so that no way leads past a factor that is required.

use fieldguard_domain::{
    authentication::Methods,
    role::{Role, effective_names},
};

use crate::Policy;

/// What a user must do next to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NextStep {
    /// Prove the second factor.
    SecondFactor,
    /// Enroll a second factor, because a role of the user requires one.
    EnrollSecondFactor,
}

/// The next step after the user proved `done`. `None` if the user is signed in.
#[must_use]
pub const fn next_step(done: Methods, has_second_factor: bool, is_required: bool) -> Option<NextStep> {
    if done.are_multi_factor() {
        None
    } else if has_second_factor {
        Some(NextStep::SecondFactor)
    } else if is_required {
        Some(NextStep::EnrollSecondFactor)
    } else {
        None
    }
}

impl Policy {
    /// Whether one of these roles, or of those they include, requires a second factor.
    #[must_use]
    pub fn requires_second_factor(&self, roles: &[Role]) -> bool {
        !self.second_factor_roles.is_empty()
            && effective_names(roles).iter().any(|name| self.second_factor_roles.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fieldguard_domain::authentication::AuthenticationMethod;

    #[test]
    fn a_session_needs_every_factor_that_the_user_has_or_a_role_requires() {
        let both = Methods::PASSWORD.with(AuthenticationMethod::OneTimePassword);
        let code = Methods::default().with(AuthenticationMethod::OneTimePassword);
        let (prove, enroll) = (Some(NextStep::SecondFactor), Some(NextStep::EnrollSecondFactor));
        for (done, has_second_factor, is_required, expected) in [
            (Methods::PASSWORD, false, false, None),
            (Methods::PASSWORD, false, true, enroll),
            (Methods::PASSWORD, true, false, prove),
            (Methods::PASSWORD, true, true, prove),
            (code, true, false, prove),
            (both, true, true, None),
            (both, false, true, None),
        ] {
            let step = next_step(done, has_second_factor, is_required);
            assert_eq!(step, expected, "{done:?} {has_second_factor} {is_required}");
        }
    }
}
