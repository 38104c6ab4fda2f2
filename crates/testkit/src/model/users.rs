//! Operations on users of every role, and on their identities.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{Change, IdentityChange, NewIdentity, NewUser};

use super::course::{Agreed, Course, Side};
use super::fields::{Address, UserFields, address, user_fields};
use super::picks::{Among, Pick, pick};
use super::values::{EMAILS, EXTERNAL_IDS, account, shuffled};
use crate::look;
use crate::sample::{email, end_user_id, external_id};

#[derive(Debug, Clone)]
pub(super) enum Users {
    Create {
        account: usize,
        fields: UserFields,
    },
    /// Names somebody who is there, if there is a pick.
    CreateOrUpdate {
        account: usize,
        user: Option<Pick>,
        fields: UserFields,
    },
    Update {
        account: usize,
        user: Pick,
        fields: UserFields,
    },
    Delete {
        account: usize,
        user: Pick,
    },
    Merge {
        account: usize,
        from: Pick,
        into: Pick,
    },
    Erase {
        account: usize,
        user: Pick,
    },
    Read {
        account: usize,
        user: Pick,
    },
    ReadMany {
        account: usize,
        users: Vec<Pick>,
    },
    ByExternalIds {
        account: usize,
        ids: Vec<&'static str>,
    },
    ByEmail {
        account: usize,
        email: &'static str,
    },
    AddIdentity {
        account: usize,
        user: Pick,
        address: Address,
    },
    EditIdentity {
        account: usize,
        user: Pick,
        identity: Pick,
        change: Edit,
    },
    RemoveIdentity {
        account: usize,
        user: Pick,
        identity: Pick,
    },
}

/// A change of an identity; without anything, it is made the primary one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edit {
    value: Option<&'static str>,
    verified: Option<bool>,
}

fn edit() -> impl Strategy<Value = Edit> {
    let parts = (option::of(select(EMAILS)), option::of(any::<bool>()));
    parts.prop_map(|(value, verified)| Edit { value, verified })
}

impl Edit {
    fn change(self) -> IdentityChange {
        let Self { value, verified } = self;
        if value.is_none() && verified.is_none() {
            return IdentityChange::MakePrimary;
        }
        IdentityChange::Edit { value: value.map(email), verified }
    }
}

impl Users {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let one = || (account(), pick());
        prop_oneof![
            6 => (account(), user_fields())
                .prop_map(|(account, fields)| Self::Create { account, fields }),
            4 => (account(), option::of(pick()), user_fields()).prop_map(
                |(account, user, fields)| Self::CreateOrUpdate { account, user, fields }
            ),
            7 => (one(), user_fields())
                .prop_map(|((account, user), fields)| Self::Update { account, user, fields }),
            2 => one().prop_map(|(account, user)| Self::Delete { account, user }),
            3 => (one(), pick())
                .prop_map(|((account, from), into)| Self::Merge { account, from, into }),
            2 => one().prop_map(|(account, user)| Self::Erase { account, user }),
            1 => one().prop_map(|(account, user)| Self::Read { account, user }),
            1 => (account(), vec(pick(), 0..4))
                .prop_map(|(account, users)| Self::ReadMany { account, users }),
            1 => (account(), vec(select(EXTERNAL_IDS), 0..4))
                .prop_map(|(account, ids)| Self::ByExternalIds { account, ids }),
            1 => (account(), select(EMAILS))
                .prop_map(|(account, email)| Self::ByEmail { account, email }),
            4 => (one(), address())
                .prop_map(|((account, user), address)| Self::AddIdentity { account, user, address }),
            4 => (one(), pick(), edit()).prop_map(|((account, user), identity, change)| {
                Self::EditIdentity { account, user, identity, change }
            }),
            2 => (one(), pick()).prop_map(|((account, user), identity)| {
                Self::RemoveIdentity { account, user, identity }
            }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        match self {
            Self::Create { account, fields } => {
                let new = new_user(course, account, &fields).await;
                let create = async |Side { store, accounts }: &Side| {
                    store.create_user(accounts[account], new.clone()).await
                };
                course.both(create).await
            }
            Self::CreateOrUpdate { account, user, fields } => {
                let mut new = new_user(course, account, &fields).await;
                if let Some(user) = user {
                    name(&mut new, course, account, user).await;
                }
                let save = async |Side { store, accounts }: &Side| {
                    store.create_or_update_user(accounts[account], new.clone()).await
                };
                course.both(save).await
            }
            Self::Update { account, user, fields } => {
                let id = user.user(course, account).await;
                let (patch, now) = (fields.patch(course, account).await, course.now());
                let update = async |Side { store, accounts }: &Side| {
                    store.update_user(accounts[account], id, patch.clone(), now).await
                };
                course.both(update).await
            }
            Self::Delete { .. } | Self::Merge { .. } | Self::Erase { .. } => {
                self.remove(course).await
            }
            Self::Read { .. }
            | Self::ReadMany { .. }
            | Self::ByExternalIds { .. }
            | Self::ByEmail { .. } => self.read(course).await,
            Self::AddIdentity { .. } | Self::EditIdentity { .. } | Self::RemoveIdentity { .. } => {
                self.change_identity(course).await
            }
        }
    }

    async fn remove(self, course: &Course) -> Agreed {
        let now = course.now();
        match self {
            Self::Delete { account, user } => {
                let id = user.user(course, account).await;
                let delete = async |Side { store, accounts }: &Side| {
                    store.delete_user(accounts[account], id, now).await
                };
                course.both(delete).await
            }
            Self::Merge { account, from, into } => {
                let from = from.user_among(Among::EndUsers, course, account).await;
                let into = into.user_among(Among::EndUsers, course, account).await;
                let merge = async |Side { store, accounts }: &Side| {
                    store.merge_users(accounts[account], from, into, now).await
                };
                course.both(merge).await
            }
            Self::Erase { account, user } => {
                let id = user.user_among(Among::Deleted, course, account).await;
                let erase = async |Side { store, accounts }: &Side| {
                    store.erase_deleted_user(accounts[account], id, now).await
                };
                course.both(erase).await
            }
            other => unreachable!("{other:?} removes nobody"),
        }
    }

    async fn read(self, course: &Course) -> Agreed {
        match self {
            Self::Read { account, user } => {
                let id = user.user(course, account).await;
                let read = async |Side { store, accounts }: &Side| {
                    let account = accounts[account];
                    (store.user(account, id).await, store.deleted_user(account, id).await)
                };
                course.both(read).await
            }
            Self::ReadMany { account, users } => {
                let mut ids = Vec::new();
                for user in users {
                    ids.push(user.user(course, account).await);
                }
                let read = async |Side { store, accounts }: &Side| {
                    let users = store.users_by_id(accounts[account], ids.clone()).await;
                    (users, store.identities(accounts[account], ids.clone()).await)
                };
                course.both(read).await
            }
            Self::ByExternalIds { account, ids } => {
                let ids: Vec<_> = ids.into_iter().map(external_id).collect();
                let find = async |Side { store, accounts }: &Side| {
                    store.users_by_external_id(accounts[account], ids.clone()).await
                };
                course.both(find).await
            }
            Self::ByEmail { account, email: address } => {
                let address = email(address);
                let find = async |Side { store, accounts }: &Side| {
                    store.user_by_email(accounts[account], &address).await
                };
                course.both(find).await
            }
            other => unreachable!("{other:?} reads nothing"),
        }
    }

    async fn change_identity(self, course: &Course) -> Agreed {
        let now = course.now();
        match self {
            Self::AddIdentity { account, user, address } => {
                let id = user.user(course, account).await;
                let add = async |Side { store, accounts }: &Side| {
                    let new = address.new_identity();
                    store.create_identity(accounts[account], id, new, now).await
                };
                course.both(add).await
            }
            Self::EditIdentity { account, user, identity, change } => {
                let user = user.user_among(Among::Claimants, course, account).await;
                let id = identity.identity(course, account, user).await;
                let edit = async |Side { store, accounts }: &Side| {
                    store.change_identity(accounts[account], user, id, change.change(), now).await
                };
                course.both(edit).await
            }
            Self::RemoveIdentity { account, user, identity } => {
                let user = user.user_among(Among::Claimants, course, account).await;
                let id = identity.identity(course, account, user).await;
                let remove = async |Side { store, accounts }: &Side| {
                    store.delete_identity(accounts[account], user, id, now).await
                };
                course.both(remove).await
            }
            other => unreachable!("{other:?} changes no identity"),
        }
    }
}

async fn new_user(course: &mut Course, account: usize, fields: &UserFields) -> NewUser {
    let patch = fields.patch(course, account).await;
    let end_user_id = end_user_id(shuffled(course.users));
    course.users += 1;
    NewUser { end_user_id, patch, created_at: course.now() }
}

/// Says something by which this user is known: their external id, or else one of their identities.
async fn name(new: &mut NewUser, course: &Course, account: usize, user: Pick) {
    let id = user.user(course, account).await;
    let side = course.model();
    let account = side.accounts[account];
    let Some(user) = side.store.user(account, id).await.unwrap() else { return };
    if let Some(external_id) = &user.external_id {
        new.patch.external_id = Change::Set(external_id.clone());
        return;
    }
    let identities = look::identities(&*side.store, account, id).await;
    new.patch.identities.extend(identities.into_iter().take(1).map(|identity| NewIdentity {
        kind: identity.kind,
        value: identity.value,
        verified: true,
        primary: true,
    }));
}
