//! Ada's dialect: the End Users API and what keeps an end user alive.
//!
//! Wire types stay in this folder. [`AdaError`] is also the error body of everything that is no
//! dialect's: unknown paths and roster's own API.

mod channels;
mod conversations;
mod document;
mod end_users;
mod error;
mod extract;
mod field;
mod metadata;
mod page;
mod problems;
mod respond;
mod schemas;
mod sensitive;
mod time;
mod webhooks;

use std::sync::Arc;

use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::fast_path::Operations;
use crate::app::App;

pub(crate) use document::finish_document;
pub(crate) use error::AdaError;
pub(crate) use extract::{Authorized, JsonBody, PathText, Query, end_user_id};
pub(crate) use field::Field;
pub(crate) use page::{PageMeta, next_page_url};
pub(crate) use problems::Problems;
pub(crate) use respond::json;
pub(crate) use time::{AdaTime, write_timestamp};
pub use webhooks::message_body;
pub(crate) use webhooks::{only_webhook_id, webhook_id};

/// The operations that may answer at once.
pub(crate) const AT_ONCE: Operations = &[end_users::get::at_once, end_users::list::at_once];

/// Every route of the dialect. This list is also the OpenAPI document.
pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    [
        routes!(end_users::list::list, end_users::create::create),
        routes!(end_users::get::get, end_users::patch::patch),
        routes!(channels::list::list, channels::create::create),
        routes!(conversations::create::create),
        routes!(conversations::get::get, conversations::patch::patch),
        routes!(conversations::end::end),
        routes!(webhooks::list::list, webhooks::create::create),
        routes!(webhooks::get::get, webhooks::patch::patch, webhooks::delete::delete),
        routes!(webhooks::secret::secret),
        routes!(webhooks::rotate::rotate),
        routes!(webhooks::event_types::event_types),
    ]
    .into_iter()
    .fold(OpenApiRouter::new(), both_spellings)
}

/// Adds a route with and without the slash at the end: clients send both, and a redirect would
/// turn their POST into a GET (contract Ada §0, §9.32).
fn both_spellings(
    router: OpenApiRouter<Arc<App>>,
    route: UtoipaMethodRouter<Arc<App>>,
) -> OpenApiRouter<Arc<App>> {
    let documented = route.1.paths.keys().next().cloned().unwrap_or_default();
    let other = match documented.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{documented}/"),
    };
    let methods = route.2.clone();
    router.routes(route).route(&other, methods)
}
