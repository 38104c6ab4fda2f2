//! `PATCH /api/v2/conversations/{conversation_id}/` (contract Ada §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{CONVERSATION_METADATA_LIMIT, ConversationId, Scope};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::ConversationView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody, PathText};
use crate::http::ada::field::{Field, RawMap};
use crate::http::ada::metadata::{Kinds, read_metadata};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum PatchConversation {}

impl Operation for PatchConversation {
    const SCOPE: Scope = Scope::ConversationsWrite;
    const FAMILY: Family = Family::Other;
}

/// A change of a conversation: metadata are merged, and a key that is null is removed
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = PatchConversationRequest)]
pub(crate) struct PatchBody {
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::conversation_metadata_object)]
    metadata: Field<RawMap>,
}

/// Update a conversation
#[utoipa::path(
    patch,
    path = "/api/v2/conversations/{conversation_id}/",
    operation_id = "patch_conversation",
    tag = "Conversations",
    params(("conversation_id" = String, Path, description = "The conversation's identifier", format = "id", pattern = "^[0-9a-fA-F]{24}$")),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The conversation as it is now", body = ConversationView),
        (status = 404, description = "There is no such conversation", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn patch(
    caller: Authorized<PatchConversation>,
    State(app): State<Arc<App>>,
    path: PathText,
    JsonBody(body): JsonBody<PatchBody>,
) -> Result<Response, AdaError> {
    let mut problems = Problems::default();
    let id = path.id::<ConversationId>("conversation_id", &mut problems);
    let map = body.metadata.required("$.metadata", &mut problems).unwrap_or_default();
    let metadata = read_metadata(map, Kinds::Conversation, "$.metadata", &mut problems);
    problems.merged(&metadata, CONVERSATION_METADATA_LIMIT, "$.metadata");
    problems.finish("invalid conversation data")?;
    let id = id.ok_or(AdaError::ConversationNotFound)?;

    let conversation =
        app.store.patch_conversation(caller.account, id, metadata, app.now()).await?;
    Ok(json(StatusCode::OK, &ConversationView::from(&conversation)))
}
