//! A deleted user as they are answered: 15 keys (contract Zendesk §6).

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::User;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::time::ZendeskTime;
use crate::http::zendesk::users::view::{PhotoView, role_name};
use crate::http::zendesk::{locale, schemas, time_zone};

/// A deleted user. Of one who was deleted for good nothing personal is known any more
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedUser)]
pub(super) struct DeletedUserView<'a> {
    id: i64,
    /// The address of this deleted user
    url: String,
    #[schema(value_type = String)]
    name: Cow<'a, str>,
    #[schema(required = true)]
    email: Option<&'a str>,
    created_at: ZendeskTime,
    /// When they were deleted
    updated_at: ZendeskTime,
    locale_id: i32,
    locale: &'a str,
    time_zone: &'a str,
    #[schema(required = true)]
    phone: Option<&'a str>,
    #[schema(required = true)]
    shared_phone_number: Option<bool>,
    #[schema(required = true)]
    photo: Option<PhotoView<'a>>,
    #[schema(required = true)]
    organization_id: Option<i64>,
    #[schema(schema_with = schemas::role)]
    role: &'static str,
    /// Always false
    active: bool,
}

impl<'a> DeletedUserView<'a> {
    /// The user, with links to where the client reached this server.
    pub(super) fn new(user: &'a User, request: &Request) -> Self {
        let (profile, support) = (&user.profile, &*user.support);
        let locale = profile.language.as_deref().unwrap_or(locale::DEFAULT);
        let id = user.user_id.get();
        Self {
            id,
            url: request.link_to(&format!("/api/v2/deleted_users/{id}.json")),
            name: user.name(),
            email: profile.email.as_deref(),
            created_at: ZendeskTime(user.created_at),
            updated_at: ZendeskTime(user.updated_at),
            locale_id: locale::id(locale),
            locale,
            time_zone: support.time_zone.as_deref().unwrap_or(time_zone::DEFAULT),
            phone: support.phone.as_deref(),
            shared_phone_number: support.phone.is_some().then_some(support.shared_phone_number),
            photo: profile.avatar.as_deref().map(|url| PhotoView::new(url, id)),
            organization_id: support.organization_id.map(|id| id.0),
            role: role_name(user.role),
            active: false,
        }
    }
}

/// A deleted user
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedUserResponse)]
pub(super) struct DeletedUserBody<'a> {
    deleted_user: DeletedUserView<'a>,
}

/// Answers one deleted user.
pub(super) fn answer_one(request: &Request, user: &User) -> Response {
    let body = DeletedUserBody { deleted_user: DeletedUserView::new(user, request) };
    json_response(StatusCode::OK, &body)
}
