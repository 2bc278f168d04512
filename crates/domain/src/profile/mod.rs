//! Profiles: what users say about themselves, and metadata that an application keeps with its users. All values are
//! optional. None of them decides about access.

mod avatar_url;
mod display_name;
mod draft;
mod locale;
mod metadata;
mod time_zone;

pub use self::{
    avatar_url::AvatarUrl, display_name::DisplayName, draft::ProfileDraft, locale::Locale, metadata::Metadata,
    time_zone::TimeZone,
};
use super::edit::Edit;

/// A user's profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// The name to show to other users.
    pub display_name: Option<DisplayName>,
    /// The language and region for the user interface.
    pub locale: Option<Locale>,
    /// The time zone for displayed times.
    pub time_zone: Option<TimeZone>,
    /// The address of the user's picture.
    pub avatar_url: Option<AvatarUrl>,
    /// The application's data that the user can write.
    pub metadata: Option<Metadata>,
    /// The application's data that only administrators can read and write.
    pub admin_metadata: Option<Metadata>,
}

/// A parsed update of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileEdit {
    display_name: Edit<DisplayName>,
    locale: Edit<Locale>,
    time_zone: Edit<TimeZone>,
    avatar_url: Edit<AvatarUrl>,
    metadata: Edit<Metadata>,
    admin_metadata: Edit<Metadata>,
}

impl ProfileEdit {
    /// Whether it leaves every value unchanged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Applies the update to `profile`. Returns the names of the fields that changed, as the API spells them.
    pub fn apply(self, profile: &mut Profile) -> Vec<&'static str> {
        let changed = [
            ("displayName", self.display_name.apply(&mut profile.display_name)),
            ("locale", self.locale.apply(&mut profile.locale)),
            ("timeZone", self.time_zone.apply(&mut profile.time_zone)),
            ("avatarUrl", self.avatar_url.apply(&mut profile.avatar_url)),
            ("metadata", self.metadata.apply(&mut profile.metadata)),
            ("adminMetadata", self.admin_metadata.apply(&mut profile.admin_metadata)),
        ];
        changed.into_iter().filter(|(_, is_changed)| *is_changed).map(|(field, _)| field).collect()
    }

    /// The profile of a new user.
    #[must_use]
    pub fn into_profile(self) -> Profile {
        let mut profile = Profile::default();
        self.apply(&mut profile);
        profile
    }
}

/// Implements access to a value that is stored as text.
macro_rules! stored_text {
    ($name:ident) => {
        impl $name {
            /// Builds it from stored text, without parsing it again.
            #[must_use]
            pub const fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// As stored and displayed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

use stored_text;
