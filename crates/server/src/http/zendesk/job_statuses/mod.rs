//! Jobs: what work on many users at once came to (contract Zendesk §6).

pub(super) mod show;
pub(super) mod show_many;
pub(super) mod view;
