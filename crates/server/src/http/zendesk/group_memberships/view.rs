//! A membership as it is answered.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{Membership, StoreError, User};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::Envelope;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::respond::{json_response, located};
use crate::http::zendesk::time::ZendeskTime;

/// That a user belongs to a group
#[derive(Serialize, ToSchema)]
#[schema(as = GroupMembership)]
struct MembershipView {
    url: String,
    id: i64,
    user_id: i64,
    group_id: i64,
    /// Whether the group is the user's default one
    default: bool,
    created_at: ZendeskTime,
    updated_at: ZendeskTime,
}

impl MembershipView {
    /// The membership, given its user if they are there, with links to where the client reached
    /// this server.
    fn new(record: &Membership, user: Option<&User>, request: &Request) -> Self {
        let default_group = user.and_then(|user| user.support.default_group_id);
        Self {
            url: request.link_to(&format!("/api/v2/group_memberships/{}.json", record.id)),
            id: record.id.0,
            user_id: record.user_id.get(),
            group_id: record.group_id.0,
            default: default_group == Some(record.group_id),
            created_at: ZendeskTime(record.created_at),
            updated_at: ZendeskTime(record.updated_at),
        }
    }
}

/// A membership
#[derive(Serialize, ToSchema)]
#[schema(as = GroupMembershipResponse)]
pub(super) struct MembershipBody {
    group_membership: MembershipView,
}

impl MembershipBody {
    /// The answer with this membership.
    pub(super) async fn load(
        app: &App,
        request: &Request,
        record: &Membership,
    ) -> Result<Self, StoreError> {
        let user = app.store.user(request.account, record.user_id).await?;
        Ok(Self { group_membership: MembershipView::new(record, user.as_deref(), request) })
    }

    /// The answer with its address.
    pub(super) fn located(&self, status: StatusCode) -> Response {
        located(status, &self.group_membership.url, self)
    }
}

/// A page of memberships
#[derive(Serialize, ToSchema)]
#[schema(as = GroupMembershipsPage)]
pub(super) struct MembershipsView {
    group_memberships: Vec<MembershipView>,
    #[serde(flatten)]
    envelope: Envelope,
}

/// Answers these memberships in this envelope.
pub(super) async fn answer_list(
    app: &App,
    request: &Request,
    records: &[Membership],
    envelope: Envelope,
) -> Result<Response, ZendeskError> {
    let mut ids: Vec<_> = records.iter().map(|record| record.user_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let users = app.store.users_by_id(request.account, ids).await?;
    let views = records.iter().map(|record| {
        let user = find(&users, record);
        MembershipView::new(record, user, request)
    });
    let body = MembershipsView { group_memberships: views.collect(), envelope };
    Ok(json_response(StatusCode::OK, &body))
}

/// The user of a membership, among users who ascend by id.
fn find<'a>(users: &'a [Arc<User>], record: &Membership) -> Option<&'a User> {
    let place = users.binary_search_by_key(&record.user_id, |user| user.user_id).ok()?;
    users.get(place).map(|user| &**user)
}
