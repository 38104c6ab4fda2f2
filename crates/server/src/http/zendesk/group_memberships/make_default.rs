//! `PUT /api/v2/users/{id}/group_memberships/{membership_id}/make_default`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{
    Change, Membership, RecordFilter, RecordKey, RecordKind, SupportPatch, UserPatch,
};

use super::view::{MembershipsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::Envelope;
use crate::http::zendesk::records::{self, Resource};
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::PlainError;

// Whoever may change users may change their default group: it is a field of theirs.
action!(SetDefaultGroupMembership, "api/v2/group_memberships/make_default", UsersWrite, Team);

/// Make a user's group the default one
///
/// Answers all memberships of the user.
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}/group_memberships/{membership_id}/make_default",
    operation_id = "GroupMembershipSetDefault",
    tag = "Group Memberships",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("membership_id" = i64, Path, description = "The membership", minimum = 0),
    ),
    responses(
        (status = 200, description = "The memberships of the user", body = MembershipsView),
        (status = 404, description = "The user has no such membership", body = PlainError),
    ),
)]
pub(crate) async fn make_default(
    request: Authorized<SetDefaultGroupMembership>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let user = request.user_id()?;
    let key = RecordKey::Id(RecordKind::Membership, request.id("membership_id")?);
    let membership = app.store.record(request.account, key).await?.and_then(Membership::of);
    let membership = membership.filter(|membership| membership.user_id == user);
    let group = membership.ok_or(ZendeskError::RecordNotFound)?.group_id;
    let support = SupportPatch { default_group_id: Change::Set(group), ..SupportPatch::default() };
    let patch = UserPatch { support, ..UserPatch::default() };
    app.store.update_user(request.account, user, patch, app.now()).await?;
    let filter = RecordFilter::MembershipsOf(user);
    let (memberships, envelope) = records::whole(&app, &request, filter).await?;
    answer_list(&app, &request, &memberships, Envelope::Offset(envelope)).await
}
