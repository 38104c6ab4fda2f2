//! Operations on tokens, and on the store itself.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{Account, AccountSummary, Caller, NewToken};

use super::course::{Agreed, Course, Side};
use super::values::{EMAILS, account, shuffled};
use crate::sample::{self, sealed, text, token_hash, token_id};

#[derive(Debug, Clone)]
pub(super) enum Upkeep {
    CreateToken { account: usize, email: Option<&'static str> },
    RevokeToken { token: u32 },
    Authenticate { token: u32 },
    Tokens,
    AddSealingKey { key: u32, check: u8 },
    SealingKeys,
    Expire { limit: usize },
    Accounts,
}

fn token() -> impl Strategy<Value = u32> {
    0..3_u32
}

impl Upkeep {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            3 => (account(), option::of(select(EMAILS)))
                .prop_map(|(account, email)| Self::CreateToken { account, email }),
            3 => token().prop_map(|token| Self::RevokeToken { token }),
            2 => token().prop_map(|token| Self::Authenticate { token }),
            1 => Just(Self::Tokens),
            2 => (1..4_u32, 0..2_u8).prop_map(|(key, check)| Self::AddSealingKey { key, check }),
            1 => Just(Self::SealingKeys),
            4 => (0..4_usize).prop_map(|limit| Self::Expire { limit }),
            1 => Just(Self::Accounts),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        let now = course.now();
        match self {
            Self::CreateToken { account, email } => {
                let new = sample::new_token(shuffled(course.tokens));
                course.tokens += 1;
                let new = NewToken { user_email: email.map(text), created_at: now, ..new };
                let create = async |side: &Side| {
                    let token = side.store.create_token(side.accounts[account], new.clone()).await;
                    token.map(|token| side.placed(token))
                };
                course.both(create).await
            }
            Self::RevokeToken { token } => {
                let id = token_id(shuffled(token));
                let revoke = async |side: &Side| {
                    let token = side.store.revoke_token(id, now).await.unwrap();
                    token.map(|token| side.placed(token))
                };
                course.both(revoke).await
            }
            Self::Authenticate { token } => {
                let hash = token_hash(shuffled(token));
                let authenticate = async |side: &Side| {
                    let caller = side.store.authenticate(&hash).await.unwrap();
                    caller.map(|caller| Caller { account: side.place(caller.account), ..caller })
                };
                course.both(authenticate).await
            }
            Self::Tokens => {
                let list = async |side: &Side| {
                    let tokens = side.store.tokens().await.unwrap().into_iter();
                    tokens.map(|token| side.placed(token)).collect::<Vec<_>>()
                };
                course.both(list).await
            }
            Self::AddSealingKey { key, check } => {
                let check = sealed(key, &[check]);
                course.both(async |side| side.store.add_sealing_key(check.clone()).await).await
            }
            Self::SealingKeys => {
                let list = async |side: &Side| {
                    let mut keys = side.store.sealing_keys().await.unwrap();
                    keys.sort_by_key(|key| key.check.key_id);
                    keys
                };
                course.both(list).await
            }
            Self::Expire { limit } => {
                course.both(async |side| side.store.expire(now, limit).await).await
            }
            Self::Accounts => course.both(accounts).await,
        }
    }
}

/// The accounts and the numbers of their users.
async fn accounts(side: &Side) -> Vec<AccountSummary> {
    let accounts = side.store.accounts().await.unwrap().into_iter();
    let placed = |account: Account| Account { id: side.place(account.id), ..account };
    accounts.map(|summary| AccountSummary { account: placed(summary.account), ..summary }).collect()
}
