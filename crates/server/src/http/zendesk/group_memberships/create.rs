//! `POST /api/v2/group_memberships`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Change, GroupId, RecordPatch, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::MembershipBody;
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::RecordInvalid;

action!(CreateGroupMembership, "api/v2/group_memberships/create", UsersWrite, Admins);

/// A membership in a request. Unknown fields are passed over.
#[derive(Serialize, ToSchema)]
struct GroupMembershipRequest {
    group_membership: GroupMembershipFields,
}

/// Who is to belong to which group
#[derive(Serialize, ToSchema)]
struct GroupMembershipFields {
    /// A member of the team
    user_id: i64,
    /// A group that they do not belong to yet
    group_id: i64,
}

/// Let a member of the team belong to a group
///
/// Their first group becomes their default one.
#[utoipa::path(
    post,
    path = "/api/v2/group_memberships",
    operation_id = "CreateGroupMembership",
    tag = "Group Memberships",
    request_body = GroupMembershipRequest,
    responses(
        (
            status = 201,
            description = "The user belongs to the group now",
            body = MembershipBody,
            headers(("Location" = String, description = "Where it is found")),
        ),
        (status = 422, description = "The user or the group cannot be had", body = RecordInvalid),
    ),
)]
pub(crate) async fn create(
    request: Authorized<CreateGroupMembership>,
    State(app): State<Arc<App>>,
    body: JsonBody,
) -> Result<Response, ZendeskError> {
    let read =
        |fields: &mut Fields<'_>| (required(fields, "user_id"), required(fields, "group_id"));
    let (user, group) = records::read_body(&request, body, "group_membership", read)?;
    let patch =
        RecordPatch::Membership { user_id: UserId::from_stored(user), group_id: GroupId(group) };
    let membership = records::create(&app, &request, patch).await?;
    let body = MembershipBody::load(&app, &request, &membership).await?;
    Ok(body.located(StatusCode::CREATED))
}

/// A number that must be given. Without one there is a problem, and the body is refused for it.
fn required(fields: &mut Fields<'_>, name: &str) -> i64 {
    let was_given = fields.has(name);
    match fields.id(name) {
        Change::Set(id) => return id,
        // It is no number, which is told already.
        Change::Keep if was_given => {}
        Change::Keep | Change::Clear => fields.problems.add(name, "BlankValue", "cannot be blank"),
    }
    0
}
