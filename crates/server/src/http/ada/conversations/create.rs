//! `POST /api/v2/conversations/` (contract Ada §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{
    CONVERSATION_METADATA_LIMIT, ChannelId, ConversationId, EndUserId, NewConversation, NewEndUser,
    ObjectId, Participant, Profile, Scope,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::ConversationView;
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody};
use crate::http::ada::field::{Field, RawMap};
use crate::http::ada::metadata::{Kinds, read_metadata};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum CreateConversation {}

impl Operation for CreateConversation {
    const SCOPE: Scope = Scope::ConversationsWrite;
    const FAMILY: Family = Family::Conversations;
}

/// A new conversation
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = CreateConversationRequest)]
pub(crate) struct ConversationBody {
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::id)]
    channel_id: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::id_or_null)]
    end_user_id: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::conversation_metadata_change)]
    metadata: Field<RawMap>,
}

/// Start a conversation
///
/// With an end user, or making one when none is named. The end user does not expire any more.
#[utoipa::path(
    post,
    path = "/api/v2/conversations/",
    operation_id = "create_conversation",
    tag = "Conversations",
    request_body = ConversationBody,
    responses(
        (status = 201, description = "The new conversation", body = ConversationView),
        (status = 404, description = "There is no such channel or end user", body = super::super::error::Errors),
    ),
)]
pub(crate) async fn create(
    caller: Authorized<CreateConversation>,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<ConversationBody>,
) -> Result<Response, AdaError> {
    let conversation = read(body, &app)?;
    let conversation = app.store.create_conversation(caller.account, conversation).await?;
    Ok(json(StatusCode::CREATED, &ConversationView::from(&conversation)))
}

fn read(body: ConversationBody, app: &App) -> Result<NewConversation, AdaError> {
    let mut problems = Problems::default();
    let channel_id = body.channel_id.required("$.channel_id", &mut problems);
    let channel_id = channel_id.and_then(|id| id_in_body(&id, "$.channel_id", &mut problems));
    let end_user_id = body.end_user_id.optional("$.end_user_id", &mut problems);
    let end_user_id = end_user_id.and_then(|id| id_in_body(&id, "$.end_user_id", &mut problems));
    let map = body.metadata.optional("$.metadata", &mut problems).unwrap_or_default();
    let metadata = read_metadata(map, Kinds::Conversation, "$.metadata", &mut problems);
    let metadata = problems.merged(&metadata, CONVERSATION_METADATA_LIMIT, "$.metadata");
    problems.finish("invalid conversation data")?;

    let now = app.now();
    let participant = match end_user_id {
        Some(id) => Participant::Existing(EndUserId(id)),
        None => Participant::New(Box::new(NewEndUser {
            end_user_id: EndUserId(app.new_object_id(now)),
            external_id: None,
            profile: Profile::default(),
            sensitive_metadata: None,
            created_at: now,
            expires_at: None,
        })),
    };
    Ok(NewConversation {
        conversation_id: ConversationId(app.new_object_id(now)),
        channel_id: channel_id.map(ChannelId).ok_or(AdaError::ChannelNotFound)?,
        participant,
        metadata,
        created_at: now,
    })
}

fn id_in_body(text: &str, path: &str, problems: &mut Problems) -> Option<ObjectId> {
    problems.check(path, text.parse())
}
