//! The form of a user's row, in the tables of those who are there and of the deleted.

use std::sync::Arc;

use roster_directory::{
    CustomRoleId, EndUserId, ExternalId, LanguageTag, OrganizationId, Profile, Role, StoreError,
    Support, SupportProfile, User, UserId, UserState,
};

use crate::sql::{Fields, FromRow};

/// The columns that both tables have, in the order in which a row is read. What comes after them
/// is when the user expires, and their state.
macro_rules! user_columns {
    () => {
        "user_id, end_user_id, role, external_id, first_name, last_name, display_name, avatar, \
         email, language, metadata, organization_id, custom_role_id, support, created_at, updated_at"
    };
}
pub(super) use user_columns;

impl FromRow for User {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        read(fields)
    }
}

impl FromRow for Arc<User> {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        read(fields).map(Self::new)
    }
}

impl FromRow for UserId {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.integer().map(Self::from_stored)
    }
}

/// Reads a row.
pub(super) fn read(fields: &mut Fields<'_>) -> Result<User, StoreError> {
    Ok(User {
        user_id: UserId::from_stored(fields.integer()?),
        end_user_id: EndUserId(fields.object_id()?),
        role: role(fields)?,
        external_id: external_id(fields)?,
        profile: Profile {
            first_name: fields.optional_free_text()?,
            last_name: fields.optional_free_text()?,
            display_name: fields.optional_free_text()?,
            avatar: fields.optional_free_text()?,
            email: fields.optional_free_text()?,
            language: language(fields)?,
            metadata: fields.metadata()?,
        },
        support: support(fields)?,
        created_at: fields.timestamp()?,
        updated_at: fields.timestamp()?,
        expires_at: fields.optional_timestamp()?,
        state: state(fields)?,
    })
}

/// The number of a role in a row.
pub(crate) const fn role_number(role: Role) -> i64 {
    match role {
        Role::EndUser => 0,
        Role::Agent => 1,
        Role::Admin => 2,
    }
}

pub(super) fn role(fields: &mut Fields<'_>) -> Result<Role, StoreError> {
    match fields.integer()? {
        0 => Ok(Role::EndUser),
        1 => Ok(Role::Agent),
        2 => Ok(Role::Admin),
        _ => Err(fields.damaged()),
    }
}

/// The number of a state in a row. No row has that of those who are there.
pub(super) const fn state_number(state: UserState) -> i64 {
    match state {
        UserState::Active => 0,
        UserState::Deleted => 1,
        UserState::Erased => 2,
    }
}

fn state(fields: &mut Fields<'_>) -> Result<UserState, StoreError> {
    match fields.integer()? {
        0 => Ok(UserState::Active),
        1 => Ok(UserState::Deleted),
        2 => Ok(UserState::Erased),
        _ => Err(fields.damaged()),
    }
}

/// An external id, as it was written.
pub(super) fn external_id(fields: &mut Fields<'_>) -> Result<Option<ExternalId>, StoreError> {
    let id = fields.optional_text()?.map(ExternalId::new);
    id.transpose().map_err(|_| fields.damaged())
}

fn language(fields: &mut Fields<'_>) -> Result<Option<LanguageTag>, StoreError> {
    let tag = fields.optional_text()?.map(LanguageTag::new);
    tag.transpose().map_err(|_| fields.damaged())
}

pub(super) fn support(fields: &mut Fields<'_>) -> Result<Support, StoreError> {
    let organization_id = fields.optional_integer()?.map(OrganizationId);
    let custom_role_id = fields.optional_integer()?.map(CustomRoleId);
    let rest = fields.support()?;
    if organization_id.is_none() && custom_role_id.is_none() && rest.is_none() {
        return Ok(Support::default());
    }
    let rest = rest.unwrap_or_default();
    Ok(SupportProfile { organization_id, custom_role_id, ..rest }.into())
}
