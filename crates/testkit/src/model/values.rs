//! Few values, so that operations often meet on the same ones, with short names for the reports.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{
    Change, Decimal, END_USER_METADATA_LIMIT, EndUserId, EndUserPatch, Metadata, MetadataPatch,
    MetadataValue, NewEndUser, Profile, SensitiveWrite, Text, Timestamp,
};

use crate::sample::{self, end_user_id, external_id, sealed, secrets, text, text_value};

/// Three external ids, some in two spellings.
pub(super) const EXTERNAL_IDS: &[&str] = &["crm-1", "CRM-1", "été", "ÉTÉ", "it's \"x\""];

/// Addresses, some in two spellings, for profiles, identities and tokens. The first one is that of
/// the owners.
pub(super) const EMAILS: &[&str] = &[
    "grace@example.org",
    "alan@example.org",
    "Alan@example.org",
    "été@example.org",
    "ÉTÉ@example.org",
];

/// What Ada's dialect takes for an address.
const ANY_EMAILS: &[&str] = &[
    "grace@example.org",
    "alan@example.org",
    " ALAN@example.org",
    "été@example.org",
    "no address",
    " ",
];

/// A metadata value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    One,
    OneAsDecimal,
    OneAsText,
    True,
    Least,
    Escapes,
    /// Fits into an end user's metadata once, and never into a conversation's.
    Huge,
}

const VALUES: &[Value] = &[
    Value::One,
    Value::OneAsDecimal,
    Value::OneAsText,
    Value::True,
    Value::Least,
    Value::Escapes,
    Value::Huge,
];

impl From<Value> for MetadataValue {
    fn from(value: Value) -> Self {
        match value {
            Value::One => Self::Integer(1),
            Value::OneAsDecimal => Self::Decimal(Decimal::new(1.0).unwrap()),
            Value::OneAsText => text_value("1"),
            Value::True => Self::Bool(true),
            Value::Least => Self::Integer(i64::MIN),
            Value::Escapes => text_value("\"\\\n🙂"),
            Value::Huge => text_value(&"x".repeat(END_USER_METADATA_LIMIT / 2)),
        }
    }
}

/// What is done to metadata.
pub(super) type Keys = Vec<(&'static str, Option<Value>)>;

pub(super) fn keys() -> impl Strategy<Value = Keys> {
    vec((select(&["a", "b", "\"c\""][..]), option::of(select(VALUES))), 0..3)
}

pub(super) fn metadata_patch(keys: &Keys) -> MetadataPatch {
    keys.iter().map(|(key, value)| (Box::from(*key), value.map(Into::into))).collect()
}

/// The map that a new thing gets; empty when the dialects would refuse it.
pub(super) fn metadata(keys: &Keys, limit: usize) -> Metadata {
    Metadata::default().merged(&metadata_patch(keys), limit).unwrap_or_default()
}

/// A secret that is set (with the key that seals it) or removed. One at a time, so that no two
/// go at the same moment, where stores may choose which goes first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Secret {
    name: &'static str,
    key: Option<u32>,
    long: bool,
}

fn secret() -> impl Strategy<Value = Secret> {
    let parts = (select(&["pin", "token"][..]), option::of(1..4_u32), any::<bool>());
    parts.prop_map(|(name, key, long)| Secret { name, key, long })
}

/// The moments at which things go differ in their last seconds by kind, and operations are a
/// thousand seconds apart: so all of them differ.
fn secret_write(secret: Secret, now: Timestamp) -> SensitiveWrite {
    let seconds = if secret.long { 14_004 } else { 4_003 };
    let value = secret.key.map(|key| sealed(key, secret.name.as_bytes()));
    secrets(&[(secret.name, value)], later(now, seconds))
}

fn later(now: Timestamp, seconds: u64) -> Timestamp {
    now.after(Duration::from_secs(seconds))
}

/// What a request says of an end user.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    external_id: Change<&'static str>,
    first_name: Change<&'static str>,
    email: Change<&'static str>,
    metadata: Keys,
    secret: Option<Secret>,
}

fn change(values: &'static [&'static str]) -> impl Strategy<Value = Change<&'static str>> {
    prop_oneof![
        3 => Just(Change::Keep),
        1 => Just(Change::Clear),
        3 => select(values).prop_map(Change::Set),
    ]
}

pub(super) fn fields() -> impl Strategy<Value = Fields> {
    let parts = (
        change(EXTERNAL_IDS),
        change(&["", "Grace"]),
        change(ANY_EMAILS),
        keys(),
        option::of(secret()),
    );
    parts.prop_map(|(external_id, first_name, email, metadata, secret)| Fields {
        external_id,
        first_name,
        email,
        metadata,
        secret,
    })
}

/// When a new end user would expire.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lifetime {
    Short,
    Long,
    Endless,
}

pub(super) const LIFETIMES: &[Lifetime] = &[Lifetime::Short, Lifetime::Long, Lifetime::Endless];

impl Fields {
    pub(super) fn new_end_user(
        &self,
        number: u32,
        lifetime: Lifetime,
        now: Timestamp,
    ) -> NewEndUser {
        let written = |change: &Change<&'static str>| change.clone().into_option().map(text);
        NewEndUser {
            end_user_id: end_user_id(number),
            external_id: self.external_id.clone().into_option().map(external_id),
            profile: Profile {
                first_name: written(&self.first_name),
                email: written(&self.email),
                metadata: metadata(&self.metadata, END_USER_METADATA_LIMIT),
                ..Profile::default()
            },
            sensitive_metadata: self.secret.map(|secret| secret_write(secret, now)),
            created_at: now,
            expires_at: match lifetime {
                Lifetime::Short => Some(later(now, 3_001)),
                Lifetime::Long => Some(later(now, 12_002)),
                Lifetime::Endless => None,
            },
        }
    }

    pub(super) fn patch(&self, now: Timestamp) -> EndUserPatch {
        let written = |change: &Change<&'static str>| -> Change<Text> { mapped(change, text) };
        EndUserPatch {
            external_id: mapped(&self.external_id, external_id),
            first_name: written(&self.first_name),
            email: written(&self.email),
            metadata: metadata_patch(&self.metadata),
            sensitive_metadata: self.secret.map(|secret| secret_write(secret, now)),
            ..EndUserPatch::default()
        }
    }
}

/// The change with another value.
pub(super) fn mapped<T: Copy, U>(change: &Change<T>, value: impl Fn(T) -> U) -> Change<U> {
    match change {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(set) => Change::Set(value(*set)),
    }
}

/// There are two accounts; more goes on in the first one.
pub(super) fn account() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0_usize), 1 => Just(1)]
}

/// The names of the accounts.
pub(super) const ACCOUNTS: [&str; 2] = ["first", "second"];

/// From this number on, users are the owners of the accounts, whom no operation should meet.
const OWNERS: u32 = 1000;

/// Few users, of whom most are there after a while, and now and then an owner.
pub(super) fn user() -> impl Strategy<Value = u32> {
    prop_oneof![12 => 0..8_u32, 1 => OWNERS..OWNERS + 2]
}

/// The identifier of a user who is named by a number.
pub(super) fn user_id(number: u32) -> EndUserId {
    match number.checked_sub(OWNERS) {
        None => end_user_id(shuffled(number)),
        Some(place) => sample::new_account(ACCOUNTS[place as usize]).owner_end_user_id,
    }
}

/// Any external id that an end user may have.
pub(super) fn any_external_id() -> impl Strategy<Value = &'static str> {
    select(EXTERNAL_IDS)
}

/// Identifiers in another order than that of making, so that the two are not mixed up unnoticed.
pub(super) fn shuffled(number: u32) -> u32 {
    number * 37 % 101
}

/// The time of an operation, by its place in the case.
pub(super) fn moment(step: u32) -> Timestamp {
    sample::at(u64::from(step) * 1000)
}
