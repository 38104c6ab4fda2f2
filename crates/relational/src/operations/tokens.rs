//! Making and revoking tokens.

use roster_directory::{
    AccountId, CreateTokenError, IdentityKind, IdentityValue, NewToken, StoreError, Timestamp,
    Token, TokenId, UserId,
};

use crate::sql::Connection;
use crate::tables::{account, identity, token};
use crate::transaction::Transaction;

/// Makes a token that acts for whoever has claimed the address that it names, or for the account's
/// owner if it names none.
pub fn create(
    transaction: &mut Transaction<'_>,
    account: AccountId,
    new: NewToken,
) -> Result<Token, CreateTokenError> {
    let connection = transaction.connection;
    let user = match &new.user_email {
        None => account::owner(connection, account)?,
        Some(email) => holder_of(connection, account, email)?,
    };
    let user = user.ok_or(CreateTokenError::UserNotFound)?;
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

fn holder_of(
    connection: &dyn Connection,
    account: AccountId,
    email: &str,
) -> Result<Option<UserId>, StoreError> {
    let Ok(email) = IdentityValue::claimed(email) else { return Ok(None) };
    let holder = identity::holder_of(connection, account, IdentityKind::Email, &email)?;
    Ok(holder.map(|holder| holder.user_id))
}

/// Revokes a token. Revoking it again changes nothing, but tells every process again, in case
/// that failed the first time.
pub fn revoke(
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
