//! An identifier, as it is answered.

use roster_directory::ObjectId;

use super::{WriteJson, write_json};

/// An identifier as 24 hexadecimal digits in quotes.
pub(crate) struct IdView(pub(crate) ObjectId);

impl WriteJson for IdView {
    fn write_json(&self, text: &mut Vec<u8>) {
        let digit = |digit: u8| b"0123456789abcdef"[usize::from(digit & 15)];
        let digits = self.0.as_bytes().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]);
        text.push(b'"');
        text.extend(digits);
        text.push(b'"');
    }
}

write_json!(IdView);
