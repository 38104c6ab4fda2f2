//! What the store holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use roster_directory::{
    Account, AccountId, Channel, ChannelId, Conversation, ConversationId, EndUserId, Event,
    EventKind, EventSequence, KeyId, Page, PageRequest, Sealed, SealedValue, SensitiveKey,
    StoreError, Timestamp, Token, TokenHash, User, UserId,
};

/// Everything, of every account.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) closed: bool,
    /// How many writes were done.
    pub(super) writes: u64,
    /// How many users were ever made: numbers are given out once, in order, to owners too.
    pub(super) users_made: i64,
    pub(super) accounts: BTreeMap<AccountId, AccountRows>,
    /// In the order in which they were made.
    pub(super) tokens: Vec<(TokenHash, Token)>,
    pub(super) sealing_keys: BTreeMap<KeyId, Sealed>,
}

/// Everything of one account.
pub(super) struct AccountRows {
    pub(super) account: Account,
    pub(super) owner: UserId,
    pub(super) users: BTreeMap<EndUserId, Arc<User>>,
    pub(super) secrets: BTreeMap<(EndUserId, SensitiveKey), SealedValue>,
    pub(super) channels: BTreeMap<ChannelId, Channel>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) events: Vec<Event>,
}

impl Rows {
    /// The account to read. A number that no account has can only be a caller's mistake, since
    /// the store alone makes them.
    pub(super) fn account(&self, id: AccountId) -> Result<&AccountRows, StoreError> {
        self.accounts.get(&id).ok_or_else(|| missing(id))
    }

    /// The account to write to.
    pub(super) fn account_mut(&mut self, id: AccountId) -> Result<&mut AccountRows, StoreError> {
        self.accounts.get_mut(&id).ok_or_else(|| missing(id))
    }

    pub(super) fn next_user_id(&mut self) -> UserId {
        let id = UserId::from_stored(UserId::FIRST.get() + self.users_made);
        self.users_made += 1;
        id
    }
}

fn missing(id: AccountId) -> StoreError {
    StoreError::Unavailable(format!("there is no account {id}"))
}

impl AccountRows {
    /// Writes the next line of the account's log.
    pub(super) fn record(&mut self, at: Timestamp, kind: EventKind, user: &User) {
        let sequence = EventSequence(self.events.last().map_or(1, |last| last.sequence.0 + 1));
        let (user_id, end_user_id) = (user.user_id, user.end_user_id);
        self.events.push(Event { sequence, at, kind, user_id, end_user_id });
    }
}

/// The page of `items`, which ascend by id.
pub(super) fn page<Item, Id: Copy + Ord>(
    items: impl Iterator<Item = Item>,
    request: PageRequest<Id>,
    id: impl Fn(&Item) -> Id,
) -> Page<Item, Id> {
    let rows = items
        .filter(|item| request.from.is_none_or(|from| id(item) >= from))
        .take(request.limit.get() + 1)
        .collect();
    Page::from_rows(rows, request.limit, id)
}
