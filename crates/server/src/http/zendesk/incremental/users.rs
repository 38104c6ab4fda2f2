//! `GET /api/v2/incremental/users` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{ExportPosition, StoreError, Timestamp, User};
use serde::Serialize;
use utoipa::ToSchema;

use super::position::before_second;
use super::{page_size, start_time};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::users::page::UserArray;
use crate::http::zendesk::users::sideloads::{Sideloads, SideloadsView};
use crate::http::zendesk::users::view::UserView;

action!(ExportUsers, "api/v2/incremental/users", UsersRead, Admins, SupportExport);

/// For how many seconds a change that was begun in a second may still become visible: a write
/// knows its moment before it waits for its turn and for the disk.
const SETTLING: i64 = 10;

/// How many users are read at a time to complete a second.
const STEP: usize = 100;

/// Export users by time
///
/// Those who were changed at `start_time` or later, the deleted too, in the order of their
/// changes. A page never parts what happened in one second, so it may have more users than
/// `per_page`.
#[utoipa::path(
    get,
    path = "/api/v2/incremental/users",
    operation_id = "IncrementalUserExportTime",
    tag = "Incremental Exports",
    params(
        ("start_time" = i64, Query, description = "The second at which the export begins, from the epoch on"),
        ("per_page" = Option<i64>, Query, description = "How many users a page has; at most 1000 count", minimum = 1),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    responses((status = 200, description = "A page of users", body = ExportView)),
)]
pub(crate) async fn users(
    request: Authorized<ExportUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let (start, size) = (start_time(&request)?, page_size(&request)?);
    // What happens after this moment may be missing in what is read after it.
    let now = app.now();
    let page = read(&app, &request, start, size).await?;
    let end_time = page.end_time(start, now);
    let sideloads = Sideloads::load(&app, &request, &page.users).await?;
    let array = UserArray::new(&app, &request, &page.users, &sideloads, None);
    let view = ExportView {
        users: UserArray::PLACE,
        sideloads: sideloads.view(&request, &page.users),
        next_page: request.link(&[("start_time", &end_time.to_string())]),
        count: page.users.len(),
        end_of_stream: page.is_last,
        end_time,
    };
    Ok(array.answer(&view))
}

/// A page of an export by time
#[derive(Serialize, ToSchema)]
#[schema(as = UserExportByTime)]
struct ExportView<'a> {
    #[schema(value_type = Vec<UserView<'a>>)]
    users: [(); 0],
    #[serde(flatten)]
    sideloads: SideloadsView<'a>,
    /// The address of the next page; at the end, of what will have changed by then
    next_page: String,
    /// How many users the page has
    count: usize,
    /// Whether nothing follows for now
    end_of_stream: bool,
    /// The `start_time` of the next page
    end_time: i64,
}

/// Some users in the order of their changes.
struct Page {
    users: Vec<Arc<User>>,
    /// Whether nobody comes after them.
    is_last: bool,
}

/// Reads about `size` users, and all that was changed in the same second as the last of them.
async fn read(app: &App, request: &Request, start: i64, size: usize) -> Result<Page, StoreError> {
    let export = |after, limit| app.store.export_users(request.account, after, limit);
    let mut users = export(before_second(start), size).await?;
    if users.len() < size {
        return Ok(Page { users, is_last: true });
    }
    while let Some(last) = users.last() {
        let (place, second) = (ExportPosition::of(last), last.updated_at.as_seconds());
        let following = export(place, STEP).await?;
        let count = following.len();
        let same = following.into_iter().take_while(|user| user.updated_at.as_seconds() == second);
        let before = users.len();
        users.extend(same);
        let taken = users.len() - before;
        if taken < STEP {
            return Ok(Page { users, is_last: taken == count });
        }
    }
    Ok(Page { users, is_last: true })
}

impl Page {
    /// Where the next page begins: after the second of the last user if nothing can be added to
    /// it any more, else with that second, whose users are told twice then. Changes get later and
    /// later moments, so a second that another one follows is complete.
    fn end_time(&self, start: i64, now: Timestamp) -> i64 {
        let Some(last) = self.users.last() else { return start };
        let second = last.updated_at.as_seconds();
        let is_complete = !self.is_last || now.as_seconds() > second.saturating_add(SETTLING);
        if is_complete { second.saturating_add(1) } else { second }
    }
}
