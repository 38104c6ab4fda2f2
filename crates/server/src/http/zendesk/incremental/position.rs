//! A place in an export, as seconds and as the vendor's cursor: `<seconds>.<micros>||<user id>|`
//! in base64 (contract Zendesk §6).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roster_directory::{ExportPosition, Timestamp, UserId};

use crate::http::zendesk::cursor;

const MICROS: i64 = 1_000_000;

/// The place before everything that was changed in this second or later.
pub(super) const fn before_second(second: i64) -> ExportPosition {
    ExportPosition::before(Timestamp::from_micros(second.saturating_mul(MICROS)))
}

/// The cursor of a place.
pub(super) fn encode(position: ExportPosition) -> String {
    let (seconds, micros) = (position.updated_at.as_seconds(), position.updated_at.as_micros());
    let fraction = micros.rem_euclid(MICROS);
    STANDARD.encode(format!("{seconds}.{fraction:06}||{}|", position.user_id))
}

/// The place that a cursor is, if it is one.
pub(super) fn decode(text: &str) -> Option<ExportPosition> {
    let text = String::from_utf8(cursor::unpack(text)?).ok()?;
    let (moment, user) = text.strip_suffix('|')?.split_once("||")?;
    let (seconds, fraction) = moment.split_once('.')?;
    if fraction.len() > 6 {
        return None;
    }
    let micros = number(&format!("{fraction:0<6}"))?;
    let micros = number(seconds)?.checked_mul(MICROS)?.checked_add(micros)?;
    let user_id = UserId::from_stored(number(user)?);
    Some(ExportPosition { updated_at: Timestamp::from_micros(micros), user_id })
}

fn number(digits: &str) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(micros: i64, user: i64) -> ExportPosition {
        let user_id = UserId::from_stored(user);
        ExportPosition { updated_at: Timestamp::from_micros(micros), user_id }
    }

    #[test]
    fn the_vendors_cursor_is_read_and_ours_looks_like_it() {
        let theirs = STANDARD.encode("1695080253.0||6164102309658|");
        assert_eq!(decode(&theirs), Some(position(1_695_080_253_000_000, 6_164_102_309_658)));
        let ours = encode(position(1_695_080_253_000_007, 9));
        assert_eq!(STANDARD.decode(ours).unwrap(), b"1695080253.000007||9|");
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in
            ["", "1", "1.0", "1.0||", "1.0||1", "1||1|", ".0||1|", "1.0000000||1|", "-1.0||1|"]
        {
            assert_eq!(decode(&STANDARD.encode(text)), None, "{text}");
        }
        assert_eq!(decode("1.0||1|"), None);
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(micros in 0..i64::MAX, user in 0..i64::MAX) {
            prop_assert_eq!(decode(&encode(position(micros, user))), Some(position(micros, user)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = decode(&text);
            let _ = decode(&STANDARD.encode(&text));
        }
    }
}
