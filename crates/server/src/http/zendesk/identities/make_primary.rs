//! `PUT /api/v2/users/{id}/identities/{identity_id}/make_primary` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::IdentityChange;
use serde::Serialize;
use utoipa::ToSchema;

use super::one::change;
use super::view::IdentityView;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::PlainError;

action!(MakeIdentityPrimary, "api/v2/identities/make_primary", UsersWrite, Team);

/// Make an identity the primary one of its kind
#[utoipa::path(
    put,
    path = "/api/v2/users/{id}/identities/{identity_id}/make_primary",
    operation_id = "MakeUserIdentityPrimary",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("identity_id" = i64, Path, description = "The identity", minimum = 0),
    ),
    responses(
        (status = 200, description = "All identities of the user", body = IdentitiesView),
        (status = 404, description = "The user has no such identity", body = PlainError),
    ),
)]
pub(crate) async fn make_primary(
    request: Authorized<MakeIdentityPrimary>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let identity = change(&app, &request, IdentityChange::MakePrimary).await?;
    let all = app.store.identities(request.account, vec![identity.user_id]).await?;
    let identities = all.iter().map(|identity| IdentityView::new(identity, &request)).collect();
    Ok(json_response(StatusCode::OK, &IdentitiesView { identities }))
}

/// All identities of a user
#[derive(Serialize, ToSchema)]
#[schema(as = IdentitiesResponse)]
struct IdentitiesView<'a> {
    identities: Vec<IdentityView<'a>>,
}
