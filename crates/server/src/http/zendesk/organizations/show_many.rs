//! `GET /api/v2/organizations/show_many`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use roster_directory::{ExternalId, Organization, RecordKey, RecordKind, UserId};

use super::view::{OrganizationsView, answer_list};
use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{Envelope, OffsetEnvelope};
use crate::http::zendesk::records::Resource;
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::users::show_many::{LIMIT, named_ids};

action!(ShowManyOrganizations, "api/v2/organizations/show_many", UsersRead, Team);

/// Show up to a hundred organizations
///
/// Those that there are, ascending by id; unknown ones are left out.
#[utoipa::path(
    get,
    path = "/api/v2/organizations/show_many",
    operation_id = "ShowManyOrganizations",
    tag = "Organizations",
    params(
        ("ids" = Option<Vec<i64>>, Query, description = "The organizations' ids; or external_ids", max_items = 100),
        ("external_ids" = Option<Vec<String>>, Query, description = "The organizations' external ids", max_items = 100),
    ),
    responses((status = 200, description = "The organizations", body = OrganizationsView)),
)]
pub(crate) async fn show_many(
    request: Authorized<ShowManyOrganizations>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let organizations = if request.query.get("ids").is_some() {
        let ids = named_ids(&request)?.into_iter().map(UserId::get).collect();
        let kind = RecordKind::Organization;
        let found = app.store.records_by_id(request.account, kind, ids).await?;
        found.into_iter().filter_map(Organization::of).collect()
    } else {
        with_external_ids(&app, &request).await?
    };
    let count = u64::try_from(organizations.len()).unwrap_or(u64::MAX);
    let envelope = Envelope::Offset(OffsetEnvelope::whole(count));
    Ok(answer_list(&request, &organizations, envelope))
}

/// The organizations that `external_ids` names, ascending by id, each once.
async fn with_external_ids(
    app: &App,
    request: &Request,
) -> Result<Vec<Organization>, ZendeskError> {
    let texts: Vec<_> = request.query.items("external_ids").collect();
    if texts.len() > LIMIT {
        return Err(ZendeskError::TooManyIds);
    }
    let mut found = BTreeMap::new();
    // What cannot be an external id is no organization's.
    for id in texts.into_iter().filter_map(|text| ExternalId::new(text).ok()) {
        let record =
            app.store.record(request.account, RecordKey::OrganizationExternalId(id)).await?;
        found.extend(record.and_then(Organization::of).map(|record| (record.id, record)));
    }
    Ok(found.into_values().collect())
}
