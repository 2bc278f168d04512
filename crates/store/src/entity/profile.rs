//! Table `profiles`. An account without a row has none of these values.

use sea_orm::entity::prelude::*;

use fieldguard_domain::profile::{AvatarUrl, DisplayName, Locale, Metadata, Profile, TimeZone};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profiles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub display_name: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub avatar_url: Option<String>,
    pub metadata: Option<String>,
    pub admin_metadata: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Profile {
    fn from(row: Model) -> Self {
        let metadata = |text: Option<String>| text.as_deref().and_then(Metadata::from_stored);
        Self {
            display_name: row.display_name.map(DisplayName::from_stored),
            locale: row.locale.map(Locale::from_stored),
            time_zone: row.time_zone.map(TimeZone::from_stored),
            avatar_url: row.avatar_url.map(AvatarUrl::from_stored),
            metadata: metadata(row.metadata),
            admin_metadata: metadata(row.admin_metadata),
        }
    }
}
