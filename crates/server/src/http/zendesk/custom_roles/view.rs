//! A custom role as it is answered (contract Zendesk §2.4).

use roster_directory::CustomRole;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::json::MetadataView;
use crate::http::zendesk::paging::OffsetEnvelope;
use crate::http::zendesk::schemas;
use crate::http::zendesk::time::ZendeskTime;

/// A custom role
#[derive(Serialize, ToSchema)]
#[schema(as = CustomRole)]
pub(in crate::http::zendesk) struct CustomRoleView<'a> {
    id: i64,
    name: &'a str,
    description: &'a str,
    role_type: i32,
    /// How many users have it
    team_member_count: u64,
    created_at: ZendeskTime,
    updated_at: ZendeskTime,
    #[schema(schema_with = schemas::user_fields)]
    configuration: MetadataView<'a>,
}

impl<'a> From<&'a CustomRole> for CustomRoleView<'a> {
    fn from(record: &'a CustomRole) -> Self {
        Self {
            id: record.id.0,
            name: &record.name,
            description: &record.description,
            role_type: 0,
            team_member_count: record.members,
            created_at: ZendeskTime(record.created_at),
            updated_at: ZendeskTime(record.updated_at),
            configuration: MetadataView(&record.configuration),
        }
    }
}

/// A custom role
#[derive(Serialize, ToSchema)]
#[schema(as = CustomRoleResponse)]
pub(super) struct CustomRoleBody<'a> {
    custom_role: CustomRoleView<'a>,
}

impl<'a> CustomRoleBody<'a> {
    /// The answer with this custom role.
    pub(super) fn new(record: &'a CustomRole) -> Self {
        Self { custom_role: record.into() }
    }
}

/// Custom roles
#[derive(Serialize, ToSchema)]
#[schema(as = CustomRolesResponse)]
pub(super) struct CustomRolesView<'a> {
    pub(super) custom_roles: Vec<CustomRoleView<'a>>,
    #[serde(flatten)]
    pub(super) envelope: OffsetEnvelope,
}
