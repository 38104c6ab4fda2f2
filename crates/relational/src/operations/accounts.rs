//! Making accounts.

use std::sync::Arc;

use roster_directory::{
    Account, CreateAccountError, IdentityValue, NewAccount, NewToken, StoreError, User, UserId,
};

use super::end_users;
use crate::tables::{account, token};
use crate::transaction::Transaction;

/// Makes an account with its owner.
pub fn create(
    transaction: &mut Transaction<'_>,
    new: NewAccount,
) -> Result<Account, CreateAccountError> {
    if account::name_is_taken(transaction.connection, &new.name)? {
        return Err(CreateAccountError::NameTaken);
    }
    let (account, _) = insert(transaction, new)?;
    Ok(account)
}

/// Makes the first account with a token of its owner, if there is no account yet.
pub fn create_first(
    transaction: &mut Transaction<'_>,
    new: NewAccount,
    new_token: &NewToken,
) -> Result<Option<Account>, StoreError> {
    if account::any(transaction.connection)? {
        return Ok(None);
    }
    let (account, owner) = insert(transaction, new)?;
    token::insert(transaction.connection, account.id, owner, new_token)?;
    transaction.tokens_changed();
    Ok(Some(account))
}

/// The owner is a user like any other, but their making is no event: the log tells what happened
/// to the account's users since there was an account. Their address counts as verified, for
/// whoever makes an account gives it.
fn insert(
    transaction: &mut Transaction<'_>,
    new: NewAccount,
) -> Result<(Account, UserId), StoreError> {
    let NewAccount { name, owner_email, owner_end_user_id, created_at } = new;
    let owner_id = transaction.next_user_id();
    let claimed = owner_email.as_deref().and_then(|email| IdentityValue::claimed(email).ok());
    let owner = Arc::new(User::owner(owner_id, owner_end_user_id, owner_email, created_at));
    let id = account::insert(transaction.connection, &name, owner_id, created_at)?;
    transaction.insert_owner(id, &owner)?;
    if let Some(email) = claimed {
        end_users::claim(transaction, id, &owner, email, true)?;
    }
    Ok((Account { id, name, created_at }, owner_id))
}
