//! What lists of users are read from.

use std::sync::Arc;

use roster_directory::{StoreError, Timestamp, User, UserId};

use crate::sql::Connection;

/// The users of an account as they are at one moment, however many statements read them. A store
/// may remember users; so it is asked for them, and only for who is in a list its tables are.
pub trait Snapshot {
    /// The connection, which reads the state of that moment.
    fn connection(&self) -> &dyn Connection;

    /// When a user of the account last changed. Every later change has a later moment.
    fn last_change(&self) -> Timestamp;

    /// Those of these users who are there, in the order given.
    fn find(&mut self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError>;

    /// These users, whom an index has, in the order given.
    fn users(&mut self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let found = self.find(ids)?;
        if found.len() == ids.len() {
            Ok(found)
        } else {
            Err(StoreError::Corrupt("user.user_id".to_owned()))
        }
    }
}
