//! Conversations, without their messages: what keeps an end user (contract Ada §4).

pub(super) mod create;
pub(super) mod end;
pub(super) mod get;
pub(super) mod patch;
mod view;
