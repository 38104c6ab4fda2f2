//! What an endpoint is told, in the words of Ada's dialect (contract Ada §3.4, §3.5).

use roster_directory::{
    AccountName, Content, Conversation, DeletionReason, EndUserId, ExternalId, Message, Timestamp,
};

use crate::http::ada::end_users::view::EndUserView;
use crate::http::ada::time::AdaTime;
use crate::http::calendar::{write_digits, write_seconds};
use crate::http::json::{MetadataView, WriteJson, write_json};

/// About the most that a message takes, in bytes.
const EXPECTED_SIZE: usize = 1024;

/// An end user who is gone. It is ours: the vendor has no such message.
struct RemovedView<'a> {
    end_user_id: String,
    external_id: Option<&'a str>,
    reason: &'static str,
}

write_json!(RemovedView<'_> { end_user_id, external_id, reason });

struct StartedView<'a> {
    conversation_id: String,
    channel_id: String,
    created_at: AdaTime,
    end_user_id: String,
    metadata: MetadataView<'a>,
    ai_agent_domain: &'a str,
}

write_json!(StartedView<'_> {
    conversation_id,
    channel_id,
    created_at,
    end_user_id,
    metadata,
    ai_agent_domain,
});

struct EndedView<'a> {
    conversation_id: String,
    channel_id: String,
    end_user_id: String,
    created_at: AdaTime,
    updated_at: AdaTime,
    ended_by: EndedBy,
    metadata: MetadataView<'a>,
    ai_agent_domain: &'a str,
}

write_json!(EndedView<'_> {
    conversation_id,
    channel_id,
    end_user_id,
    created_at,
    updated_at,
    ended_by,
    metadata,
    ai_agent_domain,
});

/// Who ended a conversation: always the system, since a call to the API says nothing of a person.
struct EndedBy {
    id: Option<&'static str>,
    role: &'static str,
}

write_json!(EndedBy { id, role });

/// The body of a message as every endpoint of the account gets it.
#[must_use]
pub fn message_body(account_name: &AccountName, message: &Message) -> Vec<u8> {
    let mut text = Vec::with_capacity(EXPECTED_SIZE);
    text.extend_from_slice(b"{\"type\":\"");
    text.extend_from_slice(message.content.event_type().name().as_bytes());
    text.extend_from_slice(b"\",\"timestamp\":\"");
    write_milliseconds(&mut text, message.at);
    text.extend_from_slice(b"\",\"data\":");
    let agent = account_name.as_str();
    match &message.content {
        Content::EndUserCreated(end_user) | Content::EndUserUpdated(end_user) => {
            EndUserView::from(end_user).write_json(&mut text);
            write_tags(&mut text, message.end_user_id);
        }
        Content::EndUserDeleted { external_id, reason } => {
            removed(message.end_user_id, external_id.as_ref(), *reason).write_json(&mut text);
            write_tags(&mut text, message.end_user_id);
        }
        Content::ConversationCreated(conversation) => {
            started(conversation, agent).write_json(&mut text);
        }
        Content::ConversationEnded(conversation) => {
            ended(conversation, agent).write_json(&mut text);
        }
    }
    text.push(b'}');
    text
}

/// The vendor's own precision for this one moment: three digits, to order messages by.
fn write_milliseconds(text: &mut Vec<u8>, moment: Timestamp) {
    write_seconds(text, moment);
    text.push(b'.');
    // The remainder of a division by a million fits.
    let micros = moment.as_micros().rem_euclid(1_000_000);
    write_digits(text, u32::try_from(micros / 1_000).unwrap_or(0), 3);
    text.extend_from_slice(b"+00:00");
}

/// Messages about end users have tags; those about conversations have not even the key.
fn write_tags(text: &mut Vec<u8>, end_user_id: EndUserId) {
    text.extend_from_slice(b",\"tags\":");
    vec![end_user_id.to_string()].write_json(text);
}

fn removed(
    end_user_id: EndUserId,
    external_id: Option<&ExternalId>,
    reason: DeletionReason,
) -> RemovedView<'_> {
    RemovedView {
        end_user_id: end_user_id.to_string(),
        external_id: external_id.map(ExternalId::folded),
        reason: reason.name(),
    }
}

fn started<'a>(conversation: &'a Conversation, agent: &'a str) -> StartedView<'a> {
    StartedView {
        conversation_id: conversation.conversation_id.to_string(),
        channel_id: conversation.channel_id.to_string(),
        created_at: AdaTime(conversation.created_at),
        end_user_id: conversation.end_user_id.to_string(),
        metadata: MetadataView(&conversation.metadata),
        ai_agent_domain: agent,
    }
}

fn ended<'a>(conversation: &'a Conversation, agent: &'a str) -> EndedView<'a> {
    EndedView {
        conversation_id: conversation.conversation_id.to_string(),
        channel_id: conversation.channel_id.to_string(),
        end_user_id: conversation.end_user_id.to_string(),
        created_at: AdaTime(conversation.created_at),
        updated_at: AdaTime(conversation.updated_at),
        ended_by: EndedBy { id: None, role: "system" },
        metadata: MetadataView(&conversation.metadata),
        ai_agent_domain: agent,
    }
}

#[cfg(test)]
mod tests {
    use roster_directory::{
        ChannelId, ConversationId, ConversationStatus, EndUser, LanguageTag, MessageNumber,
        Metadata, MetadataPatch, MetadataValue, ObjectId, Profile, RemovalReason, Text,
    };

    use super::*;

    /// 2026-09-21T14:13:20.000431.
    const AT: Timestamp = Timestamp::from_micros(1_790_000_000_000_431);
    const LATER: Timestamp = Timestamp::from_micros(1_790_000_000_987_654);

    fn body(content: Content) -> String {
        let message = Message {
            number: MessageNumber::FIRST,
            at: LATER,
            end_user_id: EndUserId(ObjectId::from_bytes([1; 12])),
            content,
        };
        let name = AccountName::new("Acme \"Shop\"").unwrap();
        String::from_utf8(message_body(&name, &message)).unwrap()
    }

    fn metadata() -> Metadata {
        let patch = MetadataPatch::from([
            ("plan".into(), MetadataValue::text("gold".to_owned()).ok()),
            ("seats".into(), Some(MetadataValue::Integer(4))),
            ("vip".into(), Some(MetadataValue::Bool(true))),
        ]);
        Metadata::default().merged(&patch, 1024).unwrap()
    }

    fn end_user() -> EndUser {
        EndUser {
            end_user_id: EndUserId(ObjectId::from_bytes([1; 12])),
            external_id: ExternalId::new("CRM-1").ok(),
            profile: Profile {
                first_name: Text::new("Grace \"G\"").ok(),
                email: Text::new("grace@example.org").ok(),
                language: LanguageTag::new("pt-BR").ok(),
                metadata: metadata(),
                ..Profile::default()
            },
            created_at: AT,
            updated_at: LATER,
        }
    }

    const USER: &str = concat!(
        r#""data":{"end_user_id":"010101010101010101010101","external_id":"crm-1","#,
        r#""profile":{"first_name":"Grace \"G\"","last_name":null,"display_name":null,"#,
        r#""avatar":null,"email":"grace@example.org","language":"pt-BR","#,
        r#""metadata":{"plan":"gold","seats":4,"vip":true},"#,
        r#""system_properties":{"sunshine_user_id":null}},"#,
        r#""created_at":"2026-09-21T14:13:20.000431+00:00","#,
        r#""updated_at":"2026-09-21T14:13:20.987654+00:00"},"#,
        r#""tags":["010101010101010101010101"]}"#,
    );

    #[test]
    fn an_end_user_is_told_as_a_read_shows_them() {
        for (content, name) in [
            (Content::EndUserCreated(end_user()), "v1.end_user.created"),
            (Content::EndUserUpdated(end_user()), "v1.end_user.updated"),
        ] {
            let start =
                format!("{{\"type\":\"{name}\",\"timestamp\":\"2026-09-21T14:13:20.987+00:00\",");
            assert_eq!(body(content), format!("{start}{USER}"));
        }
    }

    #[test]
    fn of_whoever_is_gone_only_keys_and_the_reason_are_told() {
        let content = |external_id, reason| Content::EndUserDeleted { external_id, reason };
        let start =
            r#"{"type":"v1.end_user.deleted","timestamp":"2026-09-21T14:13:20.987+00:00","data":"#;
        let expired = DeletionReason::Removed(RemovalReason::Expired);
        assert_eq!(
            body(content(ExternalId::new("CRM-1").ok(), expired)),
            format!(
                "{start}{}",
                concat!(
                    r#"{"end_user_id":"010101010101010101010101","external_id":"crm-1","#,
                    r#""reason":"expired"},"tags":["010101010101010101010101"]}"#,
                )
            )
        );
        assert_eq!(
            body(content(None, DeletionReason::JoinedTeam)),
            format!(
                "{start}{}",
                concat!(
                    r#"{"end_user_id":"010101010101010101010101","external_id":null,"#,
                    r#""reason":"joined_team"},"tags":["010101010101010101010101"]}"#,
                )
            )
        );
    }

    fn conversation(status: ConversationStatus) -> Conversation {
        Conversation {
            conversation_id: ConversationId(ObjectId::from_bytes([2; 12])),
            channel_id: ChannelId(ObjectId::from_bytes([3; 12])),
            end_user_id: EndUserId(ObjectId::from_bytes([1; 12])),
            status,
            metadata: metadata(),
            created_at: AT,
            updated_at: LATER,
        }
    }

    #[test]
    fn conversations_have_the_vendors_keys_and_no_tags() {
        assert_eq!(
            body(Content::ConversationCreated(conversation(ConversationStatus::Active))),
            concat!(
                r#"{"type":"v1.conversation.created","#,
                r#""timestamp":"2026-09-21T14:13:20.987+00:00","#,
                r#""data":{"conversation_id":"020202020202020202020202","#,
                r#""channel_id":"030303030303030303030303","#,
                r#""created_at":"2026-09-21T14:13:20.000431+00:00","#,
                r#""end_user_id":"010101010101010101010101","#,
                r#""metadata":{"plan":"gold","seats":4,"vip":true},"#,
                r#""ai_agent_domain":"Acme \"Shop\""}}"#,
            )
        );
        assert_eq!(
            body(Content::ConversationEnded(conversation(ConversationStatus::Ended))),
            concat!(
                r#"{"type":"v1.conversation.ended","#,
                r#""timestamp":"2026-09-21T14:13:20.987+00:00","#,
                r#""data":{"conversation_id":"020202020202020202020202","#,
                r#""channel_id":"030303030303030303030303","#,
                r#""end_user_id":"010101010101010101010101","#,
                r#""created_at":"2026-09-21T14:13:20.000431+00:00","#,
                r#""updated_at":"2026-09-21T14:13:20.987654+00:00","#,
                r#""ended_by":{"id":null,"role":"system"},"#,
                r#""metadata":{"plan":"gold","seats":4,"vip":true},"#,
                r#""ai_agent_domain":"Acme \"Shop\""}}"#,
            )
        );
    }
}
