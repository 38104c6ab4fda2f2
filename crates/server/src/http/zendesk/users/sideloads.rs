//! What comes along with users: `include=` (contract Zendesk §3).

use std::sync::Arc;

use roster_directory::{
    CustomRole, Group, Identity, Organization, Record, RecordKind, StoreError, User,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::abilities::AbilitiesView;
use crate::app::App;
use crate::http::zendesk::custom_roles::view::CustomRoleView;
use crate::http::zendesk::groups::view::GroupView;
use crate::http::zendesk::identities::view::IdentityView;
use crate::http::zendesk::organizations::view::OrganizationView;
use crate::http::zendesk::query::Query;
use crate::http::zendesk::records::Resource;
use crate::http::zendesk::request::Request;

/// What was asked for, and what the store has of it. What was not asked for is `None`; what was
/// is there, though it be empty.
#[derive(Default)]
pub(in crate::http::zendesk) struct Sideloads {
    organizations: Option<Vec<Organization>>,
    groups: Option<Vec<Group>>,
    roles: Option<Vec<CustomRole>>,
    identities: Option<Vec<Identity>>,
    pub(in crate::http::zendesk) abilities: bool,
}

/// What comes along with users
#[derive(Serialize, ToSchema)]
#[schema(as = Sideloads)]
pub(in crate::http::zendesk) struct SideloadsView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    organizations: Option<Vec<OrganizationView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    groups: Option<Vec<GroupView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    roles: Option<Vec<CustomRoleView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    identities: Option<Vec<IdentityView<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    abilities: Option<Vec<AbilitiesView<'a>>>,
}

impl SideloadsView<'_> {
    /// What comes along with nobody: of all that the query asks for, nothing.
    pub(in crate::http::zendesk) fn of_nobody(query: &Query) -> Self {
        let asked = |name| query.items("include").any(|own| own == name);
        Self {
            organizations: asked("organizations").then(Vec::new),
            groups: asked("groups").then(Vec::new),
            roles: asked("roles").then(Vec::new),
            identities: asked("identities").then(Vec::new),
            abilities: asked("abilities").then(Vec::new),
        }
    }
}

impl Sideloads {
    /// Reads what the request wants to come along with these users. Unknown names are passed over.
    pub(in crate::http::zendesk) async fn load(
        app: &App,
        request: &Request,
        users: &[Arc<User>],
    ) -> Result<Self, StoreError> {
        let mut loaded = Self::default();
        let support = || users.iter().map(|user| &user.support);
        for name in request.query.items("include") {
            match name {
                "organizations" => {
                    let ids = support().filter_map(|support| support.organization_id);
                    let ids = ids.map(|id| id.0).collect();
                    let records = records(app, request, RecordKind::Organization, ids).await?;
                    loaded.organizations = Some(records.filter_map(Organization::of).collect());
                }
                "groups" => {
                    let ids = support().filter_map(|support| support.default_group_id);
                    let ids = ids.map(|id| id.0).collect();
                    let records = records(app, request, RecordKind::Group, ids).await?;
                    loaded.groups = Some(records.filter_map(Group::of).collect());
                }
                "roles" => {
                    let ids = support().filter_map(|support| support.custom_role_id);
                    let ids = ids.map(|id| id.0).collect();
                    let records = records(app, request, RecordKind::CustomRole, ids).await?;
                    loaded.roles = Some(records.filter_map(CustomRole::of).collect());
                }
                "identities" => {
                    let ids = users.iter().map(|user| user.user_id).collect();
                    loaded.identities = Some(app.store.identities(request.account, ids).await?);
                }
                "abilities" => loaded.abilities = true,
                _ => {}
            }
        }
        Ok(loaded)
    }

    /// What comes along, as it is answered.
    pub(in crate::http::zendesk) fn view<'a>(
        &'a self,
        request: &'a Request,
        users: &'a [Arc<User>],
    ) -> SideloadsView<'a> {
        let organizations = self.organizations.as_ref();
        let groups = self.groups.as_ref();
        let identities = self.identities.as_ref();
        let ability =
            |user: &'a Arc<User>| AbilitiesView::new(&request.acting, user, &request.origin);
        SideloadsView {
            organizations: organizations
                .map(|list| list.iter().map(|one| OrganizationView::new(one, request)).collect()),
            groups: groups
                .map(|list| list.iter().map(|one| GroupView::new(one, request)).collect()),
            roles: self.roles.as_ref().map(|list| list.iter().map(CustomRoleView::from).collect()),
            identities: identities
                .map(|list| list.iter().map(|one| IdentityView::new(one, request)).collect()),
            abilities: self.abilities.then(|| users.iter().map(ability).collect()),
        }
    }
}

async fn records(
    app: &App,
    request: &Request,
    kind: RecordKind,
    ids: Vec<i64>,
) -> Result<impl Iterator<Item = Record>, StoreError> {
    let records = if ids.is_empty() {
        Vec::new()
    } else {
        app.store.records_by_id(request.account, kind, ids).await?
    };
    Ok(records.into_iter())
}
