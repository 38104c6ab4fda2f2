//! Users of one account as they are at one moment.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use roster_directory::{AccountId, StoreError, Timestamp, User, UserId};
use roster_relational::lists;
use roster_relational::sql::{Connection, Fields, FromRow};
use roster_relational::tables::{account, user};
use tokio_postgres::types::Type;

use crate::session::Session;
use crate::translate::translate;
use crate::value::PostgresRow;

/// The database as it is at one moment, however many statements read it.
pub(crate) struct Snapshot<'a> {
    session: &'a Session,
    account: AccountId,
    last_change: Timestamp,
}

impl<'a> Snapshot<'a> {
    /// Reads a list in the state of now.
    pub(crate) fn read<T>(
        session: &'a Session,
        account: AccountId,
        read: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        roster_relational::sql::snapshot(session, || {
            let marks = account::marks(session, account)?;
            let last_change =
                marks.map_or(Timestamp::from_micros(i64::MIN), |marks| marks.last_change);
            read(&mut Self { session, account, last_change })
        })
    }
}

impl lists::Snapshot for Snapshot<'_> {
    fn connection(&self) -> &dyn Connection {
        self.session
    }

    fn last_change(&self) -> Timestamp {
        self.last_change
    }

    fn find(&mut self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let found = users(self.session, self.account, ids)?;
        let mut found: HashMap<_, _> = found.into_iter().collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}

/// Users whom statements of this crate's own ask for, many at once.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Selection {
    /// By number, of whatever role.
    Numbers,
    /// End users by their identifiers.
    EndUsers,
    /// By external ids in their folded form, of whatever role.
    ExternalIds,
}

impl Selection {
    /// The statement, whose parameters are the account and a list.
    pub(crate) fn sql(self) -> &'static str {
        static SQL: LazyLock<[String; 3]> = LazyLock::new(|| {
            [
                "WHERE account_id = $1 AND user_id = ANY($2)",
                "WHERE account_id = $1 AND role = 0 AND end_user_id = ANY($2)",
                "WHERE account_id = $1 AND external_key = ANY($2)",
            ]
            .map(|which| format!("{} {which}", translate(user::ROWS)))
        });
        &SQL[self as usize]
    }
}

/// Those of these users that there are, of whatever role.
pub(crate) fn users(
    session: &Session,
    account: AccountId,
    ids: &[UserId],
) -> Result<Vec<(UserId, Arc<User>)>, StoreError> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let params = [(&account.get() as _, Type::INT8), (&ids as _, Type::INT8_ARRAY)];
    let rows = session.rows(Selection::Numbers.sql(), &params)?;
    rows.iter().map(|row| read_user(row).map(|user| (user.user_id, user))).collect()
}

/// The user in a row.
pub(crate) fn read_user(row: &tokio_postgres::Row) -> Result<Arc<User>, StoreError> {
    Arc::<User>::from_row(&mut Fields::new(&PostgresRow(row), "user"))
}
