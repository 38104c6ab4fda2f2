//! The End Users API (contract Ada §2).

mod body;
pub(super) mod create;
pub(super) mod get;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod view;
