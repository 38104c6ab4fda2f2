//! Identifiers. Each kind is its own type, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Timestamp;

/// The tenant that a row belongs to.
///
/// Only a store makes one, from what it has stored; a handler learns it from the authenticated
/// caller and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(i64);

impl AccountId {
    /// The account that a store has under this number.
    #[must_use]
    pub const fn from_stored(id: i64) -> Self {
        Self(id)
    }

    /// The number under which a store keeps the account.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A user's number: unique in the store, roughly ascending, below 2^53 so that JavaScript can
/// hold it exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(i64);

impl UserId {
    /// The first number that a store gives out. Its 13 digits look like those that existing
    /// clients know.
    pub const FIRST: Self = Self(1_000_000_000_001);

    /// The user that a store has under this number.
    #[must_use]
    pub const fn from_stored(id: i64) -> Self {
        Self(id)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

macro_rules! number_kinds {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )*};
}

number_kinds! {
    /// An organization's number. Like all numbers of this dialect it comes from the same sequence
    /// as those of users.
    OrganizationId;
    /// A group's number.
    GroupId;
    /// The number of a user's membership in a group.
    MembershipId;
    /// A custom role's number.
    CustomRoleId;
    /// An identity's number.
    IdentityId;
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Twelve bytes that sort by the second they were made in: four bytes of Unix seconds, five
/// random bytes of the process, three of a counter (the layout of a `MongoDB` `ObjectId`, which
/// Ada's identifiers show). Written as 24 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 12]);

impl ObjectId {
    /// The identifier that these bytes are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// The bytes, in the order in which they sort.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// The 24 hexadecimal digits, as ASCII.
    #[must_use]
    pub fn to_hex(self) -> [u8; 24] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 24];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        hex
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.to_hex();
        formatter.write_str(str::from_utf8(&hex).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The text is not an identifier: those are 24 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Must be 24 hexadecimal digits.")]
pub struct MalformedId;

impl FromStr for ObjectId {
    type Err = MalformedId;

    /// Reads 24 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let digits: &[u8; 24] = text.as_bytes().try_into().map_err(|_| MalformedId)?;
        let mut bytes = [0; 12];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn hex_digit(digit: u8) -> Result<u8, MalformedId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(MalformedId),
    }
}

/// Makes [`ObjectId`]s. One per process: its random bytes keep processes apart, its counter
/// keeps the identifiers of one second apart and in order (up to 16.7 million of them).
#[derive(Debug)]
pub struct ObjectIdSource {
    process: [u8; 5],
    counter: AtomicU32,
}

impl ObjectIdSource {
    /// A source whose identifiers carry `process`, which should be random (a test's is fixed).
    #[must_use]
    pub const fn new(process: [u8; 5]) -> Self {
        Self { process, counter: AtomicU32::new(0) }
    }

    /// A new identifier that sorts after the earlier ones of this source, as long as `now` does
    /// not go back.
    pub fn next(&self, now: Timestamp) -> ObjectId {
        let seconds = u32::try_from(now.as_seconds()).unwrap_or(u32::MAX).to_be_bytes();
        let count = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds);
        bytes[4..9].copy_from_slice(&self.process);
        bytes[9..].copy_from_slice(&count[1..]);
        ObjectId(bytes)
    }
}

macro_rules! object_id_kinds {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub ObjectId);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl From<ObjectId> for $name {
            fn from(id: ObjectId) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                text.parse().map(Self)
            }
        }
    )*};
}

object_id_kinds! {
    /// A user's identifier in Ada's dialect, `end_user_id`.
    EndUserId;
    /// A channel's identifier.
    ChannelId;
    /// A conversation's identifier.
    ConversationId;
    /// A token's public identifier, by which it is revoked. It is no secret.
    TokenId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_one_source_ascend_and_read_back() {
        let source = ObjectIdSource::new([1, 2, 3, 4, 5]);
        let now = Timestamp::from_micros(1_790_000_000_000_000);
        let (first, second) = (source.next(now), source.next(now));
        assert!(first < second);
        assert_eq!(first.to_string(), "6ab13b800102030405000000");
        assert_eq!(first.to_string().to_uppercase().parse(), Ok(first));
    }

    #[test]
    fn anything_but_24_hexadecimal_digits_is_refused() {
        for text in
            ["", "6ab13b80010203040500000", "6ab13b80010203040500000g", "é".repeat(12).as_str()]
        {
            assert_eq!(text.parse::<ObjectId>(), Err(MalformedId), "{text:?}");
        }
    }
}
