//! Updates of a profile as a client sends them.

use serde_json::Value;

use super::{AvatarUrl, DisplayName, Locale, Metadata, ProfileEdit, TimeZone};
use crate::{
    edit::Edit,
    invalid::{Problems, both},
};

/// An update that is not parsed yet.
#[derive(Debug, Clone, Default)]
pub struct ProfileDraft {
    /// See [`DisplayName`].
    pub display_name: Edit<String>,
    /// See [`Locale`].
    pub locale: Edit<String>,
    /// See [`TimeZone`].
    pub time_zone: Edit<String>,
    /// See [`AvatarUrl`].
    pub avatar_url: Edit<String>,
    /// See [`Metadata`].
    pub metadata: Edit<Value>,
    /// See [`Metadata`]. Callers leave it unchanged in an update by the account owner.
    pub admin_metadata: Edit<Value>,
}

impl ProfileDraft {
    /// Parses every value.
    ///
    /// # Errors
    ///
    /// The problems of all values.
    pub fn parse(self) -> Result<ProfileEdit, Problems> {
        let display_name = self.display_name.try_map(|typed| DisplayName::parse(&typed));
        let locale = self.locale.try_map(|typed| Locale::parse(&typed));
        let time_zone = self.time_zone.try_map(|typed| TimeZone::parse(&typed));
        let avatar_url = self.avatar_url.try_map(|typed| AvatarUrl::parse(&typed));
        let metadata = self.metadata.try_map(|value| Metadata::parse("metadata", value));
        let admin_metadata = self.admin_metadata.try_map(|value| Metadata::parse("adminMetadata", value));
        let texts = both(both(display_name, locale), both(time_zone, avatar_url));
        let (((display_name, locale), (time_zone, avatar_url)), (metadata, admin_metadata)) =
            both(texts, both(metadata, admin_metadata))?;
        Ok(ProfileEdit { display_name, locale, time_zone, avatar_url, metadata, admin_metadata })
    }
}
