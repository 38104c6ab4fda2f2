//! Searching users, and reading the export.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{ExportPosition, SearchQuery, Timestamp};

use super::course::{Agreed, Course, Side};
use super::picks::{Pick, pick};
use super::values::account;
use crate::look;

#[derive(Debug, Clone)]
pub(super) enum Finds {
    Search { account: usize, query: String, offset: u64, limit: u64 },
    Export { account: usize, after: Pick, limit: usize },
}

/// Conditions of a query, each of which finds somebody now and then.
const TERMS: &[&str] = &[
    "gr",
    "hopper",
    "alan",
    "été",
    "-grace",
    "name:zo",
    "\"grace hopper\"",
    "email:alan",
    "bug",
    "notes:found",
    "phone:555",
    "+1555",
    "external_id:crm",
    "tags:vip",
    "role:end-user",
    "-role:agent",
    "organization:navy",
    "organization:42",
    "-organization:été",
    "user",
];

fn query() -> impl Strategy<Value = String> {
    vec(select(TERMS), 0..3).prop_map(|terms| terms.join(" "))
}

impl Finds {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            2 => (account(), query(), 0..3_u64, 0..4_u64).prop_map(
                |(account, query, offset, limit)| Self::Search { account, query, offset, limit }
            ),
            1 => (account(), pick(), 0..4_usize)
                .prop_map(|(account, after, limit)| Self::Export { account, after, limit }),
        ]
    }

    pub(super) async fn run(self, course: &Course) -> Agreed {
        match self {
            Self::Search { account, query, offset, limit } => {
                let query = SearchQuery::parse(&query);
                let search = async |Side { store, accounts }: &Side| {
                    store.search_users(accounts[account], query.clone(), offset, limit).await
                };
                course.both(search).await
            }
            Self::Export { account, after, limit } => {
                let after = position(after, course, account).await;
                let export = async |Side { store, accounts }: &Side| {
                    store.export_users(accounts[account], after, limit).await
                };
                course.both(export).await
            }
        }
    }
}

/// The place in the export of a user, or the beginning of it.
async fn position(pick: Pick, course: &Course, account: usize) -> ExportPosition {
    let id = pick.user(course, account).await;
    let side = course.model();
    let all = look::exported(&*side.store, side.accounts[account], 100).await;
    let user = all.iter().find(|user| user.user_id == id);
    let beginning = ExportPosition::before(Timestamp::from_micros(0));
    user.map_or(beginning, |user| ExportPosition::of(user))
}
