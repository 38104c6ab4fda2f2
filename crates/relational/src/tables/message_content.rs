//! What a message says, as compact JSON. Its type and the end user have columns of their own.

use std::borrow::Cow;

use roster_directory::{
    Content, Conversation, ConversationStatus, DeletionReason, EndUser, EndUserId, EventType,
    ExternalId, LanguageTag, Profile, StoreError, Text, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::metadata;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredUser<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    external_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    first_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    last_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    avatar: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    email: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    language: Option<Cow<'a, str>>,
    metadata: metadata::Stored<'a>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredDeletion<'a> {
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    external_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    reason: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredConversation<'a> {
    #[serde(borrow)]
    conversation_id: Cow<'a, str>,
    #[serde(borrow)]
    channel_id: Cow<'a, str>,
    ended: bool,
    metadata: metadata::Stored<'a>,
    created_at: i64,
    updated_at: i64,
}

/// The text that is kept for `content`.
pub(super) fn to_json(content: &Content) -> Result<String, StoreError> {
    let json = match content {
        Content::EndUserCreated(user) | Content::EndUserUpdated(user) => {
            serde_json::to_string(&stored_user(user))
        }
        Content::EndUserDeleted { external_id, reason } => serde_json::to_string(&StoredDeletion {
            external_id: external_id.as_ref().map(|id| Cow::Borrowed(id.written())),
            reason: Cow::Borrowed(reason.name()),
        }),
        Content::ConversationCreated(conversation) | Content::ConversationEnded(conversation) => {
            serde_json::to_string(&StoredConversation {
                conversation_id: Cow::Owned(conversation.conversation_id.to_string()),
                channel_id: Cow::Owned(conversation.channel_id.to_string()),
                ended: conversation.status == ConversationStatus::Ended,
                metadata: metadata::Stored(Cow::Borrowed(&conversation.metadata)),
                created_at: conversation.created_at.as_micros(),
                updated_at: conversation.updated_at.as_micros(),
            })
        }
    };
    json.map_err(|error| StoreError::Unavailable(error.to_string()))
}

fn stored_user(user: &EndUser) -> StoredUser<'_> {
    fn borrowed(text: Option<&Text>) -> Option<Cow<'_, str>> {
        text.map(|text| Cow::Borrowed(&**text))
    }
    let profile = &user.profile;
    StoredUser {
        external_id: user.external_id.as_ref().map(|id| Cow::Borrowed(id.written())),
        first_name: borrowed(profile.first_name.as_ref()),
        last_name: borrowed(profile.last_name.as_ref()),
        display_name: borrowed(profile.display_name.as_ref()),
        avatar: borrowed(profile.avatar.as_ref()),
        email: borrowed(profile.email.as_ref()),
        language: profile.language.as_deref().map(Cow::Borrowed),
        metadata: metadata::Stored(Cow::Borrowed(&profile.metadata)),
        created_at: user.created_at.as_micros(),
        updated_at: user.updated_at.as_micros(),
    }
}

/// The content that `json` was kept for, in a message of this type about this end user; `None` if
/// it was kept for none.
pub(super) fn from_json(
    json: &str,
    event_type: EventType,
    end_user_id: EndUserId,
) -> Option<Content> {
    Some(match event_type {
        EventType::EndUserCreated => Content::EndUserCreated(user(json, end_user_id)?),
        EventType::EndUserUpdated => Content::EndUserUpdated(user(json, end_user_id)?),
        EventType::EndUserDeleted => {
            let stored: StoredDeletion<'_> = serde_json::from_str(json).ok()?;
            Content::EndUserDeleted {
                external_id: external_id(stored.external_id)?,
                reason: DeletionReason::named(&stored.reason)?,
            }
        }
        EventType::ConversationCreated => {
            Content::ConversationCreated(conversation(json, end_user_id)?)
        }
        EventType::ConversationEnded => {
            Content::ConversationEnded(conversation(json, end_user_id)?)
        }
    })
}

fn user(json: &str, end_user_id: EndUserId) -> Option<EndUser> {
    let stored: StoredUser<'_> = serde_json::from_str(json).ok()?;
    Some(EndUser {
        end_user_id,
        external_id: external_id(stored.external_id)?,
        profile: Profile {
            first_name: text(stored.first_name)?,
            last_name: text(stored.last_name)?,
            display_name: text(stored.display_name)?,
            avatar: text(stored.avatar)?,
            email: text(stored.email)?,
            language: stored.language.map(|tag| LanguageTag::new(&tag)).transpose().ok()?,
            metadata: stored.metadata.0.into_owned(),
        },
        created_at: Timestamp::from_micros(stored.created_at),
        updated_at: Timestamp::from_micros(stored.updated_at),
    })
}

fn conversation(json: &str, end_user_id: EndUserId) -> Option<Conversation> {
    let stored: StoredConversation<'_> = serde_json::from_str(json).ok()?;
    let status = if stored.ended { ConversationStatus::Ended } else { ConversationStatus::Active };
    Some(Conversation {
        conversation_id: stored.conversation_id.parse().ok()?,
        channel_id: stored.channel_id.parse().ok()?,
        end_user_id,
        status,
        metadata: stored.metadata.0.into_owned(),
        created_at: Timestamp::from_micros(stored.created_at),
        updated_at: Timestamp::from_micros(stored.updated_at),
    })
}

/// The text, if there is one; `None` if it could be none.
#[expect(clippy::option_option, reason = "the outer one says whether the text is sound")]
fn text(stored: Option<Cow<'_, str>>) -> Option<Option<Text>> {
    stored.map(|text| Text::new(&*text)).transpose().ok()
}

/// The external id, if there is one; `None` if it could be none.
#[expect(clippy::option_option, reason = "the outer one says whether the id is sound")]
fn external_id(stored: Option<Cow<'_, str>>) -> Option<Option<ExternalId>> {
    stored.map(|id| ExternalId::new(&id)).transpose().ok()
}

#[cfg(test)]
mod tests {
    use roster_directory::RemovalReason;
    use roster_testkit::sample;

    use super::*;

    fn contents() -> Vec<Content> {
        let metadata = sample::metadata(&[("plan", sample::text_value("\"gold\"\n"))]);
        let full = EndUser {
            end_user_id: sample::end_user_id(1),
            external_id: Some(sample::external_id("CRM-1")),
            profile: Profile {
                first_name: Some(sample::text("Ada")),
                last_name: Some(sample::text("été")),
                display_name: Some(sample::text("")),
                avatar: Some(sample::text("https://example.org/a.png")),
                email: Some(sample::text("ada@example.org")),
                language: LanguageTag::new("pt-BR").ok(),
                metadata: metadata.clone(),
            },
            created_at: sample::at(1),
            updated_at: sample::at(2),
        };
        let blank = EndUser { external_id: None, profile: Profile::default(), ..full.clone() };
        let conversation = |status| Conversation {
            conversation_id: sample::conversation_id(1),
            channel_id: sample::channel_id(2),
            end_user_id: sample::end_user_id(1),
            status,
            metadata: metadata.clone(),
            created_at: sample::at(1),
            updated_at: sample::at(3),
        };
        let external_id = full.external_id.clone();
        let removed = DeletionReason::Removed(RemovalReason::Merged);
        vec![
            Content::EndUserCreated(full),
            Content::EndUserUpdated(blank),
            Content::EndUserDeleted { external_id, reason: removed },
            Content::EndUserDeleted { external_id: None, reason: DeletionReason::JoinedTeam },
            Content::ConversationCreated(conversation(ConversationStatus::Active)),
            Content::ConversationEnded(conversation(ConversationStatus::Ended)),
        ]
    }

    #[test]
    fn everything_comes_back_as_it_was() {
        for content in contents() {
            let json = to_json(&content).unwrap();
            let read = from_json(&json, content.event_type(), sample::end_user_id(1));
            assert_eq!(read.as_ref(), Some(&content), "{json}");
        }
    }

    #[test]
    fn what_roster_would_not_write_is_damaged() {
        let deleted = EventType::EndUserDeleted;
        for (json, event_type) in [
            ("", EventType::EndUserCreated),
            ("{}", EventType::EndUserUpdated),
            ("{\"reason\":\"lost\"}", deleted),
            ("{\"reason\":\"expired\",\"external_id\":\"\"}", deleted),
            ("{\"reason\":\"expired\",\"why\":1}", deleted),
            ("{}", EventType::ConversationEnded),
        ] {
            assert_eq!(from_json(json, event_type, sample::end_user_id(1)), None, "{json}");
        }
    }
}
