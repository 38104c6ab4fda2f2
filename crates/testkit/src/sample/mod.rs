//! Small values for tests, so that a test shows what matters to it and nothing else.
//!
//! Identifiers are made from a number that the test chooses: the same number gives the same
//! identifier, and a larger number one that sorts later.

mod desk;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use roster_directory::{
    AccountId, AccountName, ChannelId, ConversationId, Created, EndUserId, ExternalId, KeyId,
    Metadata, MetadataPatch, MetadataValue, Modality, NewAccount, NewChannel, NewConversation,
    NewEndUser, NewToken, ObjectId, Participant, Profile, Scopes, Sealed, SensitiveKey,
    SensitiveWrite, Store, Text, Timestamp, TokenHash, TokenId, User,
};

pub use desk::{
    custom_role, custom_role_patch, email, group, group_patch, identity_value, member, membership,
    new_email, new_identity, new_job, new_user, organization, organization_patch, record,
    record_name, tags, user,
};
pub use webhooks::{
    HOLDER, all_deliveries, attempt, attempted, deliver, end_users_of, endpoint, endpoint_for,
    endpoint_id, endpoint_url, event_types, lease, listening, new_endpoint, report,
};

/// When the tests begin: 2026-09-21T14:13:20Z.
pub const START: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

/// So many seconds after [`START`].
#[must_use]
pub fn at(seconds: u64) -> Timestamp {
    START.after(Duration::from_secs(seconds))
}

/// Which kind of thing an identifier is for, so that no two kinds share one.
#[derive(Clone, Copy)]
enum Kind {
    Owner = 1,
    EndUser = 2,
    Token = 3,
    Channel = 4,
    Conversation = 5,
    Endpoint = 6,
}

/// An identifier that looks like one made at [`START`].
fn object_id(kind: Kind, number: u32) -> ObjectId {
    let mut bytes = [0x6a, 0xb1, 0x3b, 0x80, kind as u8, 0, 0, 0, 0, 0, 0, 0];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ObjectId::from_bytes(bytes)
}

/// An end user's identifier.
#[must_use]
pub fn end_user_id(number: u32) -> EndUserId {
    EndUserId(object_id(Kind::EndUser, number))
}

/// A token's identifier.
#[must_use]
pub fn token_id(number: u32) -> TokenId {
    TokenId(object_id(Kind::Token, number))
}

/// A channel's identifier.
#[must_use]
pub fn channel_id(number: u32) -> ChannelId {
    ChannelId(object_id(Kind::Channel, number))
}

/// A conversation's identifier.
#[must_use]
pub fn conversation_id(number: u32) -> ConversationId {
    ConversationId(object_id(Kind::Conversation, number))
}

/// A text.
#[must_use]
#[track_caller]
pub fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

/// An external id, as any dialect may write it.
#[must_use]
#[track_caller]
pub fn external_id(text: &str) -> ExternalId {
    ExternalId::new(text).unwrap()
}

/// A metadata value that is a text.
#[must_use]
#[track_caller]
pub fn text_value(text: &str) -> MetadataValue {
    MetadataValue::text(text).unwrap()
}

/// A metadata map.
#[must_use]
pub fn metadata(entries: &[(&str, MetadataValue)]) -> Metadata {
    let own = |(key, value): &(&str, MetadataValue)| (Box::from(*key), value.clone());
    Metadata::from_stored(entries.iter().map(own).collect())
}

/// A change of a metadata map.
#[must_use]
pub fn metadata_patch(entries: &[(&str, Option<MetadataValue>)]) -> MetadataPatch {
    let own = |(key, value): &(&str, Option<MetadataValue>)| (Box::from(*key), value.clone());
    entries.iter().map(own).collect()
}

/// An account of that name, whose owner has no address.
#[must_use]
#[track_caller]
pub fn new_account(name: &str) -> NewAccount {
    let number = |sum: u32, byte: u8| sum.wrapping_mul(31).wrapping_add(byte.into());
    NewAccount {
        name: AccountName::new(name).unwrap(),
        owner_email: None,
        owner_end_user_id: EndUserId(object_id(Kind::Owner, name.bytes().fold(0, number))),
        created_at: START,
    }
}

/// The hash of the plain token of that number.
#[must_use]
pub fn token_hash(number: u32) -> TokenHash {
    let mut hash = [7; 32];
    hash[..4].copy_from_slice(&number.to_be_bytes());
    TokenHash(hash)
}

/// A token that acts for the owner and may do everything.
#[must_use]
pub fn new_token(number: u32) -> NewToken {
    NewToken {
        id: token_id(number),
        hash: token_hash(number),
        label: text("a token"),
        user_email: None,
        scopes: Scopes::ALL,
        created_at: START,
    }
}

/// An end user of whom nothing is known, and who does not expire.
#[must_use]
pub fn new_end_user(number: u32) -> NewEndUser {
    NewEndUser {
        end_user_id: end_user_id(number),
        external_id: None,
        profile: Profile::default(),
        sensitive_metadata: None,
        created_at: START,
        expires_at: None,
    }
}

/// A name of a secret.
#[must_use]
#[track_caller]
pub fn sensitive_key(name: &str) -> SensitiveKey {
    SensitiveKey::new(name).unwrap()
}

/// A sealed value. Stores never open one, so any bytes will do.
#[must_use]
pub fn sealed(key_id: u32, bytes: &[u8]) -> Sealed {
    Sealed { key_id: KeyId(key_id), bytes: bytes.into() }
}

/// A change of secrets; what is set here is gone at `expires_at`.
#[must_use]
pub fn secrets(entries: &[(&str, Option<Sealed>)], expires_at: Timestamp) -> SensitiveWrite {
    let own = |(name, value): &(&str, Option<Sealed>)| (sensitive_key(name), value.clone());
    let changes: BTreeMap<_, _> = entries.iter().map(own).collect();
    SensitiveWrite { changes, expires_at }
}

/// A chat channel.
#[must_use]
pub fn new_channel(number: u32) -> NewChannel {
    NewChannel {
        channel_id: channel_id(number),
        name: text("Chat"),
        description: text(""),
        modality: Modality::Messaging,
        markdown: false,
        metadata: Metadata::default(),
        created_at: START,
    }
}

/// A conversation on a channel.
#[must_use]
pub fn new_conversation(
    number: u32,
    channel: ChannelId,
    participant: Participant,
) -> NewConversation {
    NewConversation {
        conversation_id: conversation_id(number),
        channel_id: channel,
        participant,
        metadata: Metadata::default(),
        created_at: START,
    }
}

/// Makes an account of that name in a store.
pub async fn account(store: &dyn Store, name: &str) -> AccountId {
    store.create_account(new_account(name)).await.unwrap().id
}

/// Makes an end user, who must be new, in a store.
pub async fn end_user(store: &dyn Store, account: AccountId, user: NewEndUser) -> Arc<User> {
    match store.create_end_user(account, user).await.unwrap() {
        Created::New(user) => user,
        Created::Existing(user) => unreachable!("{user:?} was there already"),
    }
}

/// Makes a channel in a store.
pub async fn channel(store: &dyn Store, account: AccountId, number: u32) -> ChannelId {
    store.create_channel(account, new_channel(number)).await.unwrap().channel_id
}
