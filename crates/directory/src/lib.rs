//! The domain of roster: people, the accounts they belong to, and the rules that hold for them.
//!
//! This crate does no I/O and has no async runtime, no wire format, no clock and no source of
//! randomness: time and random bytes are passed in. Values are valid by construction, so a
//! [`User`] that exists obeys every rule of the directory. [`Store`] is the seam behind which
//! a backend keeps them.

mod account;
mod channel;
mod conversation;
mod delivery;
mod endpoint;
mod event;
mod export;
mod external_id;
mod identity;
mod ids;
mod job;
mod language;
mod message;
mod metadata;
mod name;
mod page;
mod patch;
mod progress;
mod record;
mod record_name;
mod search;
mod sensitive;
mod store;
mod support_profile;
mod tags;
mod text;
mod time;
mod token;
mod user;
mod user_list;
mod user_patch;

pub use account::{Account, AccountName, AccountSummary, NewAccount, UserCounts};
pub use channel::{Channel, ChannelKind, Modality, NewChannel};
pub use conversation::{
    CONVERSATION_METADATA_LIMIT, Conversation, ConversationStatus, NewConversation, Participant,
};
pub use delivery::{
    ANSWER_LIMIT, Attempt, AttemptOutcome, Attempted, Backlog, DELIVERY_LIFETIME, Delivery,
    DeliveryFilter, DeliveryReport, DeliveryState, DueMessage, FreshMessages, Lease, LeaseHolder,
    MalformedSchedule, RETRY_AFTER_LIMIT, RetrySchedule,
};
pub use endpoint::{
    Description, ENDPOINT_LIMIT, Endpoint, EndpointId, EndpointPatch, EndpointSecrets,
    EndpointStatus, EndpointUrl, EndpointUrlError, FAILING_LIMIT, FAILING_PAUSE,
    FORMER_SECRET_LIFETIME, MalformedDescription, MalformedEndpointId, NewEndpoint,
};
pub use event::{Event, EventKind, EventSequence, RemovalReason};
pub use export::ExportPosition;
pub use external_id::{ExternalId, ExternalIdError};
pub use identity::{
    Identity, IdentityChange, IdentityKind, IdentitySet, IdentityValue, IdentityValueError,
    NewIdentity,
};
pub use ids::{
    AccountId, ChannelId, ConversationId, CustomRoleId, EndUserId, GroupId, IdentityId,
    MalformedId, MembershipId, ObjectId, ObjectIdSource, OrganizationId, TokenId, UserId,
};
pub use job::{JOB_LIFETIME, Job, JobId, JobKind, JobOutcome};
pub use language::{LanguageTag, MalformedLanguage};
pub use message::{
    Content, DeletionReason, EndUser, EventType, EventTypes, Message, MessageNumber,
    SILENT_EVENT_TYPES, UnknownEventType,
};
pub use metadata::{Decimal, Metadata, MetadataPatch, MetadataTooLarge, MetadataValue};
pub use name::NameKey;
pub use page::{Page, PageLimit, PageRequest};
pub use patch::{Change, EndUserPatch};
pub use progress::Progress;
pub use record::{
    CustomRole, CustomRolePatch, Group, GroupPatch, Membership, ORGANIZATION_FIELDS_LIMIT,
    Organization, OrganizationPatch, Record, RecordFilter, RecordKey, RecordKind, RecordPage,
    RecordPatch, RecordStart,
};
pub use record_name::{RecordName, RecordNameError};
pub use search::{Clause, Condition, SEARCH_LIMIT, SearchField, SearchQuery, searched_words};
pub use sensitive::{
    KeyId, MalformedSensitiveKey, SENSITIVE_KEYS_PER_REQUEST, SENSITIVE_KEYS_PER_USER, Sealed,
    SealedValue, SealingKey, SensitiveKey, SensitiveWrite,
};
pub use store::{
    CreateAccountError, CreateConversationError, CreateEndUserError, CreateEndpointError,
    CreateTokenError, Created, DeleteUserError, GROUP_SIZE_BOUNDS, IdentityError, MergeUsersError,
    PatchConversationError, PatchEndUserError, RecordError, RecordStore, SaveUserError, Saved,
    SearchPage, Store, StoreError, StoreStats, Swept, UserStore, WebhookStore,
};
pub use support_profile::{Support, SupportPatch, SupportProfile, TicketRestriction};
pub use tags::{Tags, TagsError};
pub use text::{TEXT_LIMIT, Text, TextError};
pub use time::{Clock, Timestamp};
pub use token::{Caller, MalformedScope, NewToken, Scope, Scopes, Token, TokenHash};
pub use user::{END_USER_METADATA_LIMIT, NewEndUser, Profile, Role, User, UserState};
pub use user_list::{
    Roles, Segment, SortField, SortValue, Start, UserFilter, UserKey, UserList, UserPage, UserSort,
};
pub use user_patch::{NewUser, UserPatch};
