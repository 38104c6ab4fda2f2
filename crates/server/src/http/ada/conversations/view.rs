//! A conversation as it is answered.

use roster_directory::{Conversation, ConversationStatus};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::ada::schemas;
use crate::http::ada::time::AdaTime;
use crate::http::json::MetadataView;

/// A conversation with an end user
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(super) struct ConversationView<'a> {
    /// The unique identifier of the conversation
    #[schema(schema_with = schemas::id)]
    id: String,
    #[schema(schema_with = schemas::id)]
    channel_id: String,
    #[schema(schema_with = schemas::id)]
    end_user_id: String,
    /// active or ended
    #[schema(example = "active")]
    status: &'static str,
    #[schema(schema_with = schemas::metadata_view)]
    metadata: MetadataView<'a>,
    /// When the conversation started
    created_at: AdaTime,
    /// When the conversation last changed
    updated_at: AdaTime,
}

impl<'a> From<&'a Conversation> for ConversationView<'a> {
    fn from(conversation: &'a Conversation) -> Self {
        Self {
            id: conversation.conversation_id.to_string(),
            channel_id: conversation.channel_id.to_string(),
            end_user_id: conversation.end_user_id.to_string(),
            status: match conversation.status {
                ConversationStatus::Active => "active",
                ConversationStatus::Ended => "ended",
            },
            metadata: MetadataView(&conversation.metadata),
            created_at: AdaTime(conversation.created_at),
            updated_at: AdaTime(conversation.updated_at),
        }
    }
}
