//! Making accounts.

use std::sync::Arc;

use roster_directory::{
    Account, CreateAccountError, NewAccount, NewToken, Profile, Role, StoreError, User, UserId,
};

use crate::tables::{account, token};
use crate::transaction::Transaction;

/// Makes an account with its owner.
pub(crate) fn create(
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
pub(crate) fn create_first(
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
/// to the account's users since there was an account.
fn insert(
    transaction: &mut Transaction<'_>,
    new: NewAccount,
) -> Result<(Account, UserId), StoreError> {
    let owner = User {
        user_id: transaction.next_user_id(),
        end_user_id: new.owner_end_user_id,
        role: Role::Admin,
        external_id: None,
        profile: Profile { email: new.owner_email.clone(), ..Profile::default() },
        created_at: new.created_at,
        updated_at: new.created_at,
        expires_at: None,
    };
    let owner_id = owner.user_id;
    let id = account::insert(transaction.connection, &new, owner_id)?;
    transaction.insert_user(id, &Arc::new(owner))?;
    Ok((Account { id, name: new.name, created_at: new.created_at }, owner_id))
}
