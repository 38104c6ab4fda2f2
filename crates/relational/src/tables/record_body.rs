//! What a record is beyond the columns by which it is found, as JSON.

use std::borrow::Cow;

use roster_directory::{
    CustomRole, CustomRoleId, ExternalId, Group, GroupId, Membership, MembershipId, Organization,
    OrganizationId, Record, RecordKind, RecordName, Roles, StoreError, Tags, Text, Timestamp,
    UserCounts, UserId,
};
use serde::{Deserialize, Serialize};

use super::metadata;

/// A row of the table, but for what is only there to find it.
pub(super) struct Row<'a> {
    pub(super) id: i64,
    pub(super) kind: RecordKind,
    pub(super) external_id: Option<ExternalId>,
    pub(super) user_id: Option<i64>,
    pub(super) group_id: Option<i64>,
    pub(super) body: &'a str,
    pub(super) users: UserCounts,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationBody<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    shared_tickets: bool,
    shared_comments: bool,
    domain_names: Vec<Cow<'a, str>>,
    details: Option<Cow<'a, str>>,
    notes: Option<Cow<'a, str>>,
    tags: Vec<Cow<'a, str>>,
    fields: metadata::Stored<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupBody<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    is_public: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomRoleBody<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
    configuration: metadata::Stored<'a>,
}

/// The body that is kept for a record.
pub(super) fn to_json(record: &Record) -> Result<String, StoreError> {
    let json = match record {
        Record::Organization(record) => serde_json::to_string(&organization_body(record)),
        Record::Group(record) => serde_json::to_string(&GroupBody {
            name: Cow::Borrowed(&record.name),
            description: Cow::Borrowed(&record.description),
            is_public: record.is_public,
        }),
        // Its columns say it all.
        Record::Membership(_) => Ok("{}".to_owned()),
        Record::CustomRole(record) => serde_json::to_string(&CustomRoleBody {
            name: Cow::Borrowed(&record.name),
            description: Cow::Borrowed(&record.description),
            configuration: metadata::Stored(Cow::Borrowed(&record.configuration)),
        }),
    };
    json.map_err(|error| StoreError::Unavailable(error.to_string()))
}

fn organization_body(record: &Organization) -> OrganizationBody<'_> {
    fn borrowed(text: &Text) -> Cow<'_, str> {
        Cow::Borrowed(text)
    }
    OrganizationBody {
        name: Cow::Borrowed(&record.name),
        shared_tickets: record.shared_tickets,
        shared_comments: record.shared_comments,
        domain_names: record.domain_names.iter().map(borrowed).collect(),
        details: record.details.as_ref().map(borrowed),
        notes: record.notes.as_ref().map(borrowed),
        tags: record.tags.iter().map(Cow::Borrowed).collect(),
        fields: metadata::Stored(Cow::Borrowed(&record.fields)),
    }
}

/// The record that a row was kept for; `None` if it was kept for none.
pub(super) fn read(row: Row<'_>) -> Option<Record> {
    Some(match row.kind {
        RecordKind::Organization => Record::Organization(organization(row)?),
        RecordKind::Group => Record::Group(group(&row)?),
        RecordKind::Membership => Record::Membership(Membership {
            id: MembershipId(row.id),
            user_id: UserId::from_stored(row.user_id?),
            group_id: GroupId(row.group_id?),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }),
        RecordKind::CustomRole => Record::CustomRole(custom_role(&row)?),
    })
}

fn organization(row: Row<'_>) -> Option<Organization> {
    let body: OrganizationBody<'_> = serde_json::from_str(row.body).ok()?;
    Some(Organization {
        id: OrganizationId(row.id),
        name: RecordName::from_stored(&body.name),
        external_id: row.external_id,
        shared_tickets: body.shared_tickets,
        shared_comments: body.shared_comments,
        domain_names: body.domain_names.iter().map(|name| text(name)).collect::<Option<_>>()?,
        details: body.details.map(|text| Text::new(&*text)).transpose().ok()?,
        notes: body.notes.map(|text| Text::new(&*text)).transpose().ok()?,
        group_id: row.group_id.map(GroupId),
        tags: Tags::new(body.tags.iter().map(|tag| &**tag)).ok()?,
        fields: body.fields.0.into_owned(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn group(row: &Row<'_>) -> Option<Group> {
    let body: GroupBody<'_> = serde_json::from_str(row.body).ok()?;
    Some(Group {
        id: GroupId(row.id),
        name: RecordName::from_stored(&body.name),
        description: text(&body.description)?,
        is_public: body.is_public,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn custom_role(row: &Row<'_>) -> Option<CustomRole> {
    let body: CustomRoleBody<'_> = serde_json::from_str(row.body).ok()?;
    Some(CustomRole {
        id: CustomRoleId(row.id),
        name: RecordName::from_stored(&body.name),
        description: text(&body.description)?,
        configuration: body.configuration.0.into_owned(),
        members: row.users.of(Roles::ALL),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn text(text: &str) -> Option<Text> {
    Text::new(text).ok()
}
