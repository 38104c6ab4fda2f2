//! A user as end users see them, and the one that nobody in particular is (contract Zendesk §2.2,
//! §5).

use std::borrow::Cow;

use roster_directory::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::abilities::AbilitiesView;
use super::sideloads::SideloadsView;
use super::view::{PhotoView, Url, UserView, role_name};
use crate::http::zendesk::time::ZendeskTime;
use crate::http::zendesk::{locale, schemas, time_zone};

/// A user as end users see them
#[derive(Serialize, ToSchema)]
// With more keys it would be a whole user.
#[serde(deny_unknown_fields)]
#[schema(as = ReducedUser)]
pub(super) struct ReducedView<'a> {
    /// The number of the user; null without credentials
    #[schema(required = true)]
    id: Option<i64>,
    /// The address of this user; null without credentials
    #[schema(value_type = Option<String>, required = true)]
    url: Option<Url<'a>>,
    #[schema(value_type = String)]
    name: Cow<'a, str>,
    #[schema(required = true)]
    email: Option<&'a str>,
    #[schema(required = true)]
    created_at: Option<ZendeskTime>,
    #[schema(required = true)]
    updated_at: Option<ZendeskTime>,
    time_zone: &'a str,
    iana_time_zone: &'a str,
    #[schema(required = true)]
    phone: Option<&'a str>,
    #[schema(required = true)]
    shared_phone_number: Option<bool>,
    #[schema(required = true)]
    photo: Option<PhotoView<'a>>,
    locale_id: i32,
    locale: &'a str,
    #[schema(required = true)]
    organization_id: Option<i64>,
    #[schema(schema_with = schemas::role)]
    role: &'static str,
    verified: bool,
    /// What the caller may do with the user; with include=abilities
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    abilities: Option<AbilitiesView<'a>>,
}

impl<'a> From<UserView<'a>> for ReducedView<'a> {
    fn from(user: UserView<'a>) -> Self {
        Self {
            id: Some(user.id),
            url: Some(user.url),
            name: user.name,
            email: user.email,
            created_at: Some(user.created_at),
            updated_at: Some(user.updated_at),
            time_zone: user.time_zone,
            iana_time_zone: user.iana_time_zone,
            phone: user.phone,
            shared_phone_number: user.shared_phone_number,
            photo: user.photo,
            locale_id: user.locale_id,
            locale: user.locale,
            organization_id: user.organization_id,
            role: user.role,
            verified: user.verified,
            abilities: user.abilities.0.map(|abilities| abilities.0),
        }
    }
}

impl ReducedView<'_> {
    /// Nobody in particular.
    fn anonymous() -> Self {
        Self {
            id: None,
            url: None,
            name: Cow::Borrowed("Anonymous user"),
            email: None,
            created_at: None,
            updated_at: None,
            time_zone: time_zone::DEFAULT,
            iana_time_zone: time_zone::iana(time_zone::DEFAULT),
            phone: None,
            shared_phone_number: None,
            photo: None,
            locale_id: locale::id(locale::DEFAULT),
            locale: locale::DEFAULT,
            organization_id: None,
            role: role_name(Role::EndUser),
            verified: false,
            abilities: None,
        }
    }
}

/// A user as end users see them, and what comes along
#[derive(Serialize, ToSchema)]
#[schema(as = ReducedUserResponse)]
pub(super) struct ReducedBody<'a> {
    pub(super) user: ReducedView<'a>,
    #[serde(flatten)]
    pub(super) sideloads: SideloadsView<'a>,
}

impl<'a> ReducedBody<'a> {
    /// The answer to a call without credentials.
    pub(super) fn anonymous(sideloads: SideloadsView<'a>) -> Self {
        Self { user: ReducedView::anonymous(), sideloads }
    }
}
