//! Memberships: which member of the team belongs to which group.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod make_default;
pub(super) mod of_group;
pub(super) mod of_user;
pub(super) mod show;
mod view;
