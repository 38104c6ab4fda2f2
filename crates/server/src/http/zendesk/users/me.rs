//! `GET /api/v2/users/me`: whom a call acts for (contract Zendesk §5, §6).

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::one::{UserBody, answer_with};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, Credentials, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::{locale, schemas, time_zone};

action!(ShowMe, "api/v2/users/me", UsersRead, Anybody);

/// What stands where a browser session would have its token. Calls with a token have none.
const NO_SESSION: &str = "";

/// Show the user that the call acts for
///
/// Without credentials that is an anonymous user.
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
    let Some(request) = request else {
        return Ok(json_response(StatusCode::OK, &ANONYMOUS));
    };
    let user = Arc::clone(&request.acting);
    answer_with(&app, &request, &user, |view| view.authenticity_token = Some(NO_SESSION)).await
}

/// The request, if it has credentials at all.
pub(crate) struct Me(Option<Authorized<ShowMe>>);

impl FromRequestParts<Arc<App>> for Me {
    type Rejection = ZendeskError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ZendeskError> {
        if Credentials::of(&parts.headers).is_none() {
            return Ok(Self(None));
        }
        Authorized::from_request_parts(parts, app).await.map(|request| Self(Some(request)))
    }
}

/// Nobody in particular
#[derive(Serialize, ToSchema)]
struct AnonymousUser {
    #[schema(required = true, schema_with = schemas::null)]
    id: Option<i64>,
    #[schema(required = true)]
    url: Option<&'static str>,
    name: &'static str,
    #[schema(required = true)]
    email: Option<&'static str>,
    #[schema(required = true)]
    created_at: Option<&'static str>,
    #[schema(required = true)]
    updated_at: Option<&'static str>,
    time_zone: &'static str,
    iana_time_zone: &'static str,
    #[schema(required = true)]
    phone: Option<&'static str>,
    #[schema(required = true)]
    shared_phone_number: Option<bool>,
    #[schema(required = true)]
    photo: Option<&'static str>,
    locale_id: i32,
    locale: &'static str,
    #[schema(required = true)]
    organization_id: Option<i64>,
    role: &'static str,
    verified: bool,
}

/// The answer to a call without credentials
#[derive(Serialize, ToSchema)]
struct AnonymousBody {
    user: AnonymousUser,
}

const ANONYMOUS: AnonymousBody = AnonymousBody {
    user: AnonymousUser {
        id: None,
        url: None,
        name: "Anonymous user",
        email: None,
        created_at: None,
        updated_at: None,
        time_zone: time_zone::DEFAULT,
        iana_time_zone: time_zone::DEFAULT,
        phone: None,
        shared_phone_number: None,
        photo: None,
        locale_id: 1,
        locale: locale::DEFAULT,
        organization_id: None,
        role: "end-user",
        verified: false,
    },
};

/// Either answer, for the OpenAPI document.
#[derive(Serialize, ToSchema)]
#[schema(as = CurrentUserResponse)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is there for the OpenAPI document alone")]
#[expect(clippy::large_enum_variant, reason = "nobody makes one")]
enum Answer<'a> {
    #[schema(title = "UserResponse")]
    Known(UserBody<'a>),
    #[schema(title = "AnonymousResponse")]
    Unknown(AnonymousBody),
}
