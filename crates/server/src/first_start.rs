//! The first start over an empty store: an account, its owner and a token, so that a newcomer
//! can call at once.

use roster_directory::{
    AccountName, EndUserId, NewAccount, NewToken, Scopes, StoreError, Text, TokenId,
};

use crate::app::App;
use crate::clock::RandomnessError;
use crate::token::PlainToken;

/// The first account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FirstStartError {
    /// There were no random bytes for the token.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The store could not do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A name that is built in breaks a rule of the directory.
    #[error("the built-in name of the first account is not valid")]
    Name,
}

/// Makes the account `default` and a server token for it, if the store has no account yet.
pub async fn first_start(app: &App) -> Result<Option<(TokenId, PlainToken)>, FirstStartError> {
    let token = PlainToken::generate(&*app.randomness)?;
    let now = app.now();
    let account = NewAccount {
        name: AccountName::new("default").ok_or(FirstStartError::Name)?,
        owner_email: None,
        owner_end_user_id: EndUserId(app.new_object_id(now)),
        created_at: now,
    };
    let new_token = NewToken {
        id: TokenId(app.new_object_id(now)),
        hash: token.hash(),
        label: Text::new("made at the first start").map_err(|_| FirstStartError::Name)?,
        user_email: None,
        scopes: Scopes::SERVER,
        created_at: now,
    };
    let id = new_token.id;
    let account = app.store.create_first_account(account, new_token).await?;
    Ok(account.map(|_| (id, token)))
}
