//! A map of the caller's own keys, as it is answered.

use roster_directory::{Metadata, MetadataValue};

use super::{BySerde, WriteJson, write_json};

/// The caller's own keys, as they are answered.
pub(crate) struct MetadataView<'a>(pub(crate) &'a Metadata);

impl WriteJson for MetadataView<'_> {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.push(b'{');
        for (place, (key, value)) in self.0.into_iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            (**key).write_json(text);
            text.push(b':');
            match value {
                MetadataValue::Text(value) => (**value).write_json(text),
                MetadataValue::Bool(value) => value.write_json(text),
                MetadataValue::Integer(value) => value.write_json(text),
                MetadataValue::Decimal(value) => BySerde(value.get()).write_json(text),
            }
        }
        text.push(b'}');
    }
}

write_json!(MetadataView<'_>);
