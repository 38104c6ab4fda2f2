//! Rows that this crate alone reads.

use roster_directory::StoreError;
use roster_relational::sql::{Fields, FromRow};

/// A number.
pub(crate) struct Number(pub(crate) i64);

impl FromRow for Number {
    const TABLE: &'static str = "account";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self)
    }
}
