//! Custom roles, which are also called permission sets (contract Zendesk §2.4, §6).

pub(super) mod create;
pub(super) mod delete;
mod fields;
pub(super) mod list;
pub(super) mod show;
pub(super) mod update;
pub(super) mod view;
