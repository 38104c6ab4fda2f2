//! `GET /api/v2/users/show_many` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{ExternalId, User, UserId};

use super::page::{UsersView, answer};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{Envelope, OffsetEnvelope};
use crate::http::zendesk::request::{Authorized, Request, action};

action!(ShowManyUsers, "api/v2/users/show_many", UsersRead, Team);

/// Show up to a hundred users
///
/// Those that there are, ascending by id; unknown ones are left out.
#[utoipa::path(
    get,
    path = "/api/v2/users/show_many",
    operation_id = "ShowManyUsers",
    tag = "Users",
    params(
        ("ids" = Option<Vec<i64>>, Query, description = "The users' ids; or external_ids", max_items = 100),
        ("external_ids" = Option<Vec<String>>, Query, description = "The users' external ids", max_items = 100),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    responses((status = 200, description = "The users", body = UsersView)),
)]
pub(crate) async fn show_many(
    request: Authorized<ShowManyUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let users = named_users(&app, &request).await?;
    let count = u64::try_from(users.len()).unwrap_or(u64::MAX);
    let envelope = Envelope::Offset(OffsetEnvelope::whole(count));
    answer(&app, &request, &users, envelope, None).await
}

/// The users that `ids` or `external_ids` name, at most a hundred, ascending by id.
pub(super) async fn named_users(
    app: &App,
    request: &Request,
) -> Result<Vec<Arc<User>>, ZendeskError> {
    if request.query.get("ids").is_some() {
        let ids = named_ids(request)?;
        return Ok(app.store.users_by_id(request.account, ids).await?);
    }
    let texts: Vec<_> = request.query.items("external_ids").collect();
    if texts.len() > LIMIT {
        return Err(ZendeskError::TooManyIds);
    }
    // What cannot be an external id is nobody's.
    let ids = texts.into_iter().filter_map(|text| ExternalId::new(text).ok()).collect();
    Ok(app.store.users_by_external_id(request.account, ids).await?)
}

/// The numbers in `ids`, at most a hundred.
pub(in crate::http::zendesk) fn named_ids(request: &Request) -> Result<Vec<UserId>, ZendeskError> {
    let texts: Vec<_> = request.query.items("ids").collect();
    if texts.len() > LIMIT {
        return Err(ZendeskError::TooManyIds);
    }
    let number = |text: &str| {
        text.parse().map(UserId::from_stored).map_err(|_| ZendeskError::InvalidAttribute {
            name: "ids".to_owned(),
            expected: "must be a list of integers",
            action: request.action(),
        })
    };
    texts.into_iter().map(number).collect()
}

/// The most users that one request names.
pub(in crate::http::zendesk) const LIMIT: usize = 100;
