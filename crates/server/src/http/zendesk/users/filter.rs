//! Which users a list has, and in which order (contract Zendesk §1.6, §1.7).

use roster_directory::{
    CustomRoleId, ExternalId, Role, Roles, Segment, SortField, UserFilter, UserSort,
};

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
/// external id that is not one.
pub(in crate::http::zendesk) fn read_filter(
    request: &Request,
    segment: Segment,
) -> Result<Option<UserFilter>, ZendeskError> {
    let query = &request.query;
    let external_id = match query.get("external_id").map(ExternalId::new) {
        None => None,
        Some(Ok(id)) => Some(id),
        Some(Err(_)) => return Ok(None),
    };
    // A comma does not separate roles, so a list in `role` names nobody's (§1.7).
    let mut named = query.all("role").chain(query.all("role[]")).peekable();
    let roles = if named.peek().is_none() {
        Roles::ALL
    } else {
        named.filter_map(role).fold(Roles::NONE, Roles::with)
    };
    let custom_role = paging::integer(query, "permission_set", "permission_set", request.action())?;
    Ok(Some(UserFilter {
        segment,
        roles,
        custom_role: custom_role.map(CustomRoleId),
        external_id,
        name_prefix: None,
    }))
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
