//! Who holds a value, whether the index knows it yet or not.

use std::cell::Cell;

use roster_directory::{AccountId, IdentityKind, IdentityValue, StoreError};
use roster_relational::sql::{Connection, Row, ToValue, Value};
use roster_relational::tables::identity;

use super::unmerged::{Holder, Unmerged};
use crate::sql::SqliteConnection;

/// The query of who has an identity among the rows whose entries may be missing. It looks through
/// all of those of the account.
const LOOK_THROUGH: &str = "SELECT identity_id, user_id FROM identity \
                            WHERE account_id = ?1 AND kind = ?2 AND value_key = ?3 \
                            AND user_id >= (SELECT merged_until FROM change_buffer WHERE id = 1)";

/// Hands the rows of a query to whoever asked.
pub(crate) type Visit<'a> = &'a mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>;

/// What is known of entries that the index may not have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guess {
    /// The process that holds entries back knows this holder of the value, or none.
    Holder(Option<Holder>),
    /// Another process may hold some back, and alone knows which.
    Unknown,
}

/// Answers [`identity::HOLDER`]: by the guess, if its row confirms it, and else by the index.
pub(crate) fn query_holder(
    guess: Guess,
    params: &[&dyn ToValue],
    visit: Visit<'_>,
    ask: impl Fn(&str, &[&dyn ToValue], Visit<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let is_found = Cell::new(false);
    let mut visit = |row: &dyn Row| {
        is_found.set(true);
        visit(row)
    };
    if let (Guess::Holder(Some(holder)), [account, kind, value]) = (guess, params) {
        let params: [&dyn ToValue; 5] = [account, kind, value, &holder.user, &holder.identity];
        ask(identity::IS_HOLDER, &params, &mut visit)?;
        if is_found.get() {
            return Ok(());
        }
    }
    ask(identity::HOLDER, params, &mut visit)?;
    if let (false, Guess::Unknown) = (is_found.get(), guess) {
        ask(LOOK_THROUGH, params, &mut visit)?;
    }
    Ok(())
}

/// What the parameters of [`identity::HOLDER`] ask for.
pub(super) fn asked_for<'a>(params: &'a [&dyn ToValue]) -> Option<(i64, i64, &'a str)> {
    let [account, kind, value] = params else { return None };
    match (account.to_value(), kind.to_value(), value.to_value()) {
        (Value::Integer(account), Value::Integer(kind), Value::Text(value)) => {
            Some((account, kind, value))
        }
        _ => None,
    }
}

/// A connection that reads, and is told of one holder.
pub(crate) struct Informed<'a> {
    pub(crate) connection: &'a SqliteConnection,
    pub(crate) guess: Guess,
}

impl Guess {
    /// What is known of an address. It must be asked for before the file is read: an entry that is
    /// not held back any more is in the file by then.
    pub(crate) fn of_email(
        unmerged: Option<&Unmerged>,
        account: AccountId,
        email: &IdentityValue,
    ) -> Self {
        let kind = IdentityKind::Email.number();
        unmerged.map_or(Self::Unknown, |unmerged| {
            Self::Holder(unmerged.holder(account.get(), kind, email.folded()))
        })
    }
}

impl Connection for Informed<'_> {
    fn query(
        &self,
        sql: &str,
        params: &[&dyn ToValue],
        visit: Visit<'_>,
    ) -> Result<(), StoreError> {
        if sql == identity::HOLDER {
            let ask = |sql: &str, params: &[&dyn ToValue], visit: Visit<'_>| {
                self.connection.query(sql, params, visit)
            };
            return query_holder(self.guess, params, visit, ask);
        }
        self.connection.query(sql, params, visit)
    }

    fn execute(&self, sql: &str, params: &[&dyn ToValue]) -> Result<usize, StoreError> {
        self.connection.execute(sql, params)
    }

    fn begin_snapshot(&self) -> Result<(), StoreError> {
        self.connection.begin_snapshot()
    }

    fn end_snapshot(&self) {
        self.connection.end_snapshot();
    }
}
