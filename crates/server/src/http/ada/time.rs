//! Timestamps as Ada's dialect writes them: `2026-10-02T09:15:00.000431+00:00` (contract §9.24).

use std::io::Write;

use roster_directory::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A moment that serializes with six digits of fraction and an explicit offset.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct AdaTime(pub(crate) Timestamp);

impl Serialize for AdaTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Vec::with_capacity(32);
        write_timestamp(&mut text, self.0);
        serializer.serialize_str(str::from_utf8(&text).unwrap_or_default())
    }
}

/// Writes a moment in this dialect's form.
pub(crate) fn write_timestamp(text: &mut Vec<u8>, moment: Timestamp) {
    // Moments come from a clock, so they are within the calendar; the epoch stands in otherwise.
    let moment = jiff::Timestamp::from_microsecond(moment.as_micros()).unwrap_or_default();
    let civil = jiff::tz::Offset::UTC.to_datetime(moment);
    let micros = civil.subsec_nanosecond() / 1000;
    // Writing to a vector does not fail.
    let _ = write!(
        text,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{micros:06}+00:00",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
    );
}
