//! Users who were deleted (contract Zendesk §6).

pub(super) mod count;
pub(super) mod erase;
pub(super) mod list;
pub(super) mod show;
mod view;
