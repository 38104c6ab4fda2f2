//! `GET /api/v2/conversations/{conversation_id}/` (contract Ada §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;

use super::view::ConversationView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, PathText};
use crate::http::ada::{AdaError, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum GetConversation {}

impl Operation for GetConversation {
    const SCOPE: Scope = Scope::EndUsersRead;
    const FAMILY: Family = Family::Conversations;
}

/// Get a conversation
#[utoipa::path(
    get,
    path = "/api/v2/conversations/{conversation_id}/",
    operation_id = "get_conversation",
    tag = "Conversations",
    params(("conversation_id" = String, Path, description = "The conversation's identifier", format = "id", pattern = "^[0-9a-fA-F]{24}$")),
    responses(
        (status = 200, description = "The conversation", body = ConversationView),
        (status = 404, description = "There is no such conversation", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn get(
    caller: Authorized<GetConversation>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<Response, AdaError> {
    let id = path.only_id("conversation_id")?;
    let conversation = app.store.conversation(caller.account, id).await?;
    let conversation = conversation.ok_or(AdaError::ConversationNotFound)?;
    Ok(json(StatusCode::OK, &ConversationView::from(&conversation)))
}
