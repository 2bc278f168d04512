//! `AccessMap`: what the caller can do with each field.

use std::fmt::Write as _;

use async_graphql::{Context, Object};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use fieldguard_domain::invalid::Reason;
use fieldguard_guard::{
    access::MemberAccess,
    cost_directives::{Cost, ListSize},
    guarded,
};

use crate::{
    access::{access_group::AccessGroup, field_access::FieldAccess},
    error::{ApiError, Code},
    services::seen,
    settings::{Introspection, Settings},
};

/// The maximum number of coordinates in a request.
const MOST: usize = 500;
/// How many bytes of a hash make a version.
const VERSION_BYTES: usize = 12;

/// What you can do with each field.
pub struct AccessMap {
    /// Of which fields; of all the caller is shown, where it is nothing.
    asked: Option<Vec<String>>,
}

impl AccessMap {
    /// The map of these coordinates, or of all that the caller is shown.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for too many coordinates; `FORBIDDEN` for all of them if introspection is off.
    pub(crate) fn new(asked: Option<Vec<String>>, settings: &Settings) -> Result<Self, ApiError> {
        match &asked {
            Some(coordinates) if coordinates.len() > MOST => Err(ApiError::bad_input(
                "coordinates",
                Reason::TooMany,
                format!("`coordinates` can have at most {MOST} entries."),
            )),
            None if settings.introspection == Introspection::Off => {
                let message = "Introspection is off on this server. Name the fields in `coordinates`.";
                Err(ApiError::new(Code::Forbidden, message))
            }
            _ => Ok(Self { asked }),
        }
    }

    fn answers(&self, ctx: &Context<'_>) -> Vec<FieldAccess> {
        let (caller, shown) = seen(ctx);
        let judged = |it| FieldAccess::Shown(MemberAccess::of(it, caller));
        match &self.asked {
            None => shown.into_values().map(judged).collect(),
            Some(asked) => {
                let one = |it: &String| {
                    shown.get(it.as_str()).map_or_else(|| FieldAccess::Unknown(it.clone()), |it| judged(it))
                };
                asked.iter().map(one).collect()
            }
        }
    }
}

/// What you can do with each field.
#[guarded(public)]
#[Object]
impl AccessMap {
    /// The version of the whole map for you. It changes whenever any decision changes, such as with your roles, their permissions, the freshness of your session or the server's schema. Cache the map, poll this field alone, and fetch the map again when it differs.
    #[graphql(directive = Cost::apply(100))]
    async fn version(&self, ctx: &Context<'_>) -> String {
        let (caller, shown) = seen(ctx);
        version(&shown.into_values().map(|it| MemberAccess::of(it, caller)).collect::<Vec<_>>())
    }

    /// The fields you asked for, in that order; without `coordinates`, all fields that introspection shows you, by coordinate.
    #[graphql(directive = ListSize::apply(500))]
    async fn fields(&self, ctx: &Context<'_>) -> Vec<FieldAccess> {
        self.answers(ctx)
    }

    /// The same fields, grouped by rule, without fields that don't exist or that introspection doesn't show you.
    #[graphql(directive = ListSize::apply(100))]
    async fn groups(&self, ctx: &Context<'_>) -> Vec<AccessGroup> {
        let shown = self.answers(ctx).into_iter();
        AccessGroup::of(shown.filter_map(|it| if let FieldAccess::Shown(it) = it { Some(it) } else { None }).collect())
    }
}

/// A word for everything in `judged`: the same for the same answers, another one where any of them is another.
fn version(judged: &[MemberAccess]) -> String {
    let mut text = String::new();
    for it in judged {
        let _ = writeln!(text, "{} {} {} {:?}", it.coordinate, it.access, it.phrase(), it.missing);
    }
    let hash = digest(&SHA256, text.as_bytes());
    HEXLOWER.encode(&hash.as_ref()[..VERSION_BYTES])
}
