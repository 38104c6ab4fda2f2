//! `GET /api/v2/users/me`: whom a call acts for (contract Zendesk §5, §6).

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use roster_directory::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::one::{self, UserBody};
use super::reduced::ReducedBody;
use super::sideloads::{Sideloads, SideloadsView};
use crate::app::App;
use crate::http::json::IfAny;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::query::Query;
use crate::http::zendesk::request::{Authorized, Credentials, action};
use crate::http::zendesk::respond::json_response;

action!(ShowMe, "api/v2/users/me", UsersRead, Anybody);

/// What stands where a browser session would have its token. Calls with a token have none.
const NO_SESSION: &str = "";

/// Show the user that the call acts for
///
/// End users see less of themselves. Without credentials that is an anonymous user.
#[utoipa::path(
    get,
    path = "/api/v2/users/me",
    operation_id = "ShowCurrentUser",
    tag = "Users",
    params(("include" = Option<String>, Query, description = "What comes along, separated by commas")),
    security((), ("basic" = []), ("bearer" = [])),
    responses((status = 200, description = "The user", body = Answer)),
)]
pub(crate) async fn me(
    Me(request): Me,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let request = match request {
        Ok(request) => request,
        Err(query) => {
            let body = ReducedBody::anonymous(SideloadsView::of_nobody(&query));
            return Ok(json_response(StatusCode::OK, &body));
        }
    };
    let users = std::slice::from_ref(&request.acting);
    let sideloads = Sideloads::load(&app, &request, users).await?;
    let mut user = one::view(&request, &request.acting, &sideloads);
    let sideloads = sideloads.view(&request, users);
    if request.acting.role == Role::EndUser {
        let body = ReducedBody { user: user.into(), sideloads };
        return Ok(json_response(StatusCode::OK, &body));
    }
    user.authenticity_token = IfAny(Some(NO_SESSION));
    Ok(json_response(StatusCode::OK, &UserBody { user, sideloads }))
}

/// The request; if it has no credentials at all, its query.
pub(crate) struct Me(Result<Authorized<ShowMe>, Query>);

impl FromRequestParts<Arc<App>> for Me {
    type Rejection = ZendeskError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ZendeskError> {
        if Credentials::of(&parts.headers).is_none() {
            return Ok(Self(Err(Query::of(parts))));
        }
        Authorized::from_request_parts(parts, app).await.map(|request| Self(Ok(request)))
    }
}

/// Either answer, for the OpenAPI document.
#[derive(Serialize, ToSchema)]
#[schema(as = CurrentUserResponse)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
#[expect(clippy::large_enum_variant, reason = "nobody makes one")]
enum Answer<'a> {
    #[schema(title = "UserResponse")]
    Full(UserBody<'a>),
    #[schema(title = "ReducedUserResponse")]
    Reduced(ReducedBody<'a>),
}
