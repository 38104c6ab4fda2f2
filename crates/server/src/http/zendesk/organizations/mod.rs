//! Organizations, which users belong to (contract Zendesk §3, §6).

pub(super) mod count;
pub(super) mod count_users;
pub(super) mod create;
pub(super) mod create_or_update;
pub(super) mod delete;
mod fields;
pub(super) mod list;
pub(super) mod show;
pub(super) mod show_many;
pub(super) mod update;
pub(super) mod users;
pub(super) mod view;
