//! The domain of roster: people, the accounts they belong to, and the rules that hold for them.
//!
//! This crate does no I/O and has no async runtime, no wire format, no clock and no source of
//! randomness: time and random bytes are passed in. Values are valid by construction, so a
//! [`User`] that exists obeys every rule of the directory. [`Store`] is the seam behind which
//! a backend keeps them.

mod account;
mod channel;
mod conversation;
mod event;
mod external_id;
mod ids;
mod language;
mod metadata;
mod page;
mod patch;
mod sensitive;
mod store;
mod text;
mod time;
mod token;
mod user;

pub use account::{Account, AccountName, AccountSummary, NewAccount, UserCounts};
pub use channel::{Channel, ChannelKind, Modality, NewChannel};
pub use conversation::{
    CONVERSATION_METADATA_LIMIT, Conversation, ConversationStatus, NewConversation, Participant,
};
pub use event::{Event, EventKind, EventSequence, RemovalReason};
pub use external_id::{ExternalId, ExternalIdError};
pub use ids::{
    AccountId, ChannelId, ConversationId, EndUserId, MalformedId, ObjectId, ObjectIdSource,
    TokenId, UserId,
};
pub use language::{LanguageTag, MalformedLanguage};
pub use metadata::{Decimal, Metadata, MetadataPatch, MetadataTooLarge, MetadataValue};
pub use page::{Page, PageLimit, PageRequest};
pub use patch::{Change, EndUserPatch};
pub use sensitive::{
    KeyId, MalformedSensitiveKey, SENSITIVE_KEYS_PER_REQUEST, SENSITIVE_KEYS_PER_USER, Sealed,
    SealedValue, SealingKey, SensitiveKey, SensitiveWrite,
};
pub use store::{
    CreateAccountError, CreateConversationError, CreateEndUserError, CreateTokenError, Created,
    GROUP_SIZE_BOUNDS, PatchConversationError, PatchEndUserError, Store, StoreError, StoreStats,
    Swept,
};
pub use text::{TEXT_LIMIT, Text, TextError};
pub use time::{Clock, Timestamp};
pub use token::{Caller, MalformedScope, NewToken, Scope, Scopes, Token, TokenHash};
pub use user::{END_USER_METADATA_LIMIT, NewEndUser, Profile, Role, User};
