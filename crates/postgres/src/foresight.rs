//! Answering, before they are asked, the questions that a group of units is going to ask.
//!
//! A unit of work asks for one thing after the other, and each question takes a round trip to the
//! server. What the most frequent units ask is known from their arguments; so all of it is asked at
//! once, for the whole group, when its transaction begins.
//!
//! An answer must not be used once an earlier unit of the group may have changed it. So units tell
//! everything that they look up *or write* by one of these keys, and what two of them tell is not
//! asked beforehand. A unit that tells nothing may write anything: from there on nothing that was
//! foreseen counts.

use std::collections::HashMap;

use roster_directory::{
    AccountId, Change, EndUserId, EndUserPatch, ExternalId, IdentityKind, IdentityValue,
    NewEndUser, StoreError, Text, UserPatch,
};
use roster_relational::sql::{ToValue, Value};
use roster_relational::tables::{identity, user};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::session::Session;
use crate::snapshot::{Selection, read_user};

/// What a unit looks up, or writes so that another one would find it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Ask {
    /// The end user with this identifier.
    EndUser(EndUserId),
    /// Who has this external id, in its folded form.
    ExternalId(Box<str>),
    /// Who has an identity of this kind with this value, in its folded form.
    Identity(IdentityKind, Box<str>),
}

impl Ask {
    fn external_id(id: &ExternalId) -> Self {
        Self::ExternalId(id.folded().into())
    }

    fn email(email: Option<&Text>) -> Option<Self> {
        let claimed = IdentityValue::claimed(email?).ok()?;
        Some(Self::Identity(IdentityKind::Email, claimed.folded().into()))
    }

    /// What making an end user asks.
    pub(crate) fn of_new_end_user(new: &NewEndUser) -> Vec<Self> {
        let id = new.external_id.as_ref().map(Self::external_id);
        id.into_iter().chain(Self::email(new.profile.email.as_ref())).collect()
    }

    /// What changing an end user asks. Whoever gives up an external id or an address writes what is
    /// not known beforehand.
    pub(crate) fn of_patch(id: EndUserId, patch: &EndUserPatch) -> Option<Vec<Self>> {
        let plain = patch.external_id == Change::Keep && patch.email == Change::Keep;
        plain.then(|| vec![Self::EndUser(id)])
    }

    /// What making a user of any role asks.
    pub(crate) fn of_new_user(patch: &UserPatch) -> Vec<Self> {
        let mut asks = Vec::new();
        if let Change::Set(id) = &patch.external_id {
            asks.push(Self::external_id(id));
        }
        let identity = |new: &roster_directory::NewIdentity| {
            Self::Identity(new.kind, new.value.folded().into())
        };
        asks.extend(patch.identities.iter().map(identity));
        asks
    }

    /// What a statement asks, if it is one of those that are foreseen.
    fn of_statement(sql: &str, params: &[&dyn ToValue]) -> Option<Self> {
        let value = |place: usize| params.get(place).map(|param| param.to_value());
        if sql == user::END_USER
            && let Some(Value::Bytes(id)) = value(1)
        {
            let id = roster_directory::ObjectId::from_bytes(id.try_into().ok()?);
            return Some(Self::EndUser(EndUserId(id)));
        }
        if sql == user::HOLDER
            && let Some(Value::Text(id)) = value(1)
        {
            return Some(Self::ExternalId(id.into()));
        }
        if sql == identity::HOLDER
            && let (Some(Value::Integer(kind)), Some(Value::Text(key))) = (value(1), value(2))
        {
            let kind = IdentityKind::ALL.iter().find(|known| known.number() == kind)?;
            return Some(Self::Identity(*kind, key.into()));
        }
        None
    }
}

/// What was asked beforehand.
#[derive(Default)]
pub(crate) struct Foresight(HashMap<Ask, Foreseen>);

/// The answer to a question with at most one row.
pub(crate) enum Foreseen {
    Nothing,
    Row(Row),
}

impl Foresight {
    /// Asks what the units of a group are going to ask, each of whom tells what that is.
    pub(crate) fn gather<'a>(
        session: &Session,
        account: AccountId,
        units: impl Iterator<Item = &'a [Ask]>,
    ) -> Result<Self, StoreError> {
        let mut told: HashMap<&Ask, u32> = HashMap::new();
        for ask in units.flatten() {
            *told.entry(ask).or_default() += 1;
        }
        let once = told.into_iter().filter(|(_, times)| *times == 1);
        let mut foreseen: HashMap<_, _> =
            once.map(|(ask, _)| (ask.clone(), Foreseen::Nothing)).collect();
        if foreseen.len() < 2 {
            return Ok(Self::default());
        }
        let rows = match answers(session, account, foreseen.keys()) {
            // Each asks for itself, and only whoever meets the damaged row fails.
            Err(StoreError::Corrupt(_)) => return Ok(Self::default()),
            answers => answers?,
        };
        foreseen.extend(rows.into_iter().map(|(ask, row)| (ask, Foreseen::Row(row))));
        Ok(Self(foreseen))
    }

    /// The answer to a statement, if it was foreseen. It counts once.
    pub(crate) fn answer(&mut self, sql: &str, params: &[&dyn ToValue]) -> Option<Foreseen> {
        if self.0.is_empty() {
            return None;
        }
        self.0.remove(&Ask::of_statement(sql, params)?)
    }
}

/// Asks the database, with one statement for each kind.
fn answers<'a>(
    session: &Session,
    account: AccountId,
    asks: impl Iterator<Item = &'a Ask>,
) -> Result<Vec<(Ask, Row)>, StoreError> {
    let (mut users, mut ids) = (Vec::new(), Vec::new());
    let mut identities: HashMap<IdentityKind, Vec<&str>> = HashMap::new();
    for ask in asks {
        match ask {
            Ask::EndUser(id) => users.push(&id.0.as_bytes()[..]),
            Ask::ExternalId(id) => ids.push(&**id),
            Ask::Identity(kind, key) => identities.entry(*kind).or_default().push(key),
        }
    }
    let mut found = Vec::new();
    let account = account.get();
    if !users.is_empty() {
        let params: &[_] = &[(&account as _, Type::INT8), (&users as _, Type::BYTEA_ARRAY)];
        for row in session.rows(Selection::EndUsers.sql(), params)? {
            found.push((Ask::EndUser(read_user(&row)?.end_user_id), row));
        }
    }
    if !ids.is_empty() {
        let params: &[_] = &[(&account as _, Type::INT8), (&ids as _, Type::TEXT_ARRAY)];
        for row in session.rows(Selection::ExternalIds.sql(), params)? {
            let ask = read_user(&row)?.external_id.as_ref().map(Ask::external_id);
            found.extend(ask.map(|ask| (ask, row)));
        }
    }
    for (kind, keys) in identities {
        let sql = "SELECT identity_id, user_id, value_key FROM identity \
                   WHERE account_id = $1 AND kind = $2 AND value_key = ANY($3)";
        let number = kind.number();
        let params: &[_] = &[
            (&account as _, Type::INT8),
            (&number as _, Type::INT8),
            (&keys as _, Type::TEXT_ARRAY),
        ];
        for row in session.rows(sql, params)? {
            let key: String = row.try_get(2).map_err(|error| {
                StoreError::Unavailable(format!("an identity cannot be read: {error}"))
            })?;
            found.push((Ask::Identity(kind, key.into()), row));
        }
    }
    Ok(found)
}
