//! Zendesk's dialect: the List Users API and what a real client calls around it.
//!
//! Wire types stay in this folder.

mod body;
mod cursor;
mod custom_roles;
mod deleted_users;
mod document;
mod error;
mod error_body;
mod group_memberships;
mod groups;
mod identities;
mod incremental;
mod job_statuses;
mod locale;
mod organizations;
mod paging;
mod problems;
mod query;
mod records;
mod request;
mod respond;
mod schemas;
mod time;
mod time_zone;
mod users;

use std::sync::Arc;

use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::app::App;

pub(crate) use document::finish_document;
pub(crate) use error::ZendeskError;

/// Every route of the dialect. This list is also the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    [
        routes!(users::list::list, users::create::create),
        routes!(users::show::show, users::update::update, users::delete::delete),
        routes!(users::me::me),
        routes!(users::count::count),
        routes!(users::show_many::show_many),
        routes!(users::create_or_update::create_or_update),
        routes!(users::search::search),
        routes!(users::autocomplete::autocomplete, users::autocomplete::autocomplete_post),
        routes!(users::create_many::create_many),
        routes!(users::create_or_update_many::create_or_update_many),
        routes!(users::update_many::update_many),
        routes!(users::destroy_many::destroy_many),
        routes!(users::logout_many::logout_many),
        routes!(users::request_create::request_create),
        routes!(users::merge::merge),
        routes!(users::related::related),
        routes!(identities::list::list, identities::create::create),
        routes!(identities::show::show, identities::update::update, identities::delete::delete),
        routes!(identities::make_primary::make_primary),
        routes!(identities::verify::verify),
        routes!(identities::request_verification::request_verification),
        routes!(deleted_users::list::list),
        routes!(deleted_users::show::show, deleted_users::erase::erase),
        routes!(deleted_users::count::count),
        routes!(job_statuses::show::show),
        routes!(job_statuses::show_many::show_many),
        routes!(incremental::users::users),
        routes!(incremental::users_cursor::users_cursor),
    ]
    .into_iter()
    .chain(record_routes())
    .fold(OpenApiRouter::new(), both_spellings)
}

/// The routes of what users are arranged by.
fn record_routes() -> Vec<UtoipaMethodRouter<Arc<App>>> {
    vec![
        routes!(organizations::list::list, organizations::create::create),
        routes!(
            organizations::show::show,
            organizations::update::update,
            organizations::delete::delete
        ),
        routes!(organizations::count::count),
        routes!(organizations::show_many::show_many),
        routes!(organizations::create_or_update::create_or_update),
        routes!(organizations::users::users),
        routes!(organizations::count_users::count_users),
        routes!(groups::list::list, groups::create::create),
        routes!(groups::show::show, groups::update::update, groups::delete::delete),
        routes!(groups::count::count),
        routes!(groups::assignable::assignable),
        routes!(groups::users::users),
        routes!(groups::count_users::count_users),
        routes!(groups::of_user::of_user),
        routes!(group_memberships::list::list, group_memberships::create::create),
        routes!(group_memberships::show::show, group_memberships::delete::delete),
        routes!(group_memberships::of_group::of_group),
        routes!(group_memberships::of_user::of_user),
        routes!(group_memberships::make_default::make_default),
        routes!(custom_roles::list::list, custom_roles::create::create),
        routes!(
            custom_roles::show::show,
            custom_roles::update::update,
            custom_roles::delete::delete
        ),
    ]
}

/// Adds a route with and without `.json` at the end (contract Zendesk §1.1). Where the path ends
/// with a parameter, whoever reads the parameter takes the ending off.
fn both_spellings(
    router: OpenApiRouter<Arc<App>>,
    route: UtoipaMethodRouter<Arc<App>>,
) -> OpenApiRouter<Arc<App>> {
    let documented = route.1.paths.keys().next().cloned().unwrap_or_default();
    let methods = route.2.clone();
    let router = router.routes(route);
    if documented.ends_with('}') {
        return router;
    }
    router.route(&format!("{documented}.json"), methods)
}
