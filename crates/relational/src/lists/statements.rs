//! The statements that lists of users are read with, told to who looks after the indexes.

use roster_directory::{AccountId, UserFilter, UserSort};

use super::source::Source;
use super::walk::Walk;
use crate::sql::Connection;

/// Every statement that a list of users may be read with. A database must have an index that it
/// can read each from.
pub fn statements_of_users(
    connection: &dyn Connection,
    account: AccountId,
    filter: &UserFilter,
    sort: UserSort,
) -> Vec<String> {
    statements(connection, &Source::of(account, filter), sort)
}

/// Likewise for the deleted.
pub fn statements_of_deleted_users(
    connection: &dyn Connection,
    account: AccountId,
    sort: UserSort,
) -> Vec<String> {
    statements(connection, &Source::deleted(account), sort)
}

fn statements(connection: &dyn Connection, source: &Source, sort: UserSort) -> Vec<String> {
    let there_and_back = [true, false].into_iter();
    there_and_back
        .flat_map(|forward| Walk { connection, source, sort, forward }.statements())
        .collect()
}
