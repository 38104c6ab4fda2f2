//! Bodies that consist of what serde writes and of what is there as JSON already.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

/// JSON that is there already, to be a part of what [`to_vec`] writes. To any other serializer of
/// serde it is just bytes.
pub(crate) struct Written(pub(crate) Vec<u8>);

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// A value as JSON, which takes about `expected` bytes. The value is a plain structure with text
/// keys, which always serializes.
pub(crate) fn to_vec(value: &impl Serialize, expected: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(expected);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, AsItIs);
    let _ = value.serialize(&mut serializer);
    bytes
}

/// Writes bytes as they are, for they are JSON.
struct AsItIs;

impl Formatter for AsItIs {
    fn write_byte_array<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        value: &[u8],
    ) -> io::Result<()> {
        writer.write_all(value)
    }
}
