//! What the operations that write one user have in common.

use std::sync::Arc;

use roster_directory::{
    Change, EndUserId, IdentityKind, NewUser, OrganizationId, OrganizationPatch, Record,
    RecordError, RecordKey, RecordName, RecordPatch, SaveUserError, Saved, Timestamp, User, UserId,
};

use super::fields::Written;
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::problems::Problems;
use crate::http::zendesk::request::Request;

/// Makes a user.
pub(super) async fn create(
    app: &App,
    request: &Request,
    written: Written,
) -> Result<Arc<User>, ZendeskError> {
    let user = new_user(app, request, written).await?;
    Ok(app.store.create_user(request.account, user).await?)
}

/// Makes a user, or changes the one who has the external id or the email address.
pub(super) async fn create_or_update(
    app: &App,
    request: &Request,
    written: Written,
) -> Result<Saved, ZendeskError> {
    let user = new_user(app, request, written).await?;
    Ok(app.store.create_or_update_user(request.account, user).await?)
}

/// Changes a user.
pub(super) async fn update(
    app: &App,
    request: &Request,
    id: UserId,
    written: Written,
) -> Result<Arc<User>, ZendeskError> {
    let now = app.now();
    let mut patch = written.patch;
    if let Some(name) = written.organization_name {
        let id = organization_named(app, request, &name, now).await?;
        patch.support.organization_id = Change::Set(id);
    }
    Ok(app.store.update_user(request.account, id, patch, now).await?)
}

async fn new_user(app: &App, request: &Request, written: Written) -> Result<NewUser, ZendeskError> {
    let now = app.now();
    let mut patch = written.patch;
    if let Some(name) = written.organization_name {
        let id = organization_named(app, request, &name, now).await?;
        patch.support.organization_id = Change::Set(id);
    }
    Ok(NewUser { end_user_id: EndUserId(app.new_object_id(now)), patch, created_at: now })
}

/// The organization of that name, which is made if there is none.
async fn organization_named(
    app: &App,
    request: &Request,
    name: &str,
    now: Timestamp,
) -> Result<OrganizationId, ZendeskError> {
    let invalid = |error: &dyn std::fmt::Display| {
        Problems::only("organization", "InvalidValue", error.to_string())
    };
    let key = RecordKey::organization_named(name);
    if let Some(found) = app.store.record(request.account, key.clone()).await? {
        return Ok(OrganizationId(found.id()));
    }
    let name = RecordName::new(name.trim());
    let name = name.map_err(|error| invalid(&format_args!("name {error}")))?;
    let patch = OrganizationPatch { name: Some(name), ..OrganizationPatch::default() };
    let patch = RecordPatch::Organization(patch);
    match app.store.create_record(request.account, patch, now).await {
        Ok(record) => Ok(OrganizationId(record.id())),
        // Somebody else was faster.
        Err(RecordError::Taken) => {
            let found = app.store.record(request.account, key).await?;
            let id = found.as_ref().map(Record::id);
            id.map(OrganizationId).ok_or_else(|| invalid(&"could not be made"))
        }
        Err(error) => Err(error.into()),
    }
}

impl From<SaveUserError> for ZendeskError {
    fn from(error: SaveUserError) -> Self {
        match error {
            SaveUserError::NotFound => Self::RecordNotFound,
            SaveUserError::ExternalIdTaken => Problems::only(
                "external_id",
                "DuplicateValue",
                "is already being used by another user",
            ),
            SaveUserError::IdentityTaken(IdentityKind::Email, value) => Problems::only(
                "email",
                "DuplicateValue",
                format_args!("{} is already being used by another user", value.written()),
            ),
            SaveUserError::IdentityTaken(kind, _) => Problems::only(
                "identities",
                "DuplicateValue",
                format_args!("this {} is already being used by another user", kind.name()),
            ),
            SaveUserError::NoOrganization => {
                Problems::only("organization_id", "InvalidValue", "is not an organization")
            }
            SaveUserError::NoCustomRole => {
                Problems::only("custom_role_id", "InvalidValue", "is not a custom role")
            }
            SaveUserError::NoGroup => Problems::only(
                "default_group_id",
                "InvalidValue",
                "is not a group that the user belongs to",
            ),
            SaveUserError::OwnerStaysAdmin => {
                Problems::only("role", "InvalidValue", "the account owner must be an admin")
            }
            SaveUserError::MetadataTooLarge(error) => {
                Problems::only("user_fields", "ValueTooLong", error)
            }
            SaveUserError::Store(error) => error.into(),
        }
    }
}

impl From<RecordError> for ZendeskError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::NotFound => Self::RecordNotFound,
            RecordError::Taken => {
                Problems::only("name", "DuplicateValue", "has already been taken")
            }
            RecordError::ExternalIdTaken => {
                Problems::only("external_id", "DuplicateValue", "has already been taken")
            }
            RecordError::NoGroup => Problems::only("group_id", "InvalidValue", "is not a group"),
            RecordError::NoTeamMember => {
                Problems::only("user_id", "InvalidValue", "is not an agent or admin")
            }
            RecordError::InUse => {
                Problems::only("base", "RecordInUse", "some users have this role")
            }
            RecordError::MetadataTooLarge(error) => Problems::only("base", "ValueTooLong", error),
            RecordError::Store(error) => error.into(),
        }
    }
}
