//! The envelope of a list (contract Ada §1.4).

use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

use super::extract::Query;
use crate::http::links::Origin;

/// Where a list goes on
#[derive(Serialize, ToSchema)]
pub(crate) struct PageMeta {
    /// The address of the next page, to be called as it is; null at the end of the list
    #[schema(required = true)]
    pub(crate) next_page_url: Option<String>,
}

/// The link to the page that starts at `next`, with the client's own `limit` and these other
/// parameters of its query kept.
pub(crate) fn next_page_url(
    origin: &Origin,
    path: &str,
    query: &Query,
    next: Option<impl Display>,
    kept: &[&str],
) -> Option<String> {
    let cursor = next?.to_string();
    let kept = kept.iter().chain(&["limit"]);
    let kept = kept.filter_map(|name| query.get(name).map(|value| (*name, value)));
    let parameters: Vec<_> = std::iter::once(("cursor", cursor.as_str())).chain(kept).collect();
    Some(origin.link(path, &parameters))
}
