//! Operations on records.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{PageLimit, RecordFilter, RecordKey, RecordKind, RecordStart};

use super::course::{Agreed, Course, Side};
use super::fields::{RecordFields, record_fields};
use super::picks::{KINDS, Pick, pick};
use super::values::{EXTERNAL_IDS, account};
use crate::sample::external_id;

#[derive(Debug, Clone)]
pub(super) enum Records {
    Create { account: usize, fields: RecordFields },
    Update { account: usize, record: Pick, fields: RecordFields },
    Delete { account: usize, kind: RecordKind, record: Pick },
    Read { account: usize, kind: RecordKind, record: Pick },
    ReadMany { account: usize, kind: RecordKind, records: Vec<Pick> },
    Named { account: usize, kind: RecordKind, name: &'static str },
    ByExternalId { account: usize, id: &'static str },
    List { account: usize, kind: RecordKind, from: From, limit: u64 },
    Memberships { account: usize, of: Of, from: From, limit: u64 },
}

/// Whose memberships.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    User(Pick),
    Group(Pick),
}

/// Where a part of a list begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum From {
    Offset(u64),
    After(Pick),
    Before(Pick),
}

pub(super) fn from() -> impl Strategy<Value = From> {
    prop_oneof![
        (0..4_u64).prop_map(From::Offset),
        pick().prop_map(From::After),
        pick().prop_map(From::Before),
    ]
}

impl Records {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let of_kind = || (account(), select(KINDS));
        let named = (account(), select(&[RecordKind::Organization, RecordKind::CustomRole][..]));
        let part = || (from(), 1..4_u64);
        let of = prop_oneof![pick().prop_map(Of::User), pick().prop_map(Of::Group)];
        prop_oneof![
            12 => (account(), record_fields())
                .prop_map(|(account, fields)| Self::Create { account, fields }),
            4 => (account(), pick(), record_fields())
                .prop_map(|(account, record, fields)| Self::Update { account, record, fields }),
            4 => (of_kind(), pick())
                .prop_map(|((account, kind), record)| Self::Delete { account, kind, record }),
            1 => (of_kind(), pick())
                .prop_map(|((account, kind), record)| Self::Read { account, kind, record }),
            1 => (of_kind(), vec(pick(), 0..4))
                .prop_map(|((account, kind), records)| Self::ReadMany { account, kind, records }),
            1 => (named, select(&["navy", "été", "42"][..]))
                .prop_map(|((account, kind), name)| Self::Named { account, kind, name }),
            1 => (account(), select(EXTERNAL_IDS))
                .prop_map(|(account, id)| Self::ByExternalId { account, id }),
            2 => (of_kind(), part()).prop_map(|((account, kind), (from, limit))| {
                Self::List { account, kind, from, limit }
            }),
            2 => (account(), of, part()).prop_map(|(account, of, (from, limit))| {
                Self::Memberships { account, of, from, limit }
            }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        let now = course.now();
        match self {
            Self::Create { account, fields } => {
                let patch = fields.patch(course, account).await;
                let create = async |Side { store, accounts }: &Side| {
                    store.create_record(accounts[account], patch.clone(), now).await
                };
                course.both(create).await
            }
            Self::Update { account, record, fields } => {
                let patch = fields.patch(course, account).await;
                let id = record.record(course, account, patch.kind()).await;
                let update = async |Side { store, accounts }: &Side| {
                    store.update_record(accounts[account], id, patch.clone(), now).await
                };
                course.both(update).await
            }
            Self::Delete { account, kind, record } => {
                let id = record.record(course, account, kind).await;
                let delete = async |Side { store, accounts }: &Side| {
                    store.delete_record(accounts[account], kind, id, now).await
                };
                course.both(delete).await
            }
            other => other.read(course).await,
        }
    }

    async fn read(self, course: &Course) -> Agreed {
        match self {
            Self::Create { .. } | Self::Update { .. } | Self::Delete { .. } => {
                unreachable!("{self:?} is no read")
            }
            Self::Read { account, kind, record } => {
                let id = record.record(course, account, kind).await;
                find(course, account, RecordKey::Id(kind, id)).await
            }
            Self::ReadMany { account, kind, records } => {
                let mut ids = Vec::new();
                for record in records {
                    ids.push(record.record(course, account, kind).await);
                }
                let read = async |Side { store, accounts }: &Side| {
                    store.records_by_id(accounts[account], kind, ids.clone()).await
                };
                course.both(read).await
            }
            Self::Named { account, kind, name } => {
                find(course, account, RecordKey::Unique(kind, name.to_owned())).await
            }
            Self::ByExternalId { account, id } => {
                let key = RecordKey::OrganizationExternalId(external_id(id));
                find(course, account, key).await
            }
            Self::List { account, kind, from, limit } => {
                list(course, account, RecordFilter::All(kind), from, limit).await
            }
            Self::Memberships { account, of, from, limit } => {
                let filter = match of {
                    Of::User(user) => RecordFilter::MembershipsOf(user.user(course, account).await),
                    Of::Group(group) => {
                        RecordFilter::MembershipsIn(group.group(course, account).await)
                    }
                };
                list(course, account, filter, from, limit).await
            }
        }
    }
}

async fn find(course: &Course, account: usize, key: RecordKey) -> Agreed {
    let find =
        async |Side { store, accounts }: &Side| store.record(accounts[account], key.clone()).await;
    course.both(find).await
}

async fn list(
    course: &Course,
    account: usize,
    filter: RecordFilter,
    from: From,
    limit: u64,
) -> Agreed {
    let start = match from {
        From::Offset(offset) => RecordStart::Offset(offset),
        From::After(pick) => RecordStart::After(pick.record(course, account, filter.kind()).await),
        From::Before(pick) => {
            RecordStart::Before(pick.record(course, account, filter.kind()).await)
        }
    };
    let limit = PageLimit::new(limit).unwrap();
    let list = async |Side { store, accounts }: &Side| {
        store.records(accounts[account], filter, start, limit).await
    };
    course.both(list).await
}
