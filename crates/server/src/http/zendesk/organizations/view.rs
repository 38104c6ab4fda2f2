//! An organization as it is answered (contract Zendesk §3).

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{ExternalId, Organization};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::json::MetadataView;
use crate::http::zendesk::paging::Envelope;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::{json_response, located};
use crate::http::zendesk::schemas;
use crate::http::zendesk::time::ZendeskTime;

/// An organization
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub(in crate::http::zendesk) struct OrganizationView<'a> {
    url: String,
    id: i64,
    name: &'a str,
    shared_tickets: bool,
    shared_comments: bool,
    #[schema(required = true)]
    external_id: Option<&'a str>,
    created_at: ZendeskTime,
    updated_at: ZendeskTime,
    domain_names: Vec<&'a str>,
    #[schema(required = true)]
    details: Option<&'a str>,
    #[schema(required = true)]
    notes: Option<&'a str>,
    #[schema(required = true)]
    group_id: Option<i64>,
    tags: Vec<&'a str>,
    #[schema(schema_with = schemas::user_fields)]
    organization_fields: MetadataView<'a>,
}

impl<'a> OrganizationView<'a> {
    /// The organization, with links to where the client reached this server.
    pub(in crate::http::zendesk) fn new(record: &'a Organization, request: &Request) -> Self {
        Self {
            url: request.link_to(&format!("/api/v2/organizations/{}.json", record.id)),
            id: record.id.0,
            name: &record.name,
            shared_tickets: record.shared_tickets,
            shared_comments: record.shared_comments,
            external_id: record.external_id.as_ref().map(ExternalId::written),
            created_at: ZendeskTime(record.created_at),
            updated_at: ZendeskTime(record.updated_at),
            domain_names: record.domain_names.iter().map(|name| &**name).collect(),
            details: record.details.as_deref(),
            notes: record.notes.as_deref(),
            group_id: record.group_id.map(|id| id.0),
            tags: record.tags.iter().collect(),
            organization_fields: MetadataView(&record.fields),
        }
    }
}

/// An organization
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationResponse)]
pub(super) struct OrganizationBody<'a> {
    organization: OrganizationView<'a>,
}

impl<'a> OrganizationBody<'a> {
    /// The answer with this organization.
    pub(super) fn new(record: &'a Organization, request: &Request) -> Self {
        Self { organization: OrganizationView::new(record, request) }
    }

    /// The answer with its address.
    pub(super) fn located(&self, status: StatusCode) -> Response {
        located(status, &self.organization.url, self)
    }
}

/// A page of organizations
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationsPage)]
pub(super) struct OrganizationsView<'a> {
    organizations: Vec<OrganizationView<'a>>,
    #[serde(flatten)]
    envelope: Envelope,
}

/// Answers these organizations in this envelope.
pub(super) fn answer_list(
    request: &Request,
    records: &[Organization],
    envelope: Envelope,
) -> Response {
    let views = records.iter().map(|record| OrganizationView::new(record, request));
    let body = OrganizationsView { organizations: views.collect(), envelope };
    json_response(StatusCode::OK, &body)
}
