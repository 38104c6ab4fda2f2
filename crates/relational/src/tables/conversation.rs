//! The table `conversation`.

use roster_directory::{
    AccountId, ChannelId, Conversation, ConversationId, ConversationStatus, EndUserId, StoreError,
};

use super::metadata;
use crate::sql::{Connection, Fields, FromRow, params, query_one, write};

/// Keeps a new conversation.
pub(crate) fn insert(
    connection: &dyn Connection,
    account: AccountId,
    conversation: &Conversation,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO conversation (account_id, conversation_id, channel_id, end_user_id, \
               status, metadata, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let params = params![
        account.get(),
        conversation.conversation_id.0.as_bytes(),
        conversation.channel_id.0.as_bytes(),
        conversation.end_user_id.0.as_bytes(),
        status_number(conversation.status),
        metadata::to_json(&conversation.metadata)?,
        conversation.created_at.as_micros(),
        conversation.updated_at.as_micros(),
    ];
    write(connection, sql, params)
}

/// One conversation.
pub fn find(
    connection: &dyn Connection,
    account: AccountId,
    id: ConversationId,
) -> Result<Option<Conversation>, StoreError> {
    let sql = "SELECT conversation_id, channel_id, end_user_id, status, metadata, created_at, \
               updated_at FROM conversation WHERE account_id = ?1 AND conversation_id = ?2";
    query_one(connection, sql, params![account.get(), id.0.as_bytes()])
}

/// Keeps a conversation as it has become.
pub(crate) fn update(
    connection: &dyn Connection,
    account: AccountId,
    conversation: &Conversation,
) -> Result<(), StoreError> {
    let sql = "UPDATE conversation SET status = ?3, metadata = ?4, updated_at = ?5 \
               WHERE account_id = ?1 AND conversation_id = ?2";
    let params = params![
        account.get(),
        conversation.conversation_id.0.as_bytes(),
        status_number(conversation.status),
        metadata::to_json(&conversation.metadata)?,
        conversation.updated_at.as_micros(),
    ];
    write(connection, sql, params)
}

impl FromRow for Conversation {
    const TABLE: &'static str = "conversation";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            conversation_id: ConversationId(fields.object_id()?),
            channel_id: ChannelId(fields.object_id()?),
            end_user_id: EndUserId(fields.object_id()?),
            status: status(fields)?,
            metadata: fields.metadata()?,
            created_at: fields.timestamp()?,
            updated_at: fields.timestamp()?,
        })
    }
}

const fn status_number(status: ConversationStatus) -> i64 {
    match status {
        ConversationStatus::Active => 0,
        ConversationStatus::Ended => 1,
    }
}

fn status(fields: &mut Fields<'_>) -> Result<ConversationStatus, StoreError> {
    match fields.integer()? {
        0 => Ok(ConversationStatus::Active),
        1 => Ok(ConversationStatus::Ended),
        _ => Err(fields.damaged()),
    }
}
