//! Identities of users (contract Zendesk §6).

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod make_primary;
mod one;
pub(super) mod request_verification;
pub(super) mod show;
pub(super) mod update;
pub(super) mod verify;
pub(super) mod view;
