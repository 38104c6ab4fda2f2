//! A page of users, for every operation that lists some (contract Zendesk §1.3, §1.4).

use std::sync::Arc;

use axum::response::Response;
use roster_directory::{Start, StoreError, User, UserFilter, UserList, UserPage, UserSort};
use serde::Serialize;
use utoipa::ToSchema;

use super::abilities::AbilitiesView;
use super::filter::read_sort;
use super::sideloads::{Sideloads, SideloadsView};
use super::view::{ItemCursor, ItemMeta, UserView};
use crate::app::App;
use crate::http::zendesk::cursor;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{CursorEnvelope, Envelope, From, OffsetEnvelope, Paging};
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::large_json_response;

/// About the most that a user takes in an answer, in bytes.
pub(in crate::http::zendesk) const USER_SIZE: usize = 1536;

/// A page of users
#[derive(Serialize, ToSchema)]
#[schema(as = UsersPage)]
pub(in crate::http::zendesk) struct UsersView<'a> {
    users: Vec<UserView<'a>>,
    #[serde(flatten)]
    sideloads: SideloadsView<'a>,
    #[serde(flatten)]
    envelope: Envelope,
}

/// Answers the page of a list of users that the request asks for. Without a filter the list is
/// empty.
pub(in crate::http::zendesk) async fn answer_page(
    app: &App,
    request: &Request,
    filter: Option<UserFilter>,
) -> Result<Response, ZendeskError> {
    let paging = Paging::read(&request.query, request.action())?;
    let sort = read_sort(request, &paging)?;
    let start = read_start(&paging, sort)?;
    let limit = match paging {
        Paging::Offset { limit, .. } | Paging::Cursor { limit, .. } => limit,
    };
    let page = match &filter {
        None => UserPage::default(),
        Some(filter) => {
            let list = UserList { filter: filter.clone(), sort, start, limit };
            app.store.users(request.account, list).await?
        }
    };
    let envelope = match paging {
        Paging::Cursor { .. } => {
            let key = |user: &Arc<User>| cursor::encode_user(sort, &sort.key(user));
            let ends = page.users.first().map(key).zip(page.users.last().map(key));
            Envelope::Cursor(CursorEnvelope::new(request, page.more, ends, limit))
        }
        Paging::Offset { page, limit } => {
            let count = count(app, request, filter).await?;
            Envelope::Offset(OffsetEnvelope::new(request, page, limit, count))
        }
    };
    let with_cursors =
        matches!(envelope, Envelope::Cursor(_)) && request.query.is_true("include_item_cursors");
    let item_sort = with_cursors.then_some(sort);
    answer(app, request, &page.users, envelope, item_sort).await
}

/// Answers these users in this envelope, with what the request wants to come along.
pub(in crate::http::zendesk) async fn answer(
    app: &App,
    request: &Request,
    users: &[Arc<User>],
    envelope: Envelope,
    item_sort: Option<UserSort>,
) -> Result<Response, ZendeskError> {
    let sideloads = Sideloads::load(app, request, users).await?;
    let view = UsersView {
        users: views(request, users, &sideloads, item_sort),
        sideloads: sideloads.view(request, users),
        envelope,
    };
    Ok(large_json_response(&view, 512 + USER_SIZE * users.len()))
}

/// Each of these users as they are answered.
pub(in crate::http::zendesk) fn views<'a>(
    request: &'a Request,
    users: &'a [Arc<User>],
    sideloads: &Sideloads,
    item_sort: Option<UserSort>,
) -> Vec<UserView<'a>> {
    let views = users.iter().map(|user| {
        let mut view = UserView::new(user, &request.origin);
        let ability = || AbilitiesView::new(&request.acting, user, &request.origin);
        view.abilities = sideloads.abilities.then(ability);
        view.meta = item_sort.map(|sort| {
            let cursor = cursor::encode_user(sort, &sort.key(user));
            ItemMeta { page: ItemCursor { cursor } }
        });
        view
    });
    views.collect()
}

async fn count(
    app: &App,
    request: &Request,
    filter: Option<UserFilter>,
) -> Result<u64, StoreError> {
    match filter {
        Some(filter) => app.store.count_users(request.account, filter).await,
        None => Ok(0),
    }
}

/// Where the page begins. A cursor must be one of this order.
pub(in crate::http::zendesk) fn read_start(
    paging: &Paging,
    sort: UserSort,
) -> Result<Start, ZendeskError> {
    let place = |text: &str, message| {
        cursor::decode_user(sort, text).ok_or(ZendeskError::Pagination(message))
    };
    match paging {
        Paging::Offset { page, limit } => Ok(Start::Offset(Paging::offset(*page, *limit))),
        Paging::Cursor { from, .. } => match from {
            From::Beginning => Ok(Start::Offset(0)),
            From::After(text) => place(text, "page[after] is not valid").map(Start::After),
            From::Before(text) => place(text, "page[before] is not valid").map(Start::Before),
        },
    }
}
