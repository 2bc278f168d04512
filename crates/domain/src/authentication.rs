//! The methods by which a user proves who they are, as `amr` values (RFC 8176).

/// A way to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthenticationMethod {
    /// The password.
    Password,
    /// A one-time password: a code of an authenticator app (RFC 6238), or a recovery code.
    OneTimePassword,
}

impl AuthenticationMethod {
    /// All methods, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::Password, Self::OneTimePassword];

    /// The value in the `amr` claim and in the database.
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimePassword => "otp",
        }
    }
}

/// A set of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Methods {
    password: bool,
    one_time_password: bool,
}

impl Methods {
    /// The password alone.
    pub const PASSWORD: Self = Self { password: true, one_time_password: false };

    /// The same set with `method`.
    #[must_use]
    pub const fn with(self, method: AuthenticationMethod) -> Self {
        match method {
            AuthenticationMethod::Password => Self { password: true, ..self },
            AuthenticationMethod::OneTimePassword => Self { one_time_password: true, ..self },
        }
    }

    /// Whether the set contains `method`.
    #[must_use]
    pub const fn contains(self, method: AuthenticationMethod) -> bool {
        match method {
            AuthenticationMethod::Password => self.password,
            AuthenticationMethod::OneTimePassword => self.one_time_password,
        }
    }

    /// Whether the methods prove two factors of different kinds: something the user knows and something they have.
    #[must_use]
    pub const fn are_multi_factor(self) -> bool {
        self.password && self.one_time_password
    }

    /// The methods in the set.
    pub fn iter(self) -> impl Iterator<Item = AuthenticationMethod> {
        AuthenticationMethod::ALL.into_iter().filter(move |method| self.contains(*method))
    }

    /// The set as the database stores it: `amr` values, separated by spaces.
    #[must_use]
    pub fn to_stored(self) -> String {
        self.iter().map(AuthenticationMethod::amr).collect::<Vec<_>>().join(" ")
    }

    /// Reads the stored form. Values that this version does not know are ignored: they prove nothing.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        let known = |word: &str| AuthenticationMethod::ALL.into_iter().find(|method| method.amr() == word);
        text.split(' ').filter_map(known).fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_of_two_kinds_are_multi_factor() {
        let code = Methods::default().with(AuthenticationMethod::OneTimePassword);
        assert!(!Methods::default().are_multi_factor() && !Methods::PASSWORD.are_multi_factor());
        assert!(!code.with(AuthenticationMethod::OneTimePassword).are_multi_factor());
        assert!(code.with(AuthenticationMethod::Password).are_multi_factor());
    }

    #[test]
    fn stored_sets_read_back() {
        let both = Methods::PASSWORD.with(AuthenticationMethod::OneTimePassword);
        assert_eq!((both.to_stored().as_str(), Methods::from_stored("otp pwd")), ("pwd otp", both));
        assert_eq!(Methods::from_stored("pwd face"), Methods::PASSWORD);
        assert_eq!(Methods::from_stored(""), Methods::default());
    }
}
