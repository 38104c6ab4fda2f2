//! What the store holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use roster_directory::{
    Account, AccountId, Channel, ChannelId, Content, Conversation, ConversationId, EndUserId,
    Event, EventKind, EventSequence, IdentitySet, Job, JobId, KeyId, Page, PageRequest, Record,
    Role, Sealed, SealedValue, SensitiveKey, StoreError, Timestamp, Token, TokenHash, User,
    UserCounts, UserId,
};

use super::webhooks::Webhooks;

/// Everything, of every account.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) closed: bool,
    /// How many writes were done.
    pub(super) writes: u64,
    pub(super) numbers: Numbers,
    pub(super) accounts: BTreeMap<AccountId, AccountRows>,
    /// In the order in which they were made.
    pub(super) tokens: Vec<(TokenHash, Token)>,
    pub(super) sealing_keys: BTreeMap<KeyId, Sealed>,
}

/// The numbers of users, identities and records: each is given out once, in order, to whatever of
/// them is made next in any account.
#[derive(Default)]
pub(super) struct Numbers {
    given: i64,
}

impl Numbers {
    pub(super) fn next(&mut self) -> i64 {
        self.given += 1;
        UserId::FIRST.get() + self.given - 1
    }
}

/// Everything of one account.
pub(super) struct AccountRows {
    pub(super) account: Account,
    pub(super) owner: UserId,
    /// When a user last changed: every change is later than the one before it.
    pub(super) last_change: Timestamp,
    /// Those who are there.
    pub(super) users: BTreeMap<EndUserId, Arc<User>>,
    /// Those who are not there any more.
    pub(super) deleted: BTreeMap<UserId, Arc<User>>,
    /// The identities of those who are there.
    pub(super) identities: BTreeMap<UserId, IdentitySet>,
    /// Records of all kinds, by their numbers. How many members a custom role has is not kept.
    pub(super) records: BTreeMap<i64, Record>,
    pub(super) jobs: BTreeMap<JobId, Job>,
    pub(super) secrets: BTreeMap<(EndUserId, SensitiveKey), SealedValue>,
    pub(super) channels: BTreeMap<ChannelId, Channel>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) events: Vec<Event>,
    pub(super) webhooks: Webhooks,
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

    /// The account to write to, and the numbers for what is made there.
    pub(super) fn account_and_numbers(
        &mut self,
        id: AccountId,
    ) -> Result<(&mut AccountRows, &mut Numbers), StoreError> {
        let account = self.accounts.get_mut(&id).ok_or_else(|| missing(id))?;
        Ok((account, &mut self.numbers))
    }
}

fn missing(id: AccountId) -> StoreError {
    StoreError::Unavailable(format!("there is no account {id}"))
}

impl AccountRows {
    /// The moment of a change that happens now, if there is one.
    pub(super) fn moment(&self, now: Timestamp) -> Timestamp {
        now.later_than(self.last_change)
    }

    /// The moment of a change that happens now.
    pub(super) fn next_moment(&mut self, now: Timestamp) -> Timestamp {
        self.last_change = self.moment(now);
        self.last_change
    }

    /// Keeps a new user as made now.
    pub(super) fn insert(&mut self, user: User, now: Timestamp) -> Arc<User> {
        let at = self.next_moment(now);
        let user = self.keep(User { created_at: at, updated_at: at, ..user }, EventKind::Created);
        self.tell(at, &user, Content::of_new_user(&user));
        user
    }

    /// Keeps a user as changed now.
    pub(super) fn update(&mut self, user: User, now: Timestamp) -> Arc<User> {
        let at = self.next_moment(now);
        let before = self.users.get(&user.end_user_id).map(Arc::clone);
        let user = self.keep(User { updated_at: at, ..user }, EventKind::Updated);
        let content = before.and_then(|before| Content::of_change(&before, &user));
        self.tell(at, &user, content);
        user
    }

    fn keep(&mut self, user: User, kind: EventKind) -> Arc<User> {
        let user = Arc::new(user);
        self.users.insert(user.end_user_id, Arc::clone(&user));
        self.record(user.updated_at, kind, &user);
        user
    }

    /// Tells endpoints what there is to be told of a user, if anything.
    pub(super) fn tell(&mut self, at: Timestamp, user: &User, content: Option<Content>) {
        if let Some(content) = content {
            self.webhooks.tell(at, user.end_user_id, content);
        }
    }

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

/// How many of these users have which role.
pub(super) fn counts<'a>(users: impl Iterator<Item = &'a Arc<User>>) -> UserCounts {
    let mut counts = UserCounts::default();
    for user in users {
        match user.role {
            Role::EndUser => counts.end_users += 1,
            Role::Agent => counts.agents += 1,
            Role::Admin => counts.admins += 1,
        }
    }
    counts
}
