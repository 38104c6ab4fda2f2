//! What a unit of work tells of itself before it is run.

use roster_directory::{EndUserId, EndUserPatch, NewEndUser, UserPatch};

use crate::foresight::Ask;

/// What a unit tells of itself beforehand.
pub(crate) struct Foretold {
    /// What it is going to look up or write, if it tells.
    pub(crate) asks: Option<Vec<Ask>>,
    /// How many numbers it takes at most.
    pub(crate) numbers: usize,
}

impl Default for Foretold {
    /// It may look up and write anything, and makes no more than a user with one identity.
    fn default() -> Self {
        Self { asks: None, numbers: 2 }
    }
}

impl Foretold {
    /// Of making an end user.
    pub(crate) fn of_new_end_user(new: &NewEndUser) -> Self {
        Self { asks: Some(Ask::of_new_end_user(new)), ..Self::default() }
    }

    /// Of changing an end user.
    pub(crate) fn of_end_user(id: EndUserId, patch: &EndUserPatch) -> Self {
        Self { asks: Ask::of_patch(id, patch), ..Self::default() }
    }

    /// Of making a user of any role.
    pub(crate) fn of_new_user(patch: &UserPatch) -> Self {
        Self { asks: Some(Ask::of_new_user(patch)), ..Self::of_user(patch) }
    }

    /// Of changing a user of any role, or making them.
    pub(crate) fn of_user(patch: &UserPatch) -> Self {
        Self { asks: None, numbers: 1 + patch.identities.len() }
    }
}
