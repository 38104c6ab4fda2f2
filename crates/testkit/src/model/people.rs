//! Operations on end users, through Ada's dialect.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{Event, PageLimit};

use super::course::{Agreed, Course, Side, unnumbered};
use super::values::{
    Fields, LIFETIMES, Lifetime, account, any_external_id, fields, shuffled, user, user_id,
};
use crate::look::{self, page_of};
use crate::sample::{external_id, token_id};

#[derive(Debug, Clone)]
pub(super) enum People {
    Create { account: usize, fields: Fields, lifetime: Lifetime },
    Patch { account: usize, user: u32, fields: Fields },
    EndUser { account: usize, user: u32 },
    ByExternalId { account: usize, id: &'static str },
    List { account: usize, from: Option<u32>, limit: u64 },
    ReadSecrets { account: usize, user: u32 },
    Events { account: usize, skip: usize, limit: u64 },
}

impl People {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            5 => (account(), fields(), select(LIFETIMES))
                .prop_map(|(account, fields, lifetime)| Self::Create { account, fields, lifetime }),
            5 => (account(), user(), fields())
                .prop_map(|(account, user, fields)| Self::Patch { account, user, fields }),
            2 => (account(), user()).prop_map(|(account, user)| Self::EndUser { account, user }),
            2 => (account(), any_external_id())
                .prop_map(|(account, id)| Self::ByExternalId { account, id }),
            2 => (account(), option::of(user()), 1..5_u64)
                .prop_map(|(account, from, limit)| Self::List { account, from, limit }),
            1 => (account(), user())
                .prop_map(|(account, user)| Self::ReadSecrets { account, user }),
            1 => (account(), 0..6_usize, 1..5_u64)
                .prop_map(|(account, skip, limit)| Self::Events { account, skip, limit }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        let now = course.now();
        match self {
            Self::Create { account, fields, lifetime } => {
                let new = fields.new_end_user(shuffled(course.users), lifetime, now);
                course.users += 1;
                let create = async |Side { store, accounts }: &Side| {
                    store.create_end_user(accounts[account], new.clone()).await
                };
                course.both(create).await
            }
            Self::Patch { account, user, fields } => {
                let (id, patch) = (user_id(user), fields.patch(now));
                let patch = async |Side { store, accounts }: &Side| {
                    store.patch_end_user(accounts[account], id, patch.clone(), now).await
                };
                course.both(patch).await
            }
            Self::EndUser { account, user } => {
                let id = user_id(user);
                course
                    .both(async |side| side.store.end_user(side.accounts[account], id).await)
                    .await
            }
            Self::ByExternalId { account, id } => {
                let id = external_id(id);
                let find = async |Side { store, accounts }: &Side| {
                    store.end_user_by_external_id(accounts[account], &id).await
                };
                course.both(find).await
            }
            Self::List { account, from, limit } => {
                let page = page_of(limit, from.map(user_id));
                let list =
                    async |side: &Side| side.store.end_users(side.accounts[account], page).await;
                course.both(list).await
            }
            Self::ReadSecrets { account, user } => {
                let (id, reader) = (user_id(user), token_id(1));
                let read = async |Side { store, accounts }: &Side| {
                    store.read_sensitive_metadata(accounts[account], id, reader, now).await
                };
                course.both(read).await
            }
            Self::Events { account, skip, limit } => {
                course.both(async |side| events(side, account, skip, limit).await).await
            }
        }
    }
}

/// Reads the log on after its first `skip` events.
async fn events(side: &Side, account: usize, skip: usize, limit: u64) -> Vec<Event> {
    let account = side.accounts[account];
    let log = look::events(&*side.store, account).await;
    let after = skip.checked_sub(1).and_then(|last| log.get(last)).map(|event| event.sequence);
    let limit = PageLimit::new(limit).unwrap();
    unnumbered(side.store.events(account, after, limit).await.unwrap())
}
