//! What the search index reads of accounts, events and users: only what is searched, and in long
//! runs.

use roster_directory::{
    AccountId, EndUserId, Profile, StoreError, Timestamp, User, UserId, UserState,
};

use super::user_row::{external_id, role, support};
use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, row_count};

/// What is searched of a user, from a row of `user`, and how to tell that there is none.
macro_rules! searched_columns {
    () => {
        "user.account_id, user.user_id, user.end_user_id, user.role, user.external_id, \
         user.first_name, user.last_name, user.display_name, user.email, user.organization_id, \
         user.custom_role_id, user.support"
    };
}

/// Whether a change of a user changed nothing that is searched.
pub(crate) fn is_same(before: &User, after: &User) -> bool {
    fn searched(user: &User) -> [Option<&str>; 4] {
        let Profile { first_name, last_name, display_name, email, .. } = &user.profile;
        [first_name, last_name, display_name, email].map(Option::as_deref)
    }
    before.role == after.role
        && before.external_id == after.external_id
        && before.support == after.support
        && searched(before) == searched(after)
}

/// An account's log, as far as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The account.
    pub account: AccountId,
    /// When the account was made.
    pub created_at: Timestamp,
    /// The user who owns it.
    pub owner: UserId,
    /// The place that the next event takes.
    pub next_event: i64,
}

impl FromRow for Log {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::from_stored(fields.integer()?),
            created_at: fields.timestamp()?,
            owner: UserId::from_stored(fields.integer()?),
            next_event: fields.integer()?,
        })
    }
}

/// The logs of all accounts.
pub fn logs(connection: &dyn Connection) -> Result<Vec<Log>, StoreError> {
    let sql = "SELECT account_id, created_at, owner_user_id, next_event FROM account";
    query_all(connection, sql, params![])
}

/// The log of an account.
pub fn log(connection: &dyn Connection, account: AccountId) -> Result<Option<Log>, StoreError> {
    let sql = "SELECT account_id, created_at, owner_user_id, next_event FROM account \
               WHERE account_id = ?1";
    query_one(connection, sql, params![account.get()])
}

/// When the event at a place of the log happened.
pub fn event_at(
    connection: &dyn Connection,
    account: AccountId,
    sequence: i64,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT at FROM event WHERE account_id = ?1 AND sequence = ?2";
    let moment: Option<Moment> = query_one(connection, sql, params![account.get(), sequence])?;
    Ok(moment.map(|Moment(at)| at))
}

struct Moment(Timestamp);

impl FromRow for Moment {
    const TABLE: &'static str = "event";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.timestamp().map(Self)
    }
}

/// An event, and what is searched of its user now.
pub struct Change {
    /// The event's place in the log.
    pub sequence: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Whether somebody has but read the user's secrets.
    pub only_read: bool,
    /// The user whom it tells of.
    pub user_id: UserId,
    /// What is searched of them; `None` when they are not there any more.
    pub user: Option<User>,
}

impl FromRow for Change {
    const TABLE: &'static str = "event";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let (sequence, at) = (fields.integer()?, fields.timestamp()?);
        let only_read = fields.integer()? == 4;
        let user_id = UserId::from_stored(fields.integer()?);
        let there = fields.optional_integer()?.is_some();
        let user = if there { Some(searched(fields)?) } else { None };
        Ok(Self { sequence, at, only_read, user_id, user })
    }
}

/// The log of an account from a place on, with the present state of the users it tells of.
pub fn changes(
    connection: &dyn Connection,
    account: AccountId,
    from: i64,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let sql = concat!(
        "SELECT event.sequence, event.at, event.kind, event.user_id, ",
        searched_columns!(),
        " FROM event LEFT JOIN user ON user.user_id = event.user_id \
         AND user.account_id = event.account_id AND event.kind <> 4 \
         WHERE event.account_id = ?1 AND event.sequence >= ?2 ORDER BY event.sequence LIMIT ?3"
    );
    query_all(connection, sql, params![account.get(), from, row_count(limit)])
}

/// A user of some account.
pub struct Member {
    /// Their account.
    pub account: AccountId,
    /// What is searched of them.
    pub user: User,
}

impl FromRow for Member {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let account = AccountId::from_stored(fields.integer()?);
        Ok(Self { account, user: searched(fields)? })
    }
}

/// The users of all accounts, ascending by number.
pub fn users_after(
    connection: &dyn Connection,
    after: UserId,
    limit: usize,
) -> Result<Vec<Member>, StoreError> {
    let sql = concat!(
        "SELECT ",
        searched_columns!(),
        " FROM user WHERE user_id > ?1 ORDER BY user_id LIMIT ?2"
    );
    query_all(connection, sql, params![after.get(), row_count(limit)])
}

/// The users after this one, by account and then by number.
pub fn users_by_account(
    connection: &dyn Connection,
    (account, after): (AccountId, UserId),
    limit: usize,
) -> Result<Vec<Member>, StoreError> {
    let sql = concat!(
        "SELECT ",
        searched_columns!(),
        " FROM user WHERE (user.account_id, user.user_id) > (?1, ?2) \
         ORDER BY user.account_id, user.user_id LIMIT ?3"
    );
    query_all(connection, sql, params![account.get(), after.get(), row_count(limit)])
}

/// One user.
pub fn user(
    connection: &dyn Connection,
    account: AccountId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let sql = concat!(
        "SELECT ",
        searched_columns!(),
        " FROM user WHERE user_id = ?1 AND account_id = ?2"
    );
    let found: Option<Member> = query_one(connection, sql, params![id.get(), account.get()])?;
    Ok(found.map(|member| member.user))
}

/// Reads what comes after the account: the user with nothing but what is searched.
fn searched(fields: &mut Fields<'_>) -> Result<User, StoreError> {
    let nothing_said = Timestamp::from_micros(0);
    Ok(User {
        user_id: UserId::from_stored(fields.integer()?),
        end_user_id: EndUserId(fields.object_id()?),
        role: role(fields)?,
        external_id: external_id(fields)?,
        profile: Profile {
            first_name: fields.optional_free_text()?,
            last_name: fields.optional_free_text()?,
            display_name: fields.optional_free_text()?,
            email: fields.optional_free_text()?,
            ..Profile::default()
        },
        support: support(fields)?,
        state: UserState::Active,
        created_at: nothing_said,
        updated_at: nothing_said,
        expires_at: None,
    })
}
