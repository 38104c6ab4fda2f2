//! `GET` and `POST /api/v2/users/autocomplete` (contract Zendesk §6).

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{
    IdentityKind, NameKey, PageLimit, SearchPage, SearchQuery, Segment, SortField, Start,
    StoreError, User, UserFilter, UserList, UserSort,
};
use utoipa::ToSchema;

use super::page::{UsersView, answer};
use crate::app::App;
use crate::http::zendesk::body::{Fields, JsonBody};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{Envelope, OffsetEnvelope, Paging};
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::{Authorized, Request, action};

action!(AutocompleteUsers, "api/v2/users/autocomplete", UsersRead, Team);

/// Users whose name or phone number begins in a certain way
///
/// Without those who have an identity of the type foreign. With several pages the count has some
/// of them.
#[utoipa::path(
    get,
    path = "/api/v2/users/autocomplete",
    operation_id = "AutocompleteUsers",
    tag = "Users",
    params(
        ("name" = Option<String>, Query, description = "The beginning of a name; or phone"),
        ("phone" = Option<String>, Query, description = "The beginning of a phone number"),
        ("page" = Option<i64>, Query, description = "The number of the page, from 1", maximum = 10000),
        ("per_page" = Option<i64>, Query, description = "How many users a page has; at most 100 count", minimum = 1),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    responses((status = 200, description = "A page of users", body = UsersView)),
)]
pub(crate) async fn autocomplete(
    request: Authorized<AutocompleteUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let beginning = Beginning::of_query(&request);
    answer_matches(&app, &request, beginning).await
}

/// Users whose name or phone number begins in a certain way
///
/// Without those who have an identity of the type foreign. With several pages the count has some
/// of them.
#[utoipa::path(
    post,
    path = "/api/v2/users/autocomplete",
    operation_id = "AutocompleteUsersPost",
    tag = "Users",
    params(
        ("name" = Option<String>, Query, description = "The beginning of a name; or in the body"),
        ("phone" = Option<String>, Query, description = "The beginning of a phone number"),
        ("page" = Option<i64>, Query, description = "The number of the page, from 1", maximum = 10000),
        ("per_page" = Option<i64>, Query, description = "How many users a page has; at most 100 count", minimum = 1),
        ("include" = Option<String>, Query, description = "What comes along, separated by commas"),
    ),
    request_body = Option<AutocompleteRequest>,
    responses((status = 200, description = "A page of users", body = UsersView)),
)]
pub(crate) async fn autocomplete_post(
    request: Authorized<AutocompleteUsers>,
    State(app): State<Arc<App>>,
    mut body: JsonBody,
) -> Result<Response, ZendeskError> {
    let beginning = Beginning::of_body(&mut body)?.or_else(|| Beginning::of_query(&request));
    answer_matches(&app, &request, beginning).await
}

/// What somebody has begun to write.
enum Beginning {
    Name(String),
    Phone(String),
}

impl Beginning {
    fn of_query(request: &Request) -> Option<Self> {
        let text = |name| request.query.get(name).map(str::to_owned);
        text("name").map(Self::Name).or_else(|| text("phone").map(Self::Phone))
    }

    fn of_body(body: &mut JsonBody) -> Result<Option<Self>, ZendeskError> {
        let mut problems = Problems::default();
        let mut fields = Fields::new(&mut body.0, &mut problems);
        let mut text = |name| {
            let text = fields.string(name).into_option();
            text.filter(|text| !text.trim().is_empty())
        };
        let beginning = text("name").map(Self::Name).or_else(|| text("phone").map(Self::Phone));
        problems.finish()?;
        Ok(beginning)
    }

    /// The parameter of a link to the next page, and its value.
    fn parameter(&self) -> (&'static str, &str) {
        match self {
            Self::Name(text) => ("name", text),
            Self::Phone(text) => ("phone", text),
        }
    }
}

async fn answer_matches(
    app: &App,
    request: &Request,
    beginning: Option<Beginning>,
) -> Result<Response, ZendeskError> {
    let beginning = beginning.ok_or_else(|| ZendeskError::InvalidAttribute {
        name: "name".to_owned(),
        expected: "is required",
        action: request.action(),
    })?;
    let (page, limit) = Paging::read_offset(&request.query, request.action())?;
    let offset = Paging::offset(page, limit);
    let mut found = match &beginning {
        Beginning::Name(text) => with_name(app, request, text, offset, limit).await?,
        Beginning::Phone(text) => with_phone(app, request, text, offset, limit).await?,
    };
    let parameter = [beginning.parameter()];
    let mut envelope = OffsetEnvelope::linked(request, &parameter, page, limit, found.count);
    // The links count them, or the pages after a page without somebody would not be found.
    envelope.count -= leave_out_foreign(app, request, &mut found.users).await?;
    answer(app, request, &found.users, Envelope::Offset(envelope), None).await
}

/// Takes away those who are known in another system, whom the vendor does not complete; how many
/// they were. Only the users of this page are looked at, so of several pages the count is rough.
async fn leave_out_foreign(
    app: &App,
    request: &Request,
    users: &mut Vec<Arc<User>>,
) -> Result<u64, StoreError> {
    if users.is_empty() {
        return Ok(0);
    }
    let before = users.len();
    let ids = users.iter().map(|user| user.user_id).collect();
    let identities = app.store.identities(request.account, ids).await?;
    let foreign: HashSet<_> = identities
        .iter()
        .filter(|identity| identity.kind == IdentityKind::Foreign)
        .map(|identity| identity.user_id)
        .collect();
    users.retain(|user| !foreign.contains(&user.user_id));
    Ok((before - users.len()) as u64)
}

/// Those whose name begins like this, in the order of their names.
async fn with_name(
    app: &App,
    request: &Request,
    text: &str,
    offset: u64,
    limit: PageLimit,
) -> Result<SearchPage, ZendeskError> {
    let name_prefix = Some(NameKey::new(text));
    let filter = UserFilter { name_prefix, ..UserFilter::all(Segment::Account) };
    let sort = UserSort { field: SortField::Name, descending: false };
    let list = UserList { filter: filter.clone(), sort, start: Start::Offset(offset), limit };
    let found = app.store.users(request.account, list).await?;
    let count = app.store.count_users(request.account, filter).await?;
    Ok(SearchPage { users: found.users, count })
}

/// Those whose phone number, or a group of its digits, begins like this. A text without digits is
/// nobody's.
async fn with_phone(
    app: &App,
    request: &Request,
    text: &str,
    offset: u64,
    limit: PageLimit,
) -> Result<SearchPage, ZendeskError> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return Ok(SearchPage::default());
    }
    let query = SearchQuery::parse(&format!("phone:{digits}"));
    Ok(app.store.search_users(request.account, query, offset, limit.get() as u64).await?)
}

/// What somebody has begun to write, in a body
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
struct AutocompleteRequest {
    /// The beginning of a name
    name: Option<String>,
    /// The beginning of a phone number
    phone: Option<String>,
}
