//! Which users a list has, and in which order (contract Zendesk §1.6, §1.7).

use roster_directory::{
    CustomRoleId, ExternalId, RecordKey, Role, Roles, Segment, SortField, StoreError, UserFilter,
    UserSort,
};

use crate::app::App;
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{self, Paging};
use crate::http::zendesk::request::Request;

/// The role with the vendor's name.
pub(in crate::http::zendesk) fn role(name: &str) -> Option<Role> {
    match name {
        "end-user" => Some(Role::EndUser),
        "agent" => Some(Role::Agent),
        "admin" => Some(Role::Admin),
        _ => None,
    }
}

/// The filter that a query describes. `None` if nobody can be in the list: no user has an
/// external id that is not one, or two custom roles.
pub(in crate::http::zendesk) async fn read_filter(
    app: &App,
    request: &Request,
    segment: Segment,
) -> Result<Option<UserFilter>, ZendeskError> {
    let query = &request.query;
    let external_id = match query.get("external_id").map(ExternalId::new) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Ok(None),
    };
    let (roles, named) = read_roles(app, request).await?;
    let given = paging::integer(query, "permission_set", "permission_set", request.action())?;
    let given = given.map(CustomRoleId);
    if given.is_some() && named.is_some() && given != named {
        return Ok(None);
    }
    let custom_role = given.or(named);
    Ok(Some(UserFilter { segment, roles, custom_role, external_id, name_prefix: None }))
}

/// The roles that a query names, and the custom role if it names one alone.
async fn read_roles(
    app: &App,
    request: &Request,
) -> Result<(Roles, Option<CustomRoleId>), StoreError> {
    let query = &request.query;
    // A comma does not separate roles, so a list in `role` names nobody's (§1.7).
    let named: Vec<_> = query.all("role").chain(query.all("role[]")).collect();
    if named.is_empty() {
        return Ok((Roles::ALL, None));
    }
    if let [name] = *named
        && query.get("role").is_some()
        && role(name).is_none()
    {
        let found = app.store.record(request.account, RecordKey::custom_role_named(name)).await?;
        let found = found.map(|record| CustomRoleId(record.id()));
        return Ok((if found.is_some() { Roles::ALL } else { Roles::NONE }, found));
    }
    Ok((named.into_iter().filter_map(role).fold(Roles::NONE, Roles::with), None))
}

/// The order that a query asks for. By cursor an unknown one is an error; by number it says
/// nothing (§10), and the older `sort_by` and `sort_order` are heard, too.
pub(super) fn read_sort(request: &Request, paging: &Paging) -> Result<UserSort, ZendeskError> {
    let query = &request.query;
    let asked = query.get("sort");
    match (paging, asked) {
        (_, None) => match paging {
            Paging::Cursor { .. } => Ok(UserSort::ID),
            Paging::Offset { .. } => {
                let field = query.get("sort_by").and_then(field);
                let order = query.get("sort_order").unwrap_or_default();
                let descending = order.eq_ignore_ascii_case("desc");
                Ok(field.map_or(UserSort::ID, |field| UserSort { field, descending }))
            }
        },
        (Paging::Offset { .. }, Some(text)) => Ok(sort(text).unwrap_or(UserSort::ID)),
        (Paging::Cursor { .. }, Some(text)) => {
            sort(text).ok_or(ZendeskError::Pagination("sort is not valid"))
        }
    }
}

fn sort(text: &str) -> Option<UserSort> {
    let (name, descending) = match text.strip_prefix('-') {
        Some(name) => (name, true),
        None => (text, false),
    };
    field(name).map(|field| UserSort { field, descending })
}

fn field(name: &str) -> Option<SortField> {
    match name {
        "id" => Some(SortField::Id),
        "name" => Some(SortField::Name),
        "created_at" => Some(SortField::CreatedAt),
        "updated_at" => Some(SortField::UpdatedAt),
        _ => None,
    }
}
