//! `GET /api/v2/incremental/users/cursor` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::ExportPosition;
use serde::Serialize;
use utoipa::ToSchema;

use super::position::{before_second, decode, encode};
use super::{page_size, start_time};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::users::page::UserArray;
use crate::http::zendesk::users::sideloads::{Sideloads, SideloadsView};
use crate::http::zendesk::users::view::UserView;

action!(ExportUsersByCursor, "api/v2/incremental/users/cursor", UsersRead, Admins, SupportExport);

/// How many seconds ago an export must begin (contract §6).
const AGE: i64 = 60;

/// Export users by cursor
///
/// Those who were changed at `start_time` or later, the deleted too, in the order of their
/// changes; then, with the cursor of each page, those after it.
#[utoipa::path(
    get,
    path = "/api/v2/incremental/users/cursor",
    operation_id = "IncrementalUserExportCursor",
    tag = "Incremental Exports",
    params(
        ("start_time" = Option<i64>, Query, description = "The second at which the export begins, from the epoch on, at least a minute ago; or cursor"),
        ("cursor" = Option<String>, Query, description = "The after_cursor of the page before"),
        ("per_page" = Option<i64>, Query, description = "How many users a page has; at most 1000 count", minimum = 1),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    responses((status = 200, description = "A page of users", body = ExportView)),
)]
pub(crate) async fn users_cursor(
    request: Authorized<ExportUsersByCursor>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let (start, size) = (read_start(&app, &request)?, page_size(&request)?);
    let mut users = app.store.export_users(request.account, start, size + 1).await?;
    let end_of_stream = users.len() <= size;
    users.truncate(size);
    let end = users.last().map_or(start, |user| ExportPosition::of(user));
    let cursor = encode(end);
    let sideloads = Sideloads::load(&app, &request, &users).await?;
    let array = UserArray::new(&app, &request, &users, &sideloads, None);
    let view = ExportView {
        users: UserArray::PLACE,
        sideloads: sideloads.view(&request, &users),
        after_url: request.link(&[("cursor", &cursor)]),
        before_url: None,
        after_cursor: cursor,
        before_cursor: None,
        end_of_stream,
    };
    Ok(array.answer(&view))
}

/// Where the page begins. A cursor counts before a time.
fn read_start(app: &App, request: &Request) -> Result<ExportPosition, ZendeskError> {
    if let Some(cursor) = request.query.get("cursor") {
        return decode(cursor).ok_or(ZendeskError::Pagination("cursor is not valid"));
    }
    let start = start_time(request)?;
    if start > app.now().as_seconds().saturating_sub(AGE) {
        let message = "Too recent start_time. Use a start_time older than 60 seconds";
        return Err(ZendeskError::InvalidValue(message));
    }
    Ok(before_second(start))
}

/// A page of an export by cursor
#[derive(Serialize, ToSchema)]
#[schema(as = UserExportByCursor)]
struct ExportView<'a> {
    #[schema(value_type = Vec<UserView<'a>>)]
    users: [(); 0],
    #[serde(flatten)]
    sideloads: SideloadsView<'a>,
    /// The address of the next page; at the end, of what will have changed by then
    after_url: String,
    /// Always null
    #[schema(required = true)]
    before_url: Option<String>,
    /// The cursor of the next page
    after_cursor: String,
    /// Always null
    #[schema(required = true)]
    before_cursor: Option<String>,
    /// Whether nothing follows for now
    end_of_stream: bool,
}
