//! Edits of optional values: in an update, a value that is absent differs from one that is removed.

/// What an update does with an optional value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Edit<T> {
    /// The value stays unchanged.
    #[default]
    Keep,
    /// The value is removed.
    Clear,
    /// This is the new value.
    Set(T),
}

impl<T> Edit<T> {
    /// Whether the value stays unchanged.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The edit with a parsed value.
    ///
    /// # Errors
    ///
    /// The error of `parse`.
    pub fn try_map<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Edit<U>, E> {
        Ok(match self {
            Self::Keep => Edit::Keep,
            Self::Clear => Edit::Clear,
            Self::Set(value) => Edit::Set(parse(value)?),
        })
    }
}

impl<T: PartialEq> Edit<T> {
    /// Applies the edit to `value`. Returns whether it changed.
    pub fn apply(self, value: &mut Option<T>) -> bool {
        let new = match self {
            Self::Keep => return false,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        };
        let is_changed = *value != new;
        *value = new;
        is_changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_reports_whether_it_changed_the_value() {
        for (edit, before, after, is_changed) in [
            (Edit::Keep, Some(1), Some(1), false),
            (Edit::Clear, Some(1), None, true),
            (Edit::Clear, None, None, false),
            (Edit::Set(2), Some(1), Some(2), true),
            (Edit::Set(1), Some(1), Some(1), false),
        ] {
            let mut value = before;
            assert_eq!((edit.clone().apply(&mut value), value), (is_changed, after), "{edit:?} of {before:?}");
        }
    }
}
