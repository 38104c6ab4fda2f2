//! `GET /api/v2/end-users/`: a page of them, or the one with an external id (contract Ada §2.4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{ExternalId, PageRequest, Scope, User};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{EndUserView, write_user};
use crate::app::App;
use crate::http::ada::extract::{Authorized, Query};
use crate::http::ada::page::{PageMeta, next_page_url};
use crate::http::ada::problems::Problems;
use crate::http::ada::respond::page_of;
use crate::http::ada::{AdaError, json};
use crate::http::caller::{Operation, authorize_at_once};
use crate::http::fast_path::{Answered, Head};
use crate::http::json::{BySerde, WriteJson, write_json};
use crate::http::limits::Family;
use crate::http::links::Origin;

pub(crate) enum ListEndUsers {}

impl Operation for ListEndUsers {
    const SCOPE: Scope = Scope::EndUsersRead;
    const FAMILY: Family = Family::EndUsers;
}

const PATH: &str = "/api/v2/end-users/";
/// The same, as the log names it.
const ROUTE: &str = "/api/v2/end-users";

/// Answers with the user who has an external id, where nothing has to be waited for. An id that
/// is encoded in any way is left to the handler.
pub(crate) fn at_once(app: &App, head: &Head<'_>, body: &mut Vec<u8>) -> Option<Answered> {
    let id = head.query?.strip_prefix("external_id=")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@".contains(&byte);
    if !(head.path == PATH || Some(head.path) == PATH.strip_suffix('/')) || !id.bytes().all(plain) {
        return None;
    }
    let id = ExternalId::ada(id).ok()?;
    let caller = authorize_at_once::<ListEndUsers>(app, head)?;
    let user = app.store.end_user_by_external_id_at_once(caller.account, &id)?;
    write_user(app, &user, body);
    Some(Answered { route: ROUTE, account: caller.account })
}

/// A page of end users
#[derive(ToSchema)]
#[schema(as = EndUsers)]
struct EndUsersView<'a> {
    #[schema(value_type = Vec<EndUserView<'a>>)]
    data: EndUserViews<'a>,
    #[schema(value_type = PageMeta)]
    meta: BySerde<PageMeta>,
}

write_json!(EndUsersView<'_> { data, meta });

/// The users of a page.
struct EndUserViews<'a> {
    app: &'a App,
    users: &'a [Arc<User>],
}

impl WriteJson for EndUserViews<'_> {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.push(b'[');
        for (place, user) in self.users.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            write_user(self.app, user, text);
        }
        text.push(b']');
    }
}

/// Either answer of this operation, for the OpenAPI document.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EndUsersOrEndUser)]
#[expect(dead_code, reason = "each is answered as what it is")]
enum Answer<'a> {
    Page(EndUsersView<'a>),
    One(EndUserView<'a>),
}

/// Get multiple end users, or the one with an external id
#[utoipa::path(
    get,
    path = "/api/v2/end-users/",
    operation_id = "list_end_users",
    tag = "End Users",
    params(
        ("cursor" = Option<String>, Query, description = "The end user that the page starts at", format = "id", pattern = "^[0-9a-fA-F]{24}$"),
        ("limit" = Option<i64>, Query, description = "How many end users a page has at most", minimum = 1, maximum = 100),
        ("external_id" = Option<String>, Query, description = "Look up the end user with this external id; not together with the others", min_length = 1, max_length = 36, pattern = "^[^<>\\u0000]*[^<>\\s\\u0000][^<>\\u0000]*$"),
    ),
    responses(
        (status = 200, description = "A page of end users, or the one end user", body = Answer),
        (status = 404, description = "No end user has this external id", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn list(
    caller: Authorized<ListEndUsers>,
    State(app): State<Arc<App>>,
    origin: Origin,
    query: Query,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let page = PageRequest { from: query.cursor(&mut problems), limit: query.limit(&mut problems) };
    let external_id = external_id(&query, &mut problems);
    problems.finish("invalid query parameters")?;

    if let Some(external_id) = external_id {
        let user = app.store.end_user_by_external_id(caller.account, &external_id).await?;
        let user = user.ok_or(AdaError::ExternalIdNotFound)?;
        return Ok(json(StatusCode::OK, &EndUserView::from(&*user)));
    }
    let users = app.store.end_users(caller.account, page).await?;
    let next_page_url = next_page_url(&origin, PATH, &query, users.next, &[]);
    let view = EndUsersView {
        data: EndUserViews { app: &app, users: &users.items },
        meta: BySerde(PageMeta { next_page_url }),
    };
    Ok(page_of(users.items.len(), &view))
}

fn external_id(query: &Query, problems: &mut Problems) -> Option<ExternalId> {
    let text = query.get("external_id")?;
    for other in ["cursor", "limit"] {
        if query.get(other).is_some() {
            problems.query(other, "Must not be given together with external_id.");
        }
    }
    ExternalId::ada(text).map_err(|error| problems.query("external_id", error)).ok()
}
