//! Conversations, as far as they matter to a directory: they keep an end user alive.

use crate::{
    ChannelId, ConversationId, EndUserId, Metadata, MetadataPatch, MetadataTooLarge, NewEndUser,
    Timestamp,
};

/// The largest metadata of a conversation or a channel: 4 KB (contract Ada §4).
pub const CONVERSATION_METADATA_LIMIT: usize = 4 * 1024;

/// Whether a conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationStatus {
    /// It goes on.
    Active,
    /// It is over.
    Ended,
}

/// Whom a new conversation is with.
#[derive(Debug, Clone, PartialEq)]
pub enum Participant {
    /// An end user that exists; from now on they do not expire.
    Existing(EndUserId),
    /// An end user that is made with it, in the same commit.
    New(Box<NewEndUser>),
}

/// What it takes to start a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct NewConversation {
    /// Its identifier.
    pub conversation_id: ConversationId,
    /// Where it takes place.
    pub channel_id: ChannelId,
    /// Whom it is with.
    pub participant: Participant,
    /// The caller's own keys, at most 4 KB.
    pub metadata: Metadata,
    /// When it starts.
    pub created_at: Timestamp,
}

/// A conversation with an end user.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its identifier.
    pub conversation_id: ConversationId,
    /// Where it takes place.
    pub channel_id: ChannelId,
    /// Whom it is with.
    pub end_user_id: EndUserId,
    /// Whether it goes on.
    pub status: ConversationStatus,
    /// The caller's own keys.
    pub metadata: Metadata,
    /// When it started.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
}

impl Conversation {
    /// The conversation with `patch` merged into its metadata, or `None` when nothing would
    /// change.
    pub fn with_metadata(
        &self,
        patch: &MetadataPatch,
        now: Timestamp,
    ) -> Result<Option<Self>, MetadataTooLarge> {
        let metadata = self.metadata.merged(patch, CONVERSATION_METADATA_LIMIT)?;
        if metadata == self.metadata {
            return Ok(None);
        }
        Ok(Some(Self { metadata, updated_at: now.max(self.updated_at), ..self.clone() }))
    }

    /// The conversation, ended; `None` when it already was.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Option<Self> {
        match self.status {
            ConversationStatus::Ended => None,
            ConversationStatus::Active => Some(Self {
                status: ConversationStatus::Ended,
                updated_at: now.max(self.updated_at),
                ..self.clone()
            }),
        }
    }
}
