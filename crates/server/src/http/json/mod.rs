//! What is common to the bodies of both dialects.

mod depth;
mod encoded_users;
mod id;
mod metadata;
mod text;
mod write;

pub(crate) use depth::{NESTING_LIMIT, nests_too_deep};
pub(crate) use encoded_users::EncodedUsers;
pub(crate) use id::IdView;
pub(crate) use metadata::MetadataView;
pub(crate) use text::{Written, to_vec};
pub(crate) use write::{BySerde, IfAny, WriteJson, write_json};
