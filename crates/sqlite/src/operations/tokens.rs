//! Making and revoking tokens.

use roster_directory::{
    AccountId, CreateTokenError, NewToken, StoreError, Timestamp, Token, TokenId, UserId,
};
use rusqlite::Connection;

use crate::tables::{account, token, user};
use crate::transaction::Transaction;

/// The user that a new token is to act for, as a reader sees it. Finding somebody by address
/// takes a while, during which the writer should do better things.
pub(crate) fn acting_user(
    connection: &Connection,
    account: AccountId,
    new: &NewToken,
) -> Result<Option<UserId>, StoreError> {
    match &new.user_email {
        None => account::owner(connection, account),
        Some(email) => user::first_with_email(connection, account, email),
    }
}

/// Makes a token that acts for `user`, provided that they still have the address by which they
/// were found.
pub(crate) fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    user: UserId,
    new: NewToken,
) -> Result<Token, CreateTokenError> {
    let connection = transaction.connection;
    if let Some(email) = &new.user_email
        && !user::has_email(connection, account, user, email)?
    {
        return Err(CreateTokenError::UserNotFound);
    }
    token::insert(connection, account, user, &new)?;
    transaction.tokens_changed();
    Ok(Token {
        id: new.id,
        account,
        user,
        label: new.label,
        scopes: new.scopes,
        created_at: new.created_at,
        revoked_at: None,
    })
}

/// Revokes a token. Revoking it again changes nothing, but tells every process again, in case
/// that failed the first time.
pub(crate) fn revoke(
    transaction: &mut Transaction<'_>,
    id: TokenId,
    now: Timestamp,
) -> Result<Option<Token>, StoreError> {
    token::revoke(transaction.connection, id, now)?;
    let token = token::find(transaction.connection, id)?;
    if token.is_some() {
        transaction.tokens_changed();
    }
    Ok(token)
}
