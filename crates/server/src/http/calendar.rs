//! Moments as dates and times, digit by digit: a page of users has hundreds of them, and the
//! formatting machinery takes ten times as long as the digits themselves.

use roster_directory::Timestamp;

/// Writes a moment as `2026-10-02T09:15:00`, in UTC.
pub(crate) fn write_seconds(text: &mut Vec<u8>, moment: Timestamp) {
    // Moments come from a clock, so they are within the calendar; the epoch stands in otherwise.
    let moment = jiff::Timestamp::from_microsecond(moment.as_micros()).unwrap_or_default();
    let civil = jiff::tz::Offset::UTC.to_datetime(moment);
    write_digits(text, civil.year().unsigned_abs(), 4);
    for (separator, number) in [
        (b'-', civil.month()),
        (b'-', civil.day()),
        (b'T', civil.hour()),
        (b':', civil.minute()),
        (b':', civil.second()),
    ] {
        text.push(separator);
        write_digits(text, number.unsigned_abs(), 2);
    }
}

/// Writes the last `count` decimal digits of a number.
pub(crate) fn write_digits(text: &mut Vec<u8>, number: impl Into<u32>, count: usize) {
    let (mut rest, start) = (number.into(), text.len());
    text.resize(start + count, b'0');
    for digit in text[start..].iter_mut().rev() {
        // A remainder of ten is a single digit.
        *digit += u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}
