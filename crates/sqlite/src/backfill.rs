//! What the second step of the schema computes of the users that are there already: names to sort
//! by, and the email addresses that they have claimed.
//!
//! Like the step itself this never changes, whatever becomes of the tables later on: it names the
//! columns that it needs, and does not use the statements of [`roster_relational::tables`].

use roster_directory::{
    EndUserId, ExternalId, IdentityKind, IdentityValue, NameKey, ObjectId, Role, Text, Timestamp,
    User, UserId,
};
use rusqlite::{Connection, Row, params};

/// How many users are held in memory at once.
const BATCH: u32 = 1000;

/// A user as the first step kept them.
struct Former {
    account: i64,
    is_owner: bool,
    /// Only what their name is made of.
    user: User,
}

/// Fills in what the second step adds to each user.
pub(crate) fn names_and_identities(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT next_user_id FROM allocation WHERE id = 1";
    let mut next_number: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    let mut last = i64::MIN;
    loop {
        let batch = users_after(connection, last)?;
        let Some(former) = batch.last() else { break };
        last = former.user.user_id.get();
        for former in &batch {
            keep_name(connection, &former.user)?;
            if keep_email(connection, former, next_number)? {
                next_number += 1;
            }
        }
    }
    give_up_shared_emails(connection)?;
    connection.execute("UPDATE allocation SET next_user_id = ?1 WHERE id = 1", [next_number])?;
    // Nothing that changes from now on may come before what has changed already.
    let sql = "UPDATE account SET last_change = coalesce(changes.last, 0) \
               FROM (SELECT account_id, max(updated_at) AS last FROM user GROUP BY account_id) \
               AS changes WHERE changes.account_id = account.account_id";
    connection.execute(sql, []).map(|_| ())
}

fn users_after(connection: &Connection, last: i64) -> rusqlite::Result<Vec<Former>> {
    let sql = "SELECT account_id, user_id, end_user_id, external_id, first_name, last_name, \
               display_name, email, created_at, \
               (SELECT owner_user_id FROM account WHERE account.account_id = user.account_id) \
               FROM user WHERE user_id > ?1 ORDER BY user_id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![last, BATCH], former)?;
    rows.collect()
}

fn former(row: &Row<'_>) -> rusqlite::Result<Former> {
    let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    let free_text =
        |column| Ok::<_, rusqlite::Error>(text(column)?.and_then(|t| Text::new(t).ok()));
    let user_id: i64 = row.get(1)?;
    let end_user_id = EndUserId(ObjectId::from_bytes(row.get(2)?));
    let created_at = Timestamp::from_micros(row.get(8)?);
    let owner: Option<i64> = row.get(9)?;
    let mut user =
        User::blank(UserId::from_stored(user_id), end_user_id, Role::EndUser, created_at);
    user.external_id = text(3)?.and_then(|id| ExternalId::new(id).ok());
    user.profile.first_name = free_text(4)?;
    user.profile.last_name = free_text(5)?;
    user.profile.display_name = free_text(6)?;
    user.profile.email = free_text(7)?;
    Ok(Former { account: row.get(0)?, is_owner: owner == Some(user_id), user })
}

fn keep_name(connection: &Connection, user: &User) -> rusqlite::Result<()> {
    let key = NameKey::new(&user.name());
    let mut statement =
        connection.prepare_cached("UPDATE user SET name_key = ?2 WHERE user_id = ?1")?;
    statement.execute(params![user.user_id.get(), key.as_str()]).map(|_| ())
}

/// Keeps the user's address as an identity, if they have one. That of an owner counts as
/// verified: whoever made the account gave it.
fn keep_email(connection: &Connection, former: &Former, number: i64) -> rusqlite::Result<bool> {
    let user = &former.user;
    let email = user.profile.email.as_deref();
    let Some(value) = email.and_then(|email| IdentityValue::claimed(email).ok()) else {
        return Ok(false);
    };
    let mut statement = connection.prepare_cached(
        "INSERT INTO identity (account_id, identity_id, user_id, kind, value, value_key, \
         verified, is_primary, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?8)",
    )?;
    statement.execute(params![
        former.account,
        number,
        user.user_id.get(),
        IdentityKind::Email.number(),
        value.written(),
        value.folded(),
        former.is_owner,
        user.created_at.as_micros(),
    ])?;
    if former.is_owner {
        let sql = "UPDATE user SET support = '{\"verified\":true}' WHERE user_id = ?1";
        connection.execute(sql, [user.user_id.get()])?;
    }
    Ok(true)
}

/// Of those in an account who have the same address, the one with the lowest number claims it.
/// They are found by sorting once, since looking for each address while it is kept would touch
/// the pages of the index in no order at all.
fn give_up_shared_emails(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "DELETE FROM identity WHERE identity_id IN (SELECT identity_id FROM \
               (SELECT identity_id, row_number() OVER \
               (PARTITION BY account_id, kind, value_key ORDER BY identity_id) AS place \
               FROM identity) WHERE place > 1)";
    connection.execute(sql, []).map(|_| ())
}
