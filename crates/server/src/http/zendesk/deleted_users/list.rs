//! `GET /api/v2/deleted_users` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Roles, Segment, User, UserFilter, UserList, UserSort};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::DeletedUserView;
use crate::app::App;
use crate::http::zendesk::cursor::encode_id;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{CursorEnvelope, Envelope, OffsetEnvelope, Paging};
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::ListParameters;
use crate::http::zendesk::users::page::read_start;

action!(ListDeletedUsers, "api/v2/deleted_users/index", UsersRead, Team);

/// List deleted users
#[utoipa::path(
    get,
    path = "/api/v2/deleted_users",
    operation_id = "ListDeletedUsers",
    tag = "Deleted Users",
    params(ListParameters),
    responses((status = 200, description = "A page of deleted users", body = DeletedUsersView)),
)]
pub(crate) async fn list(
    request: Authorized<ListDeletedUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let paging = Paging::read(&request.query, request.action())?;
    paging.ascends_by_id(&request.query)?;
    let start = read_start(&paging, UserSort::ID)?;
    let (Paging::Offset { limit, .. } | Paging::Cursor { limit, .. }) = paging;
    let filter = UserFilter::all(Segment::Account);
    let list = UserList { filter, sort: UserSort::ID, start, limit };
    let found = app.store.deleted_users(request.account, list).await?;
    let envelope = match paging {
        Paging::Cursor { .. } => {
            let key = |user: &Arc<User>| encode_id(user.user_id.get());
            let ends = found.users.first().map(key).zip(found.users.last().map(key));
            Envelope::Cursor(CursorEnvelope::new(&request, found.more, ends, limit))
        }
        Paging::Offset { page, .. } => {
            let count = app.store.count_deleted_users(request.account).await?.of(Roles::ALL);
            Envelope::Offset(OffsetEnvelope::new(&request, page, limit, count))
        }
    };
    let deleted_users = found.users.iter().map(|user| DeletedUserView::new(user, &request));
    let body = DeletedUsersView { deleted_users: deleted_users.collect(), envelope };
    Ok(json_response(StatusCode::OK, &body))
}

/// A page of deleted users
#[derive(Serialize, ToSchema)]
#[schema(as = DeletedUsersPage)]
struct DeletedUsersView<'a> {
    deleted_users: Vec<DeletedUserView<'a>>,
    #[serde(flatten)]
    envelope: Envelope,
}
