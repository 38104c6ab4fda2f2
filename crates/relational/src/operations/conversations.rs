//! Starting, changing and ending conversations.

use std::sync::Arc;

use roster_directory::{
    AccountId, Channel, Content, Conversation, ConversationId, ConversationStatus,
    CreateConversationError, EndUserId, MetadataPatch, NewConversation, NewEndUser, Participant,
    PatchConversationError, StoreError, Timestamp, User,
};

use super::end_users;
use crate::tables::{channel, conversation, user};
use crate::transaction::Transaction;

/// Makes a channel.
pub fn create_channel(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: Channel,
) -> Result<Channel, StoreError> {
    transaction.require_account(account)?;
    channel::insert(transaction.connection, account, &new)?;
    Ok(new)
}

/// Starts a conversation.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: NewConversation,
) -> Result<Conversation, CreateConversationError> {
    if !channel::exists(transaction.connection, account, new.channel_id)? {
        return Err(CreateConversationError::ChannelNotFound);
    }
    let end_user_id = match new.participant {
        Participant::Existing(id) => {
            stop_expiring(transaction, account, id)?;
            id
        }
        Participant::New(user) => {
            // Who comes with a conversation does not expire.
            let user = NewEndUser { expires_at: None, ..*user };
            end_users::insert(transaction, account, user)?.end_user_id
        }
    };
    let started = Conversation {
        conversation_id: new.conversation_id,
        channel_id: new.channel_id,
        end_user_id,
        status: ConversationStatus::Active,
        metadata: new.metadata,
        created_at: new.created_at,
        updated_at: new.created_at,
    };
    conversation::insert(transaction.connection, account, &started)?;
    transaction.tell(account, started.created_at, end_user_id, || {
        Some(Content::ConversationCreated(started.clone()))
    })?;
    Ok(started)
}

/// Lets an end user live on, for good. Nothing that a dialect shows of them changes, so
/// `updated_at` stays and there is no event.
fn stop_expiring(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: EndUserId,
) -> Result<(), CreateConversationError> {
    let before = user::end_user(transaction.connection, account, id)?
        .ok_or(CreateConversationError::EndUserNotFound)?;
    if before.expires_at.is_some() {
        let after = Arc::new(User { expires_at: None, ..before.clone() });
        transaction.update_user(account, &before, &after)?;
    }
    Ok(())
}

/// Merges a conversation's metadata.
pub fn patch(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: ConversationId,
    metadata: &MetadataPatch,
    now: Timestamp,
) -> Result<Conversation, PatchConversationError> {
    let connection = transaction.connection;
    let before =
        conversation::find(connection, account, id)?.ok_or(PatchConversationError::NotFound)?;
    let Some(after) = before.with_metadata(metadata, now)? else { return Ok(before) };
    conversation::update(connection, account, &after)?;
    Ok(after)
}

/// Ends a conversation.
pub fn end(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    id: ConversationId,
    now: Timestamp,
) -> Result<Option<Conversation>, StoreError> {
    let connection = transaction.connection;
    let Some(before) = conversation::find(connection, account, id)? else { return Ok(None) };
    let Some(after) = before.ended(now) else { return Ok(Some(before)) };
    conversation::update(connection, account, &after)?;
    transaction.tell(account, after.updated_at, after.end_user_id, || {
        Some(Content::ConversationEnded(after.clone()))
    })?;
    Ok(Some(after))
}
