//! A user as a request writes it (contract Zendesk §2.2, §6). Unknown fields, and those that only
//! the server writes, are passed over.

use roster_directory::{
    Change, CustomRoleId, ExternalId, GroupId, IdentityKind, IdentityValue, LanguageTag,
    NewIdentity, OrganizationId, SupportPatch, Tags, TicketRestriction, UserPatch,
};
use serde_json::{Map, Value};

use super::filter;
use crate::http::zendesk::body::Fields;
use crate::http::zendesk::locale;
use crate::http::zendesk::problems::Problems;

/// A user as a request writes it.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// What it changes.
    pub(super) patch: UserPatch,
    /// The name of an organization that the user shall belong to.
    pub(super) organization_name: Option<String>,
}

/// Whether a body makes somebody or changes somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::zendesk) enum Purpose {
    /// A new user, who needs a name, and whose email address is the primary one.
    Create,
    /// A user who is there already, to whom an email address is added.
    Change,
}

/// Reads a user.
pub(super) fn read(
    mut record: Map<String, Value>,
    purpose: Purpose,
    problems: &mut Problems,
) -> Written {
    let mut fields = Fields::new(&mut record, problems);
    let name = read_name(&mut fields, purpose);
    let verified = fields.bool("verified");
    let identities = read_identities(&mut fields, purpose, verified.unwrap_or(false));
    let organization_name = read_organization_name(&mut fields);
    let patch = UserPatch {
        name,
        external_id: read_external_id(&mut fields),
        role: read_role(&mut fields),
        language: read_language(&mut fields),
        avatar: fields.text("remote_photo_url"),
        metadata: fields.metadata("user_fields"),
        support: read_support(&mut fields, verified),
        identities,
    };
    Written { patch, organization_name }
}

fn read_name(fields: &mut Fields<'_>, purpose: Purpose) -> Change<roster_directory::Text> {
    let was_given = fields.has("name");
    let name = fields.text("name");
    let is_blank = match &name {
        Change::Set(text) => text.trim().is_empty(),
        Change::Clear => true,
        Change::Keep => purpose == Purpose::Create && !was_given,
    };
    if is_blank {
        fields.problems.add("name", "ValueTooShort", "is too short (minimum one character)");
        return Change::Keep;
    }
    name
}

/// An empty external id is none.
pub(in crate::http::zendesk) fn read_external_id(fields: &mut Fields<'_>) -> Change<ExternalId> {
    match fields.string("external_id") {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(text) if text.trim().is_empty() => Change::Clear,
        Change::Set(text) => fields
            .problems
            .check("external_id", ExternalId::new(&text))
            .map_or(Change::Keep, Change::Set),
    }
}

fn read_role(fields: &mut Fields<'_>) -> Option<roster_directory::Role> {
    let role =
        fields.parsed("role", |text| filter::role(text).ok_or("must be end-user, agent or admin"));
    role.into_option()
}

/// `locale` counts before `locale_id` (contract §2.2).
fn read_language(fields: &mut Fields<'_>) -> Change<LanguageTag> {
    let by_number = match fields.id("locale_id") {
        Change::Set(id) => locale::named(id).and_then(|name| LanguageTag::new(name).ok()),
        Change::Keep | Change::Clear => None,
    };
    match fields.parsed("locale", LanguageTag::new) {
        Change::Keep => by_number.map_or(Change::Keep, Change::Set),
        given => given,
    }
}

fn read_support(fields: &mut Fields<'_>, verified: Option<bool>) -> SupportPatch {
    let tags = fields.strings("tags");
    let tags = tags
        .and_then(|tags| fields.problems.check("tags", Tags::new(tags.iter().map(String::as_str))));
    SupportPatch {
        phone: fields.text("phone"),
        shared_phone_number: fields.bool("shared_phone_number"),
        alias: fields.text("alias"),
        details: fields.text("details"),
        notes: fields.text("notes"),
        signature: fields.text("signature"),
        time_zone: fields.text("time_zone"),
        tags,
        organization_id: number(fields, "organization_id", OrganizationId),
        custom_role_id: number(fields, "custom_role_id", CustomRoleId),
        default_group_id: number(fields, "default_group_id", GroupId),
        verified,
        suspended: fields.bool("suspended"),
        only_private_comments: fields.bool("only_private_comments"),
        moderator: fields.bool("moderator"),
        ticket_restriction: fields.parsed("ticket_restriction", ticket_restriction),
    }
}

/// A field that holds a number of a certain kind of record.
pub(in crate::http::zendesk) fn number<T>(
    fields: &mut Fields<'_>,
    name: &str,
    kind: impl FnOnce(i64) -> T,
) -> Change<T> {
    match fields.id(name) {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(id) => Change::Set(kind(id)),
    }
}

fn ticket_restriction(text: &str) -> Result<TicketRestriction, &'static str> {
    match text {
        "organization" => Ok(TicketRestriction::Organization),
        "groups" => Ok(TicketRestriction::Groups),
        "assigned" => Ok(TicketRestriction::Assigned),
        "requested" => Ok(TicketRestriction::Requested),
        _ => Err("must be organization, groups, assigned or requested"),
    }
}

/// `email`, and the list of identities, which is read for new users only.
fn read_identities(fields: &mut Fields<'_>, purpose: Purpose, verified: bool) -> Vec<NewIdentity> {
    let primary = purpose == Purpose::Create;
    let mut identities = Vec::new();
    let email = fields.string("email").into_option().filter(|text| !text.trim().is_empty());
    if let Some(email) = email {
        let value = IdentityValue::new(IdentityKind::Email, &email);
        let value = fields.problems.check("email", value);
        identities.extend(value.map(|value| NewIdentity {
            kind: IdentityKind::Email,
            value,
            verified,
            primary,
        }));
    }
    for mut item in fields.objects("identities") {
        let mut own = Problems::default();
        let read = read_identity(&mut Fields::new(&mut item, &mut own), verified);
        match (own.finish(), read) {
            (Ok(()), Some(identity)) => identities.push(identity),
            _ => fields.problems.invalid("identities", "must each have a valid type and value"),
        }
    }
    identities
}

/// One identity of a request.
pub(in crate::http::zendesk) fn read_identity(
    fields: &mut Fields<'_>,
    verified: bool,
) -> Option<NewIdentity> {
    let name = fields.string("type").into_option().unwrap_or_default();
    let kind = IdentityKind::ALL.iter().copied().find(|kind| kind.name() == name);
    if kind.is_none() {
        fields.problems.invalid("type", "is not a type of identity");
    }
    let value = fields.string("value").into_option().unwrap_or_default();
    let value = IdentityValue::new(kind.unwrap_or(IdentityKind::Foreign), &value);
    let value = fields.problems.check("value", value);
    let verified = fields.bool("verified").unwrap_or(verified);
    let primary = fields.bool("primary").unwrap_or(false);
    Some(NewIdentity { kind: kind?, value: value?, verified, primary })
}

/// `organization: {"name": …}`: the organization by name.
fn read_organization_name(fields: &mut Fields<'_>) -> Option<String> {
    match fields.take("organization")? {
        Value::Null => None,
        Value::Object(mut organization) => match organization.remove("name") {
            Some(Value::String(name)) if !name.trim().is_empty() => Some(name),
            _ => {
                fields.problems.invalid("organization", "must have a name");
                None
            }
        },
        _ => {
            fields.problems.invalid("organization", "must be an object with a name");
            None
        }
    }
}
