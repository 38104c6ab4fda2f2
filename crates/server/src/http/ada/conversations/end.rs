//! `POST /api/v2/conversations/{conversation_id}/end/` (contract Ada §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::ada::extract::{Authorized, PathText};
use crate::http::ada::{AdaError, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum EndConversation {}

impl Operation for EndConversation {
    const SCOPE: Scope = Scope::ConversationsWrite;
    const FAMILY: Family = Family::Conversations;
}

/// What was done
#[derive(Serialize, ToSchema)]
struct EndConversationResponse {
    #[schema(example = "Conversation ended successfully.")]
    message: &'static str,
}

/// End a conversation
///
/// Ending one again changes nothing.
#[utoipa::path(
    post,
    path = "/api/v2/conversations/{conversation_id}/end/",
    operation_id = "end_conversation",
    tag = "Conversations",
    params(("conversation_id" = String, Path, description = "The conversation's identifier", format = "id", pattern = "^[0-9a-fA-F]{24}$")),
    responses(
        (status = 200, description = "The conversation is ended", body = EndConversationResponse),
        (status = 404, description = "There is no such conversation", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn end(
    caller: Authorized<EndConversation>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<Response, AdaError> {
    let id = path.only_id("conversation_id")?;
    let conversation = app.store.end_conversation(caller.account, id, app.now()).await?;
    conversation.ok_or(AdaError::ConversationNotFound)?;
    let message = "Conversation ended successfully.";
    Ok(json(StatusCode::OK, &EndConversationResponse { message }))
}
