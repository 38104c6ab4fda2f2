//! Timestamps as Zendesk's dialect writes them: `2026-10-02T09:15:00Z` (contract Zendesk §2.1).

use roster_directory::Timestamp;
use utoipa::ToSchema;

use crate::http::calendar::write_seconds;
use crate::http::json::{WriteJson, write_json};

/// A moment that serializes to the second.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct ZendeskTime(pub(crate) Timestamp);

impl WriteJson for ZendeskTime {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.push(b'"');
        write_seconds(text, self.0);
        text.extend_from_slice(b"Z\"");
    }
}

write_json!(ZendeskTime);
