//! `GET /api/v2/users/{id}/groups`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Group, Membership, RecordFilter, RecordKind};

use super::view::{GroupsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records::{self, Resource};
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{ListParameters, PlainError};

action!(ListUserGroups, "api/v2/groups/index", UsersRead, Team);

/// List the groups of a user
///
/// In the order in which the user came to belong to them.
#[utoipa::path(
    get,
    path = "/api/v2/users/{id}/groups",
    operation_id = "ListUserGroups",
    tag = "Groups",
    params(("id" = i64, Path, description = "The user", minimum = 0), ListParameters),
    responses(
        (status = 200, description = "A page of groups", body = GroupsView),
        (status = 404, description = "There is no such user", body = PlainError),
    ),
)]
pub(crate) async fn of_user(
    request: Authorized<ListUserGroups>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let user = records::find_user(&app, &request).await?;
    let filter = RecordFilter::MembershipsOf(user.user_id);
    let (memberships, envelope) = records::page::<Membership>(&app, &request, filter).await?;
    let ids = memberships.iter().map(|membership| membership.group_id.0).collect();
    let found = app.store.records_by_id(request.account, RecordKind::Group, ids).await?;
    let groups: Vec<_> = found.into_iter().filter_map(Group::of).collect();
    // The pages follow the memberships, and so do the groups on them.
    let in_order = memberships
        .iter()
        .filter_map(|membership| groups.iter().find(|group| group.id == membership.group_id));
    Ok(answer_list(&request, in_order, envelope))
}
