//! The table `endpoint`.

use roster_directory::{
    AccountId, Endpoint, EndpointId, EndpointSecrets, EventTypes, Lease, LeaseHolder,
    MessageNumber, NewEndpoint, PageRequest, Progress, StoreError, Timestamp,
};

use super::delivery::Count;
use super::endpoint_row::{
    endpoint_columns, progress_columns, secret_columns, status_number, written,
};
use crate::sql::{Connection, execute, params, query_all, query_one, row_count, write};

/// An endpoint with what only delivering to it needs.
pub struct Target {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// How far its messages have come.
    pub progress: Progress,
    /// Who delivers to it.
    pub holder: Option<LeaseHolder>,
}

/// How far the messages of an account have come on their way to an endpoint.
pub(crate) struct Standing {
    pub(crate) account: AccountId,
    /// Its endpoint.
    pub(crate) endpoint: EndpointId,
    pub(crate) progress: Progress,
    /// The number that the account's next message takes.
    pub(crate) next: MessageNumber,
}

/// Keeps a new endpoint.
pub fn insert(
    connection: &dyn Connection,
    account: AccountId,
    new: &NewEndpoint,
    progress: Progress,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO endpoint (account_id, endpoint_id, url, description, event_types, \
               status, failing_since, last_failed_at, key_id, sealed, next_message, paused_at, \
               resumed_at, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let endpoint = &new.endpoint;
    let params = params![
        account.get(),
        endpoint.endpoint_id.0.as_bytes(),
        endpoint.url.as_str(),
        endpoint.description.as_str(),
        written(&endpoint.event_types),
        status_number(endpoint.status),
        endpoint.failing_since.map(Timestamp::as_micros),
        endpoint.last_failed_at.map(Timestamp::as_micros),
        new.secret.key_id.0,
        &*new.secret.bytes,
        progress.cursor.0,
        progress.paused_at.map(|number| number.0),
        progress.resumed_at.map(|number| number.0),
        endpoint.created_at.as_micros(),
        endpoint.updated_at.as_micros(),
    ];
    write(connection, sql, params)
}

/// Keeps an endpoint as it has become, and how far its messages have come.
pub(crate) fn update(
    connection: &dyn Connection,
    account: AccountId,
    endpoint: &Endpoint,
    progress: Progress,
) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET url = ?3, description = ?4, event_types = ?5, status = ?6, \
               failing_since = ?7, last_failed_at = ?8, next_message = ?9, paused_at = ?10, \
               resumed_at = ?11, updated_at = ?12 \
               WHERE account_id = ?1 AND endpoint_id = ?2";
    let params = params![
        account.get(),
        endpoint.endpoint_id.0.as_bytes(),
        endpoint.url.as_str(),
        endpoint.description.as_str(),
        written(&endpoint.event_types),
        status_number(endpoint.status),
        endpoint.failing_since.map(Timestamp::as_micros),
        endpoint.last_failed_at.map(Timestamp::as_micros),
        progress.cursor.0,
        progress.paused_at.map(|number| number.0),
        progress.resumed_at.map(|number| number.0),
        endpoint.updated_at.as_micros(),
    ];
    write(connection, sql, params)
}

/// Keeps how far an endpoint has come, which is all that most deliveries change of it.
pub(crate) fn set_cursor(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
    cursor: MessageNumber,
) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET next_message = ?3 WHERE account_id = ?1 AND endpoint_id = ?2";
    write(connection, sql, params![account.get(), id.0.as_bytes(), cursor.0])
}

/// Removes an endpoint, and says whether there was one.
pub(crate) fn delete(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM endpoint WHERE account_id = ?1 AND endpoint_id = ?2";
    Ok(execute(connection, sql, params![account.get(), id.0.as_bytes()])? > 0)
}

/// One endpoint.
pub fn find(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
) -> Result<Option<Endpoint>, StoreError> {
    Ok(target(connection, account, id)?.map(|target| target.endpoint))
}

/// One endpoint as the one that delivers to it needs it.
pub(crate) fn target(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
) -> Result<Option<Target>, StoreError> {
    let sql = concat!(
        "SELECT ",
        endpoint_columns!(),
        ", ",
        progress_columns!(),
        ", lease_holder FROM endpoint WHERE account_id = ?1 AND endpoint_id = ?2"
    );
    query_one(connection, sql, params![account.get(), id.0.as_bytes()])
}

/// A page of endpoints and the one after it, ascending by identifier.
pub fn page(
    connection: &dyn Connection,
    account: AccountId,
    page: PageRequest<EndpointId>,
) -> Result<Vec<Endpoint>, StoreError> {
    let sql = concat!(
        "SELECT ",
        endpoint_columns!(),
        " FROM endpoint WHERE account_id = ?1 AND endpoint_id >= ?2 ORDER BY endpoint_id LIMIT ?3"
    );
    // No bytes at all sort before every identifier.
    let from = page.from.as_ref().map_or(&[][..], |id| id.0.as_bytes());
    query_all(connection, sql, params![account.get(), from, row_count(page.limit.get() + 1)])
}

/// How many endpoints an account has.
pub(crate) fn count(connection: &dyn Connection, account: AccountId) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM endpoint WHERE account_id = ?1";
    let found: Option<Count> = query_one(connection, sql, params![account.get()])?;
    Ok(found.map_or(0, |Count(count)| count))
}

/// The identifiers of all endpoints of an account.
pub(crate) fn ids(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<Vec<EndpointId>, StoreError> {
    let sql = "SELECT endpoint_id FROM endpoint WHERE account_id = ?1";
    query_all(connection, sql, params![account.get()])
}

/// The types that enabled endpoints of an account ask for: the bit of each type's number.
pub(crate) fn types_wanted(
    connection: &dyn Connection,
    account: AccountId,
) -> Result<i64, StoreError> {
    let sql = "SELECT event_types FROM endpoint WHERE account_id = ?1 AND status = 0";
    let all: Vec<EventTypes> = query_all(connection, sql, params![account.get()])?;
    Ok(all.iter().fold(0, |bits, types| bits | types.bits()))
}

/// The secrets of an endpoint.
pub fn secrets(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
) -> Result<Option<EndpointSecrets>, StoreError> {
    let sql = concat!(
        "SELECT ",
        secret_columns!(),
        " FROM endpoint WHERE account_id = ?1 AND endpoint_id = ?2"
    );
    query_one(connection, sql, params![account.get(), id.0.as_bytes()])
}

/// Keeps the secrets of an endpoint as they have become.
pub(crate) fn set_secrets(
    connection: &dyn Connection,
    account: AccountId,
    id: EndpointId,
    secrets: &EndpointSecrets,
) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET key_id = ?3, sealed = ?4, former_key_id = ?5, \
               former_sealed = ?6, former_until = ?7 WHERE account_id = ?1 AND endpoint_id = ?2";
    let former = secrets.former.as_ref();
    let params = params![
        account.get(),
        id.0.as_bytes(),
        secrets.current.key_id.0,
        &*secrets.current.bytes,
        former.map(|(sealed, _)| sealed.key_id.0),
        former.map(|(sealed, _)| &*sealed.bytes),
        former.map(|(_, until)| until.as_micros()),
    ];
    write(connection, sql, params)
}

/// Gives to `holder`, until `until`, every enabled endpoint that nobody else holds at `now`.
pub(crate) fn take_leases(
    connection: &dyn Connection,
    holder: LeaseHolder,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    // Where nothing changes nothing is written.
    let sql = "UPDATE endpoint SET lease_holder = ?1, lease_until = ?3 WHERE status = 0 \
               AND (lease_holder IS NULL OR lease_until <= ?2 \
               OR (lease_holder = ?1 AND lease_until <> ?3))";
    write(connection, sql, params![holder.0, now.as_micros(), until.as_micros()])
}

/// The enabled endpoints that `holder` holds, by account and identifier.
pub(crate) fn leases(
    connection: &dyn Connection,
    holder: LeaseHolder,
) -> Result<Vec<Lease>, StoreError> {
    let sql = concat!(
        "SELECT ",
        endpoint_columns!(),
        ", ",
        secret_columns!(),
        ", endpoint.next_message, account_id, account.name \
         FROM endpoint JOIN account USING (account_id) \
         WHERE status = 0 AND lease_holder = ?1 ORDER BY account_id, endpoint_id"
    );
    query_all(connection, sql, params![holder.0])
}

/// Takes away from `holder` all that it holds.
pub fn release(connection: &dyn Connection, holder: LeaseHolder) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET lease_holder = NULL, lease_until = NULL WHERE lease_holder = ?1";
    write(connection, sql, params![holder.0])
}

/// Takes away from everybody all that they hold.
pub fn release_all(connection: &dyn Connection) -> Result<(), StoreError> {
    let sql = "UPDATE endpoint SET lease_holder = NULL, lease_until = NULL \
               WHERE lease_holder IS NOT NULL";
    write(connection, sql, params![])
}

/// How far the messages have come on their way to each enabled endpoint.
pub(crate) fn standings(connection: &dyn Connection) -> Result<Vec<Standing>, StoreError> {
    let sql = concat!(
        "SELECT account_id, endpoint_id, ",
        progress_columns!(),
        ", account.next_message FROM endpoint JOIN account USING (account_id) WHERE status = 0"
    );
    query_all(connection, sql, params![])
}
