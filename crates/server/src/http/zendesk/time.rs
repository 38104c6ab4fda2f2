//! Timestamps as Zendesk's dialect writes them: `2026-10-02T09:15:00Z` (contract Zendesk §2.1).

use roster_directory::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::http::calendar::write_seconds;

/// A moment that serializes to the second.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct ZendeskTime(pub(crate) Timestamp);

impl Serialize for ZendeskTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(20);
        write_seconds(&mut text, self.0);
        text.push(b'Z');
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}
