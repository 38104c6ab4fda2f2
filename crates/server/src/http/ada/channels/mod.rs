//! Channels: where conversations take place (contract Ada §4).

pub(super) mod create;
pub(super) mod list;
mod view;
