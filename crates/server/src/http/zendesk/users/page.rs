//! A page of users, for every operation that lists some (contract Zendesk §1.3, §1.4).

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Start, StoreError, User, UserFilter, UserList, UserPage, UserSort};
use serde::Serialize;
use utoipa::ToSchema;

use super::filter::read_sort;
use super::one;
use super::sideloads::{Sideloads, SideloadsView};
use super::view::{ItemCursor, ItemMeta, UserView};
use crate::app::App;
use crate::http::json::{BySerde, IfAny, WriteJson, to_vec};
use crate::http::zendesk::cursor;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{CursorEnvelope, Envelope, From, OffsetEnvelope, Paging};
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::json_answer;

/// About the most that a user takes in an answer, in bytes.
const USER_SIZE: usize = 1536;
/// About what a page takes beside its users.
const REST_SIZE: usize = 1024;

/// A page of users
#[derive(Serialize, ToSchema)]
#[schema(as = UsersPage)]
pub(in crate::http::zendesk) struct UsersView<'a> {
    #[schema(value_type = Vec<UserView<'a>>)]
    users: [(); 0],
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
    let array = UserArray::new(app, request, users, &sideloads, item_sort);
    let sideloads = sideloads.view(request, users);
    Ok(array.answer(&UsersView { users: UserArray::PLACE, sideloads, envelope }))
}

/// The first member of a page: its users, as they are answered.
///
/// A page of users takes a hundred kilobytes, so they are written where they stay, and the other
/// members come after them.
pub(in crate::http::zendesk) struct UserArray(Vec<u8>);

impl UserArray {
    /// What the page has in place of its users.
    pub(in crate::http::zendesk) const PLACE: [(); 0] = [];

    /// Writes these users.
    pub(in crate::http::zendesk) fn new(
        app: &App,
        request: &Request,
        users: &[Arc<User>],
        sideloads: &Sideloads,
        item_sort: Option<UserSort>,
    ) -> Self {
        let mut text = Vec::with_capacity(REST_SIZE + USER_SIZE * users.len());
        text.extend_from_slice(b"{\"users\":[");
        for (place, user) in users.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            if sideloads.abilities || item_sort.is_some() {
                let mut view = one::view(request, user, sideloads);
                view.meta = IfAny(item_sort.map(|sort| {
                    let cursor = cursor::encode_user(sort, &sort.key(user));
                    BySerde(ItemMeta { page: ItemCursor { cursor } })
                }));
                view.write_json(&mut text);
            } else {
                let origin = &request.origin;
                let encode = |text: &mut _| UserView::new(user, origin).write_json(text);
                app.zendesk_users.write(user, origin.as_str(), &mut text, encode);
            }
        }
        Self(text)
    }

    /// Answers `page`, whose first member is named `users` and has [`Self::PLACE`] in place of them.
    pub(in crate::http::zendesk) fn answer(self, page: &impl Serialize) -> Response {
        let Self(mut text) = self;
        let page = to_vec(page, REST_SIZE);
        // What comes after `{"users":[` there.
        let rest = page.get(b"{\"users\":[".len()..).unwrap_or_default();
        text.extend_from_slice(rest);
        json_answer(StatusCode::OK, text)
    }
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
