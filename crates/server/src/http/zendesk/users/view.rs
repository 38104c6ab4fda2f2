//! A user as it is answered: 37 keys in the vendor's order (contract Zendesk §2).

use roster_directory::{ExternalId, Role, TicketRestriction, User, UserState};
use serde::Serialize;
use utoipa::ToSchema;

use super::abilities::AbilitiesView;
use crate::http::json::{BySerde, IfAny, MetadataView, WriteJson, write_json};
use crate::http::links::Origin;
use crate::http::zendesk::locale;
use crate::http::zendesk::schemas;
use crate::http::zendesk::time::ZendeskTime;
use crate::http::zendesk::time_zone;

/// A user
#[derive(ToSchema)]
#[schema(as = User)]
#[expect(clippy::struct_excessive_bools, reason = "they are the vendor's fields")]
pub(in crate::http::zendesk) struct UserView<'a> {
    /// The number of the user, given by the server
    pub(super) id: i64,
    /// The address of this user
    #[schema(value_type = String)]
    pub(super) url: Url<'a>,
    /// The name; a user always has one
    #[schema(value_type = String)]
    pub(super) name: std::borrow::Cow<'a, str>,
    /// The primary email address
    #[schema(required = true)]
    pub(super) email: Option<&'a str>,
    pub(super) created_at: ZendeskTime,
    pub(super) updated_at: ZendeskTime,
    /// The time zone, as it was written
    pub(super) time_zone: &'a str,
    /// The time zone by its IANA name
    pub(super) iana_time_zone: &'a str,
    #[schema(required = true)]
    pub(super) phone: Option<&'a str>,
    /// Whether others share the phone number; null when there is none
    #[schema(required = true)]
    pub(super) shared_phone_number: Option<bool>,
    #[schema(required = true)]
    pub(super) photo: Option<PhotoView<'a>>,
    pub(super) locale_id: i32,
    pub(super) locale: &'a str,
    #[schema(required = true)]
    pub(super) organization_id: Option<i64>,
    #[schema(schema_with = schemas::role)]
    pub(super) role: &'static str,
    pub(super) verified: bool,
    #[schema(value_type = String, required = false)]
    pub(super) authenticity_token: IfAny<&'static str>,
    /// The caller's own key for the user, as it was written
    #[schema(required = true)]
    external_id: Option<&'a str>,
    #[schema(value_type = Vec<String>)]
    tags: Vec<&'a str>,
    #[schema(required = true)]
    alias: Option<&'a str>,
    /// False once the user was deleted
    active: bool,
    shared: bool,
    shared_agent: bool,
    #[schema(required = true)]
    last_login_at: Option<ZendeskTime>,
    #[schema(required = true)]
    two_factor_auth_enabled: Option<bool>,
    #[schema(required = true)]
    signature: Option<&'a str>,
    #[schema(required = true)]
    details: Option<&'a str>,
    #[schema(required = true)]
    notes: Option<&'a str>,
    #[schema(required = true)]
    role_type: Option<i32>,
    #[schema(required = true)]
    custom_role_id: Option<i64>,
    moderator: bool,
    #[schema(required = true, schema_with = schemas::ticket_restriction_or_null)]
    ticket_restriction: Option<&'static str>,
    only_private_comments: bool,
    restricted_agent: bool,
    suspended: bool,
    #[schema(required = true)]
    default_group_id: Option<i64>,
    report_csv: bool,
    /// The caller's own keys
    #[schema(schema_with = schemas::user_fields)]
    user_fields: MetadataView<'a>,
    /// What the caller may do with the user; with include=abilities
    #[schema(value_type = Option<AbilitiesView<'a>>, required = false)]
    pub(super) abilities: IfAny<BySerde<AbilitiesView<'a>>>,
    /// The place of the user in a list by cursor; with `include_item_cursors`
    #[schema(value_type = Option<ItemMeta>, required = false)]
    pub(super) meta: IfAny<BySerde<ItemMeta>>,
}

/// What an item of a page says of itself (contract Zendesk §1.5)
#[derive(Serialize, ToSchema)]
pub(super) struct ItemMeta {
    pub(super) page: ItemCursor,
}

/// The place of an item
#[derive(Serialize, ToSchema)]
pub(super) struct ItemCursor {
    /// Works as page[after] and as page[before]
    pub(super) cursor: String,
}

/// The address of a user.
pub(in crate::http::zendesk) struct Url<'a> {
    pub(in crate::http::zendesk) origin: &'a Origin,
    pub(in crate::http::zendesk) id: i64,
}

impl WriteJson for Url<'_> {
    fn write_json(&self, text: &mut Vec<u8>) {
        self.origin.as_str().write_json(text);
        // What follows goes on before the quotes that end the origin.
        text.pop();
        text.extend_from_slice(b"/api/v2/users/");
        self.id.write_json(text);
        text.extend_from_slice(b".json\"");
    }
}

write_json!(Url<'_>);

/// A picture (contract Zendesk §2.3). Only where it is is known of it.
#[derive(ToSchema)]
#[schema(as = Photo)]
pub(in crate::http::zendesk) struct PhotoView<'a> {
    url: &'a str,
    id: i64,
    file_name: &'a str,
    content_url: &'a str,
    mapped_content_url: &'a str,
    content_type: &'static str,
    size: i64,
    #[schema(required = true)]
    width: Option<i64>,
    #[schema(required = true)]
    height: Option<i64>,
    inline: bool,
    deleted: bool,
    #[schema(value_type = Vec<Object>)]
    thumbnails: Vec<i64>,
}

/// A role by the vendor's name.
pub(in crate::http::zendesk) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::EndUser => "end-user",
        Role::Agent => "agent",
        Role::Admin => "admin",
    }
}

write_json!(UserView<'_> {
    id,
    url,
    name,
    email,
    created_at,
    updated_at,
    time_zone,
    iana_time_zone,
    phone,
    shared_phone_number,
    photo,
    locale_id,
    locale,
    organization_id,
    role,
    verified,
    authenticity_token,
    external_id,
    tags,
    alias,
    active,
    shared,
    shared_agent,
    last_login_at,
    two_factor_auth_enabled,
    signature,
    details,
    notes,
    role_type,
    custom_role_id,
    moderator,
    ticket_restriction,
    only_private_comments,
    restricted_agent,
    suspended,
    default_group_id,
    report_csv,
    user_fields,
    abilities,
    meta,
});

write_json!(PhotoView<'_> {
    url,
    id,
    file_name,
    content_url,
    mapped_content_url,
    content_type,
    size,
    width,
    height,
    inline,
    deleted,
    thumbnails,
});

impl<'a> UserView<'a> {
    /// The user, with links to `origin`.
    pub(in crate::http::zendesk) fn new(user: &'a User, origin: &'a Origin) -> Self {
        let (profile, support) = (&user.profile, &*user.support);
        let time_zone = support.time_zone.as_deref().unwrap_or(time_zone::DEFAULT);
        let locale = profile.language.as_deref().unwrap_or(locale::DEFAULT);
        let id = user.user_id.get();
        let is_end_user = user.role == Role::EndUser;
        let restriction = ticket_restriction(user);
        Self {
            id,
            url: Url { origin, id },
            name: user.name(),
            email: profile.email.as_deref(),
            created_at: ZendeskTime(user.created_at),
            updated_at: ZendeskTime(user.updated_at),
            time_zone,
            iana_time_zone: time_zone::iana(time_zone),
            phone: support.phone.as_deref(),
            shared_phone_number: support.phone.is_some().then_some(support.shared_phone_number),
            photo: profile.avatar.as_deref().map(|url| PhotoView::new(url, id)),
            locale_id: locale::id(locale),
            locale,
            organization_id: support.organization_id.map(|id| id.0),
            role: role_name(user.role),
            verified: support.verified,
            authenticity_token: IfAny(None),
            external_id: user.external_id.as_ref().map(ExternalId::written),
            tags: support.tags.iter().collect(),
            alias: support.alias.as_deref(),
            active: user.state == UserState::Active,
            shared: false,
            shared_agent: false,
            last_login_at: None,
            two_factor_auth_enabled: None,
            signature: support.signature.as_deref(),
            details: support.details.as_deref(),
            notes: support.notes.as_deref(),
            role_type: role_type(user),
            custom_role_id: support.custom_role_id.map(|id| id.0),
            moderator: support.moderator.unwrap_or(user.role == Role::Admin),
            ticket_restriction: restriction,
            only_private_comments: support.only_private_comments,
            restricted_agent: is_end_user || restriction.is_some(),
            suspended: support.suspended,
            default_group_id: support.default_group_id.map(|id| id.0),
            report_csv: false,
            user_fields: MetadataView(&profile.metadata),
            abilities: IfAny(None),
            meta: IfAny(None),
        }
    }
}

/// What a role is called by number: custom roles have one, and admins (contract Zendesk §2.2).
fn role_type(user: &User) -> Option<i32> {
    match user.role {
        Role::Admin => Some(4),
        Role::Agent => user.support.custom_role_id.map(|_| 0),
        Role::EndUser => None,
    }
}

fn ticket_restriction(user: &User) -> Option<&'static str> {
    let by_role = (user.role == Role::EndUser).then_some(TicketRestriction::Requested);
    user.support.ticket_restriction.or(by_role).map(restriction_name)
}

/// A restriction by the vendor's name.
pub(super) const fn restriction_name(restriction: TicketRestriction) -> &'static str {
    match restriction {
        TicketRestriction::Organization => "organization",
        TicketRestriction::Groups => "groups",
        TicketRestriction::Assigned => "assigned",
        TicketRestriction::Requested => "requested",
    }
}

impl<'a> PhotoView<'a> {
    /// The picture that a user has there.
    pub(in crate::http::zendesk) fn new(url: &'a str, id: i64) -> Self {
        let file_name = url.split(['?', '#']).next().unwrap_or(url);
        let file_name = file_name.rsplit('/').next().unwrap_or(file_name);
        Self {
            url,
            id,
            file_name,
            content_url: url,
            mapped_content_url: url,
            content_type: content_type(file_name),
            size: 0,
            width: None,
            height: None,
            inline: false,
            deleted: false,
            thumbnails: Vec::new(),
        }
    }
}

/// What a picture is by its name.
fn content_type(file_name: &str) -> &'static str {
    let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let types = [
        ("jpg", "image/jpeg"),
        ("jpeg", "image/jpeg"),
        ("gif", "image/gif"),
        ("webp", "image/webp"),
        ("svg", "image/svg+xml"),
    ];
    let found = types.into_iter().find(|(name, _)| extension.eq_ignore_ascii_case(name));
    found.map_or("image/png", |(_, content_type)| content_type)
}
