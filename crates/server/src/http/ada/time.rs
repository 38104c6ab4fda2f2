//! Timestamps as Ada's dialect writes them: `2026-10-02T09:15:00.000431+00:00` (contract §9.24).

use roster_directory::Timestamp;
use utoipa::ToSchema;

use crate::http::calendar::{write_digits, write_seconds};
use crate::http::json::{WriteJson, write_json};

/// A moment that serializes with six digits of fraction and an explicit offset.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct AdaTime(pub(crate) Timestamp);

impl WriteJson for AdaTime {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.push(b'"');
        write_timestamp(text, self.0);
        text.push(b'"');
    }
}

write_json!(AdaTime);

/// Writes a moment in this dialect's form.
pub(crate) fn write_timestamp(text: &mut Vec<u8>, moment: Timestamp) {
    write_seconds(text, moment);
    text.push(b'.');
    // The remainder of a division by a million fits.
    let micros = moment.as_micros().rem_euclid(1_000_000);
    write_digits(text, u32::try_from(micros).unwrap_or(0), 6);
    text.extend_from_slice(b"+00:00");
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
