//! One user, with what comes along.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::User;
use serde::Serialize;
use utoipa::ToSchema;

use super::abilities::AbilitiesView;
use super::sideloads::{Sideloads, SideloadsView};
use super::view::UserView;
use crate::app::App;
use crate::http::json::{BySerde, IfAny};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::{json_response, located};

/// A user, and what comes along
#[derive(Serialize, ToSchema)]
#[schema(as = UserResponse)]
pub(in crate::http::zendesk) struct UserBody<'a> {
    pub(super) user: UserView<'a>,
    #[serde(flatten)]
    pub(super) sideloads: SideloadsView<'a>,
}

/// Answers one user with what the request wants to come along.
pub(in crate::http::zendesk) async fn answer_one(
    app: &App,
    request: &Request,
    user: &Arc<User>,
) -> Result<Response, ZendeskError> {
    let users = std::slice::from_ref(user);
    let sideloads = Sideloads::load(app, request, users).await?;
    let user = view(request, user, &sideloads);
    let body = UserBody { user, sideloads: sideloads.view(request, users) };
    Ok(json_response(StatusCode::OK, &body))
}

/// One user, with what they have of what comes along.
pub(super) fn view<'a>(
    request: &'a Request,
    user: &'a User,
    sideloads: &Sideloads,
) -> UserView<'a> {
    let mut view = UserView::new(user, &request.origin);
    if sideloads.abilities {
        let abilities = AbilitiesView::new(&request.acting, user, &request.origin);
        view.abilities = IfAny(Some(BySerde(abilities)));
    }
    view
}

/// Answers a user who was written, with the address where they are found (contract Zendesk §6).
pub(in crate::http::zendesk) fn answer_written(
    request: &Request,
    status: StatusCode,
    user: &Arc<User>,
) -> Response {
    let path = format!("/api/v2/users/{}.json", user.user_id);
    let users = std::slice::from_ref(user);
    let sideloads = Sideloads::default();
    let body = UserBody {
        user: UserView::new(user, &request.origin),
        sideloads: sideloads.view(request, users),
    };
    located(status, &request.link_to(&path), &body)
}
