//! Cursors: a place in an order, as Zendesk encodes it (contract Zendesk §1.4). The order is
//! inside, so that a cursor of another list is found out.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use roster_directory::{NameKey, SortField, SortValue, Timestamp, UserId, UserKey, UserSort};
use serde::{Deserialize, Serialize};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The longest cursor that is read. The longest that is written has a name of a hundred characters.
const LENGTH_LIMIT: usize = 2048;

#[derive(Serialize, Deserialize)]
struct Encoded {
    /// The order.
    o: String,
    /// The values in it, as bytes in base64.
    v: String,
}

/// The order of users as a cursor names it.
pub(super) fn user_order(sort: UserSort) -> &'static str {
    match (sort.field, sort.descending) {
        (SortField::Id, false) => "id",
        (SortField::Id, true) => "-id",
        (SortField::Name, false) => "name,id",
        (SortField::Name, true) => "-name,id",
        (SortField::CreatedAt, false) => "created_at,id",
        (SortField::CreatedAt, true) => "-created_at,id",
        (SortField::UpdatedAt, false) => "updated_at,id",
        (SortField::UpdatedAt, true) => "-updated_at,id",
    }
}

/// The cursor of a place among users.
pub(super) fn encode_user(sort: UserSort, key: &UserKey) -> String {
    let mut bytes = Vec::with_capacity(32);
    match &key.value {
        SortValue::Id => {}
        SortValue::Name(name) => push_text(&mut bytes, name.as_str()),
        SortValue::Moment(moment) => push_integer(&mut bytes, moment.as_micros()),
    }
    push_integer(&mut bytes, key.id.get());
    encode(user_order(sort), &bytes)
}

/// The place among users that a cursor is, if it is one in this order.
pub(super) fn decode_user(sort: UserSort, text: &str) -> Option<UserKey> {
    let bytes = decode(user_order(sort), text)?;
    let mut rest = bytes.as_slice();
    let value = match sort.field {
        SortField::Id => SortValue::Id,
        SortField::Name => SortValue::Name(take_name(&mut rest)?),
        SortField::CreatedAt | SortField::UpdatedAt => {
            SortValue::Moment(Timestamp::from_micros(take_integer(&mut rest)?))
        }
    };
    let id = UserId::from_stored(take_integer(&mut rest)?);
    rest.is_empty().then_some(UserKey { value, id })
}

/// The cursor of a place in a list that ascends by number.
pub(super) fn encode_id(id: i64) -> String {
    let mut bytes = Vec::with_capacity(9);
    push_integer(&mut bytes, id);
    encode("id", &bytes)
}

/// The place in a list that ascends by number.
pub(super) fn decode_id(text: &str) -> Option<i64> {
    let bytes = decode("id", text)?;
    let mut rest = bytes.as_slice();
    take_integer(&mut rest).filter(|_| rest.is_empty())
}

fn encode(order: &str, bytes: &[u8]) -> String {
    // Neither an order nor base64 has anything that JSON would escape.
    BASE64.encode(format!("{{\"o\":\"{order}\",\"v\":\"{}\"}}", BASE64.encode(bytes)))
}

fn decode(order: &str, text: &str) -> Option<Vec<u8>> {
    let encoded: Encoded = serde_json::from_slice(&unpack(text)?).ok()?;
    (encoded.o == order).then(|| BASE64.decode(encoded.v).ok()).flatten()
}

/// What a cursor is made of.
pub(super) fn unpack(text: &str) -> Option<Vec<u8>> {
    if text.len() > LENGTH_LIMIT {
        return None;
    }
    // A client that does not encode the `+` of a cursor sends a space; and some alphabets of base64
    // have other characters for the last two.
    BASE64.decode(text.trim().replace([' ', '-'], "+").replace('_', "/")).ok()
}

fn push_integer(bytes: &mut Vec<u8>, integer: i64) {
    bytes.push(b'i');
    bytes.extend_from_slice(&integer.to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b's');
    let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&characters.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn take_integer(rest: &mut &[u8]) -> Option<i64> {
    let (kind, after) = rest.split_first()?;
    let (integer, after) = after.split_first_chunk()?;
    *rest = after;
    (*kind == b'i').then(|| i64::from_le_bytes(*integer))
}

fn take_name(rest: &mut &[u8]) -> Option<NameKey> {
    let text = take_text(rest)?;
    let could_be_one = text.chars().count() <= NameKey::LIMIT && !text.contains('\0');
    could_be_one.then(|| NameKey::from_stored(&text))
}

fn take_text(rest: &mut &[u8]) -> Option<String> {
    let (kind, after) = rest.split_first()?;
    let (count, after) = after.split_first_chunk()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    // What comes after the text is no UTF-8, but its first byte is that of an integer.
    let valid = match str::from_utf8(after) {
        Ok(text) => text,
        Err(error) => str::from_utf8(after.get(..error.valid_up_to())?).ok()?,
    };
    let end = match valid.char_indices().nth(count) {
        Some((end, _)) => end,
        None if valid.chars().count() == count => valid.len(),
        None => return None,
    };
    *rest = after.get(end..)?;
    (*kind == b's').then(|| valid[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorts() -> impl Strategy<Value = UserSort> {
        let fields =
            vec![SortField::Id, SortField::Name, SortField::CreatedAt, SortField::UpdatedAt];
        (proptest::sample::select(fields), any::<bool>())
            .prop_map(|(field, descending)| UserSort { field, descending })
    }

    /// Both are recorded (contract §1.4).
    #[test]
    fn cursors_are_those_of_the_vendor() {
        let key = UserKey { value: SortValue::Id, id: UserId::from_stored(6_162_857_827_738) };
        let text = "eyJvIjoiaWQiLCJ2IjoiYVpxZDgrYWFCUUFBIn0=";
        assert_eq!(encode_user(UserSort::ID, &key), text);
        assert_eq!(decode_user(UserSort::ID, text), Some(key));
        assert_eq!(decode_id(text), Some(6_162_857_827_738));
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_was(
            sort in sorts(), other in sorts(), name in "\\PC{0,120}", number in any::<i64>(), id in any::<i64>(),
        ) {
            let value = match sort.field {
                SortField::Id => SortValue::Id,
                SortField::Name => SortValue::Name(NameKey::new(&name)),
                _ => SortValue::Moment(Timestamp::from_micros(number)),
            };
            let key = UserKey { value, id: UserId::from_stored(id) };
            let text = encode_user(sort, &key);
            prop_assert_eq!(decode_user(sort, &text), Some(key.clone()));
            prop_assert_eq!(decode_user(sort, &text.replace('+', " ")), Some(key));
            if other != sort {
                prop_assert_eq!(decode_user(other, &text), None);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60), sort in sorts()) {
            let _ = decode_user(sort, &text);
            let _ = decode_user(sort, &encode(user_order(sort), &bytes));
            let _ = decode_id(&encode("id", &bytes));
        }
    }
}
