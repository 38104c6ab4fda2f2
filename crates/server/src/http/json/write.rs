//! Writing JSON straight into the body.
//!
//! A page has a hundred users with dozens of keys each. serde looks at every byte of every key for
//! what must be escaped; here a key with all that is around it is one constant.

use std::borrow::Cow;

use serde::Serialize;

/// A value that writes itself as JSON.
pub(crate) trait WriteJson {
    /// Writes the value.
    fn write_json(&self, text: &mut Vec<u8>);

    /// Writes the value as a member of an object. `key` is all that comes before the value.
    fn write_member(&self, key: &'static str, text: &mut Vec<u8>) {
        text.extend_from_slice(key.as_bytes());
        self.write_json(text);
    }
}

/// Makes a structure write itself, alone and as a part of what [`to_vec`](super::to_vec) writes: its
/// fields in the order in which they are given, all of them, the first one always. Without fields:
/// for a type that writes itself, to be such a part.
macro_rules! write_json {
    ($type:ty { $first:ident $(, $field:ident)* $(,)? }) => {
        impl $crate::http::json::WriteJson for $type {
            fn write_json(&self, text: &mut Vec<u8>) {
                let Self { $first, $($field),* } = self;
                $first.write_member(concat!("{\"", stringify!($first), "\":"), text);
                $($field.write_member(concat!(",\"", stringify!($field), "\":"), text);)*
                text.push(b'}');
            }
        }

        $crate::http::json::write_json!($type);
    };
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut text = Vec::with_capacity(512);
                $crate::http::json::WriteJson::write_json(self, &mut text);
                $crate::http::json::Written(text).serialize(serializer)
            }
        }
    };
}
pub(crate) use write_json;

/// A member that is left out when there is none.
pub(crate) struct IfAny<T>(pub(crate) Option<T>);

impl<T: WriteJson> WriteJson for IfAny<T> {
    fn write_json(&self, text: &mut Vec<u8>) {
        self.0.write_json(text);
    }

    fn write_member(&self, key: &'static str, text: &mut Vec<u8>) {
        if let Some(value) = &self.0 {
            value.write_member(key, text);
        }
    }
}

/// A value that serde writes.
pub(crate) struct BySerde<T>(pub(crate) T);

impl<T: Serialize> WriteJson for BySerde<T> {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(&super::to_vec(&self.0, 128));
    }
}

impl WriteJson for str {
    #[expect(clippy::needless_bitwise_bool, reason = "a lazy operator looks at one byte at a time")]
    fn write_json(&self, text: &mut Vec<u8>) {
        // Without an early end, so that many bytes are looked at in one step.
        let escapes = self
            .bytes()
            .fold(false, |found, byte| found | (byte < b' ') | (byte == b'"') | (byte == b'\\'));
        if escapes {
            // Text always serializes, and a vector takes it.
            let _ = serde_json::to_writer(text, self);
            return;
        }
        text.reserve(self.len() + 2);
        text.push(b'"');
        text.extend_from_slice(self.as_bytes());
        text.push(b'"');
    }
}

impl WriteJson for bool {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl WriteJson for i64 {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(itoa::Buffer::new().format(*self).as_bytes());
    }
}

impl WriteJson for i32 {
    fn write_json(&self, text: &mut Vec<u8>) {
        i64::from(*self).write_json(text);
    }
}

impl<T: WriteJson + ?Sized> WriteJson for &T {
    fn write_json(&self, text: &mut Vec<u8>) {
        (**self).write_json(text);
    }
}

impl WriteJson for String {
    fn write_json(&self, text: &mut Vec<u8>) {
        self.as_str().write_json(text);
    }
}

impl WriteJson for Cow<'_, str> {
    fn write_json(&self, text: &mut Vec<u8>) {
        (**self).write_json(text);
    }
}

impl<T: WriteJson> WriteJson for Option<T> {
    fn write_json(&self, text: &mut Vec<u8>) {
        match self {
            Some(value) => value.write_json(text),
            None => text.extend_from_slice(b"null"),
        }
    }
}

impl<T: WriteJson> WriteJson for Vec<T> {
    fn write_json(&self, text: &mut Vec<u8>) {
        text.push(b'[');
        for (place, item) in self.iter().enumerate() {
            if place > 0 {
                text.push(b',');
            }
            item.write_json(text);
        }
        text.push(b']');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::json::to_vec;

    struct Both<'a> {
        first: &'a str,
        second: IfAny<i64>,
        third: Option<Vec<String>>,
    }
    write_json!(Both<'_> { first, second, third });

    proptest! {
        #[test]
        fn what_is_written_is_what_serde_would_write(
            first in ".*",
            second in proptest::option::of(any::<i64>()),
            third in proptest::option::of(proptest::collection::vec(".{0,40}", 0..3)),
        ) {
            let mut expected = serde_json::json!({ "first": first, "third": third });
            if let Some(second) = second {
                expected["second"] = second.into();
            }
            let both = Both { first: &first, second: IfAny(second), third };
            let text = to_vec(&both, 0);
            let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
            prop_assert_eq!(read, expected);
            let mut direct = Vec::new();
            both.first.write_json(&mut direct);
            prop_assert_eq!(direct, serde_json::to_vec(both.first).unwrap());
        }
    }
}
