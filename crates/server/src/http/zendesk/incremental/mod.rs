//! Incremental exports: users of every role and state in the order of their last change
//! (contract Zendesk §6).

mod position;
pub(super) mod users;
pub(super) mod users_cursor;

use super::error::ZendeskError;
use super::paging::integer;
use super::request::Request;

/// The most users of a page, which is also how many it has when nobody asks (contract §6).
const PAGE_LIMIT: usize = 1000;

/// How many users a page shall have.
fn page_size(request: &Request) -> Result<usize, ZendeskError> {
    let Some(wanted) = integer(&request.query, "per_page", "per_page", request.action())? else {
        return Ok(PAGE_LIMIT);
    };
    let wanted = usize::try_from(wanted).ok().filter(|wanted| *wanted > 0);
    let wanted = wanted.ok_or_else(|| ZendeskError::InvalidAttribute {
        name: "per_page".to_owned(),
        expected: "must be greater than 0",
        action: request.action(),
    })?;
    Ok(wanted.min(PAGE_LIMIT))
}

/// The second at which an export begins. Nothing is older than the first second there is.
fn start_time(request: &Request) -> Result<i64, ZendeskError> {
    let start = integer(&request.query, "start_time", "start_time", request.action())?;
    let start = start.ok_or_else(|| ZendeskError::InvalidAttribute {
        name: "start_time".to_owned(),
        expected: "is required and must be an integer",
        action: request.action(),
    })?;
    Ok(start.max(0))
}
