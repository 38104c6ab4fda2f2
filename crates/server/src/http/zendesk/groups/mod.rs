//! Groups, which members of the team belong to (contract Zendesk §3, §6).

pub(super) mod assignable;
pub(super) mod count;
pub(super) mod count_users;
pub(super) mod create;
pub(super) mod delete;
mod fields;
pub(super) mod list;
pub(super) mod of_user;
pub(super) mod show;
pub(super) mod update;
pub(super) mod users;
pub(super) mod view;
