//! `GET /api/v2/end-users/{end_user_id}` (contract Ada §2.4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;

use super::view::{EndUserView, write_user};
use crate::app::App;
use crate::http::ada::extract::{Authorized, PathText, end_user_id};
use crate::http::ada::{AdaError, json};
use crate::http::caller::{Operation, authorize_at_once};
use crate::http::fast_path::{Answered, Head};
use crate::http::limits::Family;

pub(crate) enum GetEndUser {}

impl Operation for GetEndUser {
    const SCOPE: Scope = Scope::EndUsersRead;
    const FAMILY: Family = Family::EndUsers;
}

const ROUTE: &str = "/api/v2/end-users/{end_user_id}";

/// Answers where nothing has to be waited for: the user is in memory, or read in a moment.
pub(crate) fn at_once(app: &App, head: &Head<'_>, body: &mut Vec<u8>) -> Option<Answered> {
    let id = head.path.strip_prefix("/api/v2/end-users/").filter(|_| head.query.is_none())?;
    let id = id.strip_suffix('/').unwrap_or(id).parse().ok()?;
    let caller = authorize_at_once::<GetEndUser>(app, head)?;
    let user = app.store.end_user_at_once(caller.account, id)?;
    write_user(app, &user, body);
    Some(Answered { route: ROUTE, account: caller.account })
}

/// Get an end user
#[utoipa::path(
    get,
    path = "/api/v2/end-users/{end_user_id}",
    operation_id = "get_end_user",
    tag = "End Users",
    params(("end_user_id" = String, Path, description = "The end user's identifier", format = "id", pattern = "^[0-9a-fA-F]{24}$")),
    responses(
        (status = 200, description = "The end user", body = EndUserView),
        (status = 404, description = "There is no such end user", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn get(
    caller: Authorized<GetEndUser>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<Response, AdaError> {
    let id = end_user_id(&path)?;
    let user = app.store.end_user(caller.account, id).await?;
    let user = user.ok_or(AdaError::EndUserNotFound)?;
    Ok(json(StatusCode::OK, &EndUserView::from(&*user)))
}
