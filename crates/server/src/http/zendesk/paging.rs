//! Which page is asked for, and the envelope around it (contract Zendesk §1.2 to §1.4, §1.8).

use roster_directory::PageLimit;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::ZendeskError;
use super::query::Query;
use super::request::Request;

/// How deep a list can be read by offset, in records.
pub(super) const DEPTH_LIMIT: u64 = 10_000;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Paging {
    /// By number.
    Offset {
        /// The page, from 1.
        page: u64,
        /// How many records it has.
        limit: PageLimit,
    },
    /// By cursor.
    Cursor {
        /// Where it begins.
        from: From,
        /// How many records it has.
        limit: PageLimit,
    },
}

/// Where a page by cursor begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// At the beginning.
    Beginning,
    /// After this cursor.
    After(String),
    /// Before this cursor.
    Before(String),
}

impl Paging {
    /// Reads the page that a query asks for. `action` is the vendor's name of the operation.
    pub(super) fn read(query: &Query, action: &'static str) -> Result<Self, ZendeskError> {
        let (after, before) = (query.get("page[after]"), query.get("page[before]"));
        if query.get("page[size]").is_none() && after.is_none() && before.is_none() {
            let (page, limit) = Self::read_offset(query, action)?;
            return Ok(Self::Offset { page, limit });
        }
        if query.get("page").is_some() {
            return Err(ZendeskError::Pagination("page is not valid"));
        }
        let from = match (after, before) {
            (None, None) => From::Beginning,
            (Some(after), None) => From::After(after.to_owned()),
            (None, Some(before)) => From::Before(before.to_owned()),
            (Some(_), Some(_)) => {
                let message = "page[after] and page[before] can't be used together";
                return Err(ZendeskError::Pagination(message));
            }
        };
        let limit = limit(query, "page[size]", "page.size", action)?;
        Ok(Self::Cursor { from, limit })
    }

    /// Reads the page of a list that has no cursors: its number and how many records it has.
    pub(super) fn read_offset(
        query: &Query,
        action: &'static str,
    ) -> Result<(u64, PageLimit), ZendeskError> {
        let limit = limit(query, "per_page", "per_page", action)?;
        let page = integer(query, "page", "page", action)?.unwrap_or(1).max(1);
        let page = u64::try_from(page).unwrap_or(1);
        if page.saturating_mul(limit.get() as u64) > DEPTH_LIMIT {
            return Err(ZendeskError::PaginationDepth);
        }
        Ok((page, limit))
    }

    /// Checks that no other order than by number is asked for, of a list that has no other. By
    /// cursor it is an error; by number it says nothing (§1.8, §10).
    pub(super) fn ascends_by_id(&self, query: &Query) -> Result<(), ZendeskError> {
        match (self, query.get("sort")) {
            (Self::Cursor { .. }, Some(sort)) if sort != "id" => {
                Err(ZendeskError::Pagination("sort is not valid"))
            }
            _ => Ok(()),
        }
    }

    /// How many records come before a page by number.
    pub(super) const fn offset(page: u64, limit: PageLimit) -> u64 {
        (page - 1) * limit.get() as u64
    }
}

/// The size of a page: at most 100, which is also what it is when nobody asks (§10).
fn limit(
    query: &Query,
    parameter: &str,
    name: &str,
    action: &'static str,
) -> Result<PageLimit, ZendeskError> {
    let Some(wanted) = integer(query, parameter, name, action)? else {
        return Ok(PageLimit::MAX);
    };
    let wanted = u64::try_from(wanted).ok().filter(|wanted| *wanted > 0);
    let wanted = wanted.ok_or_else(|| ZendeskError::InvalidAttribute {
        name: name.to_owned(),
        expected: "must be greater than 0",
        action,
    })?;
    Ok(PageLimit::new(wanted).unwrap_or(PageLimit::MAX))
}

/// An integer parameter. One that is too large for us counts as the largest there is.
pub(super) fn integer(
    query: &Query,
    parameter: &str,
    name: &str,
    action: &'static str,
) -> Result<Option<i64>, ZendeskError> {
    let Some(text) = query.get(parameter) else { return Ok(None) };
    read_integer(text.trim()).map(Some).ok_or_else(|| ZendeskError::InvalidAttribute {
        name: name.to_owned(),
        expected: "must be an integer",
        action,
    })
}

fn read_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let saturated = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(saturated))
}

/// The envelope of a page by number.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OffsetEnvelope {
    /// The address of the next page; null at the end
    #[schema(required = true)]
    pub(super) next_page: Option<String>,
    /// The address of the page before; null on the first
    #[schema(required = true)]
    pub(super) previous_page: Option<String>,
    /// How many records the whole list has
    pub(super) count: u64,
}

impl OffsetEnvelope {
    /// The envelope of this page of a list with `count` records.
    pub(super) fn new(request: &Request, page: u64, limit: PageLimit, count: u64) -> Self {
        Self::linked(request, &[], page, limit, count)
    }

    /// As [`Self::new`], with parameters for the links that the query of the request lacks.
    pub(super) fn linked(
        request: &Request,
        parameters: &[(&str, &str)],
        page: u64,
        limit: PageLimit,
        count: u64,
    ) -> Self {
        let link =
            |page: u64| request.link(&[&[("page", &*page.to_string())], parameters].concat());
        let goes_on = page.saturating_mul(limit.get() as u64) < count;
        Self {
            next_page: goes_on.then(|| link(page.saturating_add(1))),
            previous_page: (page > 1).then(|| link(page - 1)),
            count,
        }
    }

    /// The envelope of a list that is one page.
    pub(super) const fn whole(count: u64) -> Self {
        Self { next_page: None, previous_page: None, count }
    }
}

/// What a page by cursor says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meta {
    /// Whether the list goes on in the direction in which it was read
    has_more: bool,
    /// The cursor of the last record of the page; null on an empty page
    #[schema(required = true)]
    after_cursor: Option<String>,
    /// The cursor of the first record of the page; null on an empty page
    #[schema(required = true)]
    before_cursor: Option<String>,
}

/// The neighbours of a page by cursor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Links {
    /// The address of the page before; null on an empty page
    #[schema(required = true)]
    prev: Option<String>,
    /// The address of the next page; null on an empty page
    #[schema(required = true)]
    next: Option<String>,
}

/// The envelope of a page by cursor.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CursorEnvelope {
    meta: Meta,
    links: Links,
}

impl CursorEnvelope {
    /// The envelope of a page, given the cursors of its first and last record. Both links stay
    /// until a page is empty, as the vendor's do (§1.4).
    pub(super) fn new(
        request: &Request,
        more: bool,
        ends: Option<(String, String)>,
        limit: PageLimit,
    ) -> Self {
        let (before_cursor, after_cursor) = ends.unzip();
        let size = limit.get().to_string();
        let link = |name: &str, cursor: &Option<String>| {
            let cursor = cursor.as_deref()?;
            Some(request.link(&[(name, cursor), ("page[size]", &size)]))
        };
        Self {
            links: Links {
                prev: link("page[before]", &before_cursor),
                next: link("page[after]", &after_cursor),
            },
            meta: Meta { has_more: more, after_cursor, before_cursor },
        }
    }
}

/// Either envelope.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Envelope {
    /// By number.
    Offset(OffsetEnvelope),
    /// By cursor.
    Cursor(CursorEnvelope),
}
