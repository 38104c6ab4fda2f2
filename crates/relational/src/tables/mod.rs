//! The tables: one file each, with all statements that touch it and the form of its rows.

pub mod account;
pub mod allocation;
pub(crate) mod attempt;
pub mod channel;
pub mod conversation;
pub mod deleted_user;
pub mod delivery;
pub mod endpoint;
mod endpoint_row;
pub mod event;
pub mod identity;
pub mod job;
pub mod message;
mod message_content;
mod metadata;
pub mod record;
mod record_body;
pub(crate) mod record_list;
pub mod sealing_key;
pub mod searched;
pub mod sensitive_value;
mod support;
pub mod token;
pub mod user;
pub(crate) mod user_row;

use roster_directory::{ObjectId, StoreError, Text, Timestamp, UserCounts};

use crate::sql::Fields;

/// The values that rows of more than one table hold.
impl Fields<'_> {
    /// A moment.
    fn timestamp(&mut self) -> Result<Timestamp, StoreError> {
        self.integer().map(Timestamp::from_micros)
    }

    /// A moment or nothing.
    fn optional_timestamp(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_integer()?.map(Timestamp::from_micros))
    }

    /// An identifier of twelve bytes.
    fn object_id(&mut self) -> Result<ObjectId, StoreError> {
        let bytes = self.bytes()?.try_into().map_err(|_| self.damaged())?;
        Ok(ObjectId::from_bytes(bytes))
    }

    /// How many of something there are.
    pub fn count(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.integer()?).map_err(|_| self.damaged())
    }

    /// A number that no count of its kind ever exceeds.
    fn small_count(&mut self) -> Result<u32, StoreError> {
        u32::try_from(self.integer()?).map_err(|_| self.damaged())
    }

    /// How many users of each role there are.
    fn user_counts(&mut self) -> Result<UserCounts, StoreError> {
        Ok(UserCounts { end_users: self.count()?, agents: self.count()?, admins: self.count()? })
    }

    /// Free text.
    fn free_text(&mut self) -> Result<Text, StoreError> {
        Text::new(self.text()?).map_err(|_| self.damaged())
    }

    /// Free text or nothing.
    fn optional_free_text(&mut self) -> Result<Option<Text>, StoreError> {
        let text = self.optional_text()?.map(Text::new);
        text.transpose().map_err(|_| self.damaged())
    }
}
