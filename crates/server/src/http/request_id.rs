//! The id that a request has in the log and in the header `x-request-id`.

use crate::app::App;

/// Whether a client's own request id is taken over.
pub(crate) fn is_sane(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    (1..=128).contains(&id.len()) && id.iter().all(allowed)
}

/// A new request id: 16 hexadecimal digits that no other request of this process has.
pub(crate) fn new_request_id(app: &App) -> [u8; 16] {
    // An odd factor turns the counter into a number that shows no order, without a repeat.
    let number = app.next_request_number().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut digits = [b'0'; 16];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        let hexadecimal = |digit: u8| b"0123456789abcdef"[usize::from(digit & 15)];
        pair.copy_from_slice(&[hexadecimal(byte >> 4), hexadecimal(byte)]);
    }
    digits
}
