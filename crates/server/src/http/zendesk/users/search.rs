//! `GET /api/v2/users/search` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{ExternalId, SearchPage, SearchQuery};

use super::page::{UsersView, answer};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{Envelope, OffsetEnvelope, Paging};
use crate::http::zendesk::request::{Authorized, Request, action};

action!(SearchUsers, "api/v2/users/search", UsersRead, Team);

/// Search users
///
/// By words, phrases and fields (query), or by the caller's own key (`external_id`). Ten
/// thousand are found at most.
#[utoipa::path(
    get,
    path = "/api/v2/users/search",
    operation_id = "SearchUsers",
    tag = "Users",
    params(
        ("query" = Option<String>, Query, description = "Words that a user has, at least by their beginnings; \"phrases\"; name:, email:, phone:, external_id:, notes:, details:, tags:, role:, organization: and a value; any of these not, after a minus"),
        ("external_id" = Option<String>, Query, description = "The caller's own key, in any case; then query says nothing"),
        ("page" = Option<i64>, Query, description = "The number of the page, from 1", maximum = 10000),
        ("per_page" = Option<i64>, Query, description = "How many users a page has; at most 100 count", minimum = 1),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    responses((status = 200, description = "A page of users", body = UsersView)),
)]
pub(crate) async fn search(
    request: Authorized<SearchUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let (page, limit) = Paging::read_offset(&request.query, request.action())?;
    let offset = Paging::offset(page, limit);
    let found = if let Some(text) = request.query.get("external_id") {
        by_external_id(&app, &request, text, offset).await?
    } else {
        let query = SearchQuery::parse(request.query.get("query").unwrap_or_default());
        app.store.search_users(request.account, query, offset, limit.get() as u64).await?
    };
    let envelope = OffsetEnvelope::new(&request, page, limit, found.count);
    answer(&app, &request, &found.users, Envelope::Offset(envelope), None).await
}

/// At most one user, who is on the first page.
async fn by_external_id(
    app: &App,
    request: &Request,
    text: &str,
    offset: u64,
) -> Result<SearchPage, ZendeskError> {
    let Ok(id) = ExternalId::new(text) else { return Ok(SearchPage::default()) };
    let mut users = app.store.users_by_external_id(request.account, vec![id]).await?;
    let count = users.len() as u64;
    if offset > 0 {
        users.clear();
    }
    Ok(SearchPage { users, count })
}
