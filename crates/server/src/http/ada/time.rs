//! Timestamps as Ada's dialect writes them: `2026-10-02T09:15:00.000431+00:00` (contract §9.24).

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
    // Three of these are written for each request, and the formatting machinery takes ten times as
    // long as the digits themselves.
    digits(text, civil.year().unsigned_abs(), 4);
    for (separator, number) in [
        (b'-', civil.month()),
        (b'-', civil.day()),
        (b'T', civil.hour()),
        (b':', civil.minute()),
        (b':', civil.second()),
    ] {
        text.push(separator);
        digits(text, number.unsigned_abs(), 2);
    }
    text.push(b'.');
    digits(text, civil.subsec_nanosecond().unsigned_abs() / 1000, 6);
    text.extend_from_slice(b"+00:00");
}

/// Writes the last `count` decimal digits of a number.
fn digits(text: &mut Vec<u8>, number: impl Into<u32>, count: usize) {
    let (mut rest, start) = (number.into(), text.len());
    text.resize(start + count, b'0');
    for digit in text[start..].iter_mut().rev() {
        // A remainder of ten is a single digit.
        *digit += u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_every_digit() {
        for (micros, expected) in [
            (0, "1970-01-01T00:00:00.000000+00:00"),
            (1_790_000_000_000_431, "2026-09-21T14:13:20.000431+00:00"),
            (253_402_207_199_999_999, "9999-12-30T21:59:59.999999+00:00"),
            (-1, "1969-12-31T23:59:59.999999+00:00"),
        ] {
            let mut text = Vec::new();
            write_timestamp(&mut text, Timestamp::from_micros(micros));
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
