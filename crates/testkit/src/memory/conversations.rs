//! Channels and conversations.

use std::sync::Arc;

use roster_directory::{
    AccountId, Channel, ChannelId, Content, Conversation, ConversationId, ConversationStatus,
    CreateConversationError, EndUserId, MetadataPatch, Modality, NewConversation, NewEndUser, Page,
    PageRequest, Participant, PatchConversationError, StoreError, Timestamp,
};

use super::rows::{AccountRows, Numbers, Rows, page};

impl Rows {
    pub(super) fn create_conversation(
        &mut self,
        account: AccountId,
        new: NewConversation,
    ) -> Result<Conversation, CreateConversationError> {
        let (rows, numbers) = self.account_and_numbers(account)?;
        if !rows.channels.contains_key(&new.channel_id) {
            return Err(CreateConversationError::ChannelNotFound);
        }
        let end_user_id = match new.participant {
            Participant::Existing(id) => {
                rows.stop_expiring(id).ok_or(CreateConversationError::EndUserNotFound)?
            }
            Participant::New(user) => rows.insert_participant(numbers, *user)?,
        };
        let conversation = Conversation {
            conversation_id: new.conversation_id,
            channel_id: new.channel_id,
            end_user_id,
            status: ConversationStatus::Active,
            metadata: new.metadata,
            created_at: new.created_at,
            updated_at: new.created_at,
        };
        rows.conversations.insert(conversation.conversation_id, conversation.clone());
        let content = Content::ConversationCreated(conversation.clone());
        rows.webhooks.tell(conversation.created_at, end_user_id, content);
        Ok(conversation)
    }
}

impl AccountRows {
    /// Makes the end user of a conversation, who does not expire. No dialect gives such a user an
    /// external id; one that somebody has is therefore a mistake of the caller.
    fn insert_participant(
        &mut self,
        numbers: &mut Numbers,
        new: NewEndUser,
    ) -> Result<EndUserId, StoreError> {
        if new.external_id.as_ref().is_some_and(|id| self.holder(id).is_some()) {
            return Err(StoreError::Unavailable("a participant's external id is taken".into()));
        }
        let new = NewEndUser { expires_at: None, ..new };
        Ok(self.insert_end_user(numbers, new).end_user_id)
    }

    /// Lets an end user live on, for good. Nothing that a dialect shows of them changes, so
    /// `updated_at` stays and there is no event.
    fn stop_expiring(&mut self, id: EndUserId) -> Option<EndUserId> {
        self.end_user(id)?;
        Arc::make_mut(self.users.get_mut(&id)?).expires_at = None;
        Some(id)
    }

    pub(super) fn channels_page(
        &self,
        modality: Option<Modality>,
        request: PageRequest<ChannelId>,
    ) -> Page<Channel, ChannelId> {
        let wanted = |channel: &&Channel| modality.is_none_or(|wanted| channel.modality == wanted);
        let channels = self.channels.values().filter(wanted).cloned();
        page(channels, request, |channel| channel.channel_id)
    }

    pub(super) fn patch_conversation(
        &mut self,
        id: ConversationId,
        metadata: &MetadataPatch,
        now: Timestamp,
    ) -> Result<Conversation, PatchConversationError> {
        let stored = self.conversations.get_mut(&id).ok_or(PatchConversationError::NotFound)?;
        if let Some(changed) = stored.with_metadata(metadata, now)? {
            *stored = changed;
        }
        Ok(stored.clone())
    }

    pub(super) fn end_conversation(
        &mut self,
        id: ConversationId,
        now: Timestamp,
    ) -> Option<Conversation> {
        let stored = self.conversations.get_mut(&id)?;
        if let Some(ended) = stored.ended(now) {
            let content = Content::ConversationEnded(ended.clone());
            self.webhooks.tell(ended.updated_at, ended.end_user_id, content);
            *stored = ended;
        }
        Some(stored.clone())
    }
}
