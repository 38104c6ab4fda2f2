//! A group as it is answered (contract Zendesk §3).

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Group;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::zendesk::paging::Envelope;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::{json_response, located};
use crate::http::zendesk::time::ZendeskTime;

/// A group
#[derive(Serialize, ToSchema)]
#[schema(as = Group)]
pub(in crate::http::zendesk) struct GroupView<'a> {
    url: String,
    id: i64,
    name: &'a str,
    description: &'a str,
    default: bool,
    is_public: bool,
    deleted: bool,
    created_at: ZendeskTime,
    updated_at: ZendeskTime,
}

impl<'a> GroupView<'a> {
    /// The group, with links to where the client reached this server.
    pub(in crate::http::zendesk) fn new(record: &'a Group, request: &Request) -> Self {
        Self {
            url: request.link_to(&format!("/api/v2/groups/{}.json", record.id)),
            id: record.id.0,
            name: &record.name,
            description: &record.description,
            default: false,
            is_public: record.is_public,
            deleted: false,
            created_at: ZendeskTime(record.created_at),
            updated_at: ZendeskTime(record.updated_at),
        }
    }
}

/// A group
#[derive(Serialize, ToSchema)]
#[schema(as = GroupResponse)]
pub(super) struct GroupBody<'a> {
    group: GroupView<'a>,
}

impl<'a> GroupBody<'a> {
    /// The answer with this group.
    pub(super) fn new(record: &'a Group, request: &Request) -> Self {
        Self { group: GroupView::new(record, request) }
    }

    /// The answer with its address.
    pub(super) fn located(&self, status: StatusCode) -> Response {
        located(status, &self.group.url, self)
    }
}

/// A page of groups
#[derive(Serialize, ToSchema)]
#[schema(as = GroupsPage)]
pub(super) struct GroupsView<'a> {
    groups: Vec<GroupView<'a>>,
    #[serde(flatten)]
    envelope: Envelope,
}

/// Answers these groups in this envelope.
pub(super) fn answer_list<'a>(
    request: &Request,
    records: impl IntoIterator<Item = &'a Group>,
    envelope: Envelope,
) -> Response {
    let views = records.into_iter().map(|record| GroupView::new(record, request));
    let body = GroupsView { groups: views.collect(), envelope };
    json_response(StatusCode::OK, &body)
}
