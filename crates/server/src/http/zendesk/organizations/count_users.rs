//! `GET /api/v2/organizations/{id}/users/count` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{Organization, Segment};

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::records;
use crate::http::zendesk::request::{Authorized, action};
use crate::http::zendesk::schemas::{PlainError, UserFilterParameters};
use crate::http::zendesk::users::count::{CountBody, answer_count};
use crate::http::zendesk::users::filter::read_filter;

action!(CountOrganizationUsers, "api/v2/users/count", UsersRead, Team);

/// Count the users of an organization
#[utoipa::path(
    get,
    path = "/api/v2/organizations/{id}/users/count",
    operation_id = "CountOrganizationUsers",
    tag = "Organizations",
    params(
        ("id" = i64, Path, description = "The organization", minimum = 0),
        UserFilterParameters,
    ),
    responses(
        (status = 200, description = "How many there are", body = CountBody),
        (status = 404, description = "There is no such organization", body = PlainError),
    ),
)]
pub(crate) async fn count_users(
    request: Authorized<CountOrganizationUsers>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let organization: Organization = records::find(&app, &request).await?;
    let filter = read_filter(&app, &request, Segment::Organization(organization.id)).await?;
    answer_count(&app, &request, filter).await
}
