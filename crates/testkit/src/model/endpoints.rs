//! Operations on endpoints.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{EndpointId, EndpointPatch, EventType, LeaseHolder, NewEndpoint, Timestamp};

use super::course::{Agreed, Course, Side};
use super::turns::lease;
use super::values::{account, shuffled};
use crate::look::page_of;
use crate::sample::{endpoint_id, endpoint_url, event_types, new_endpoint, sealed};

#[derive(Debug, Clone)]
pub(super) enum Endpoints {
    Create { account: usize, types: Types },
    Patch { account: usize, endpoint: u32, change: Change },
    Delete { account: usize, endpoint: u32 },
    Rotate { account: usize, endpoint: u32 },
    List { account: usize, from: Option<u32>, limit: u64 },
    Lease { holder: i64 },
    Release { holder: i64 },
}

/// What is done to an endpoint.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    moved: bool,
    types: Option<Types>,
    enabled: Option<bool>,
}

/// What an endpoint asks for.
pub(super) type Types = &'static [EventType];

const TYPES: &[Types] =
    &[EventType::ALL, &[], &[EventType::EndUserDeleted, EventType::ConversationCreated]];

/// The two that the first account has from the beginning, and a few more.
pub(super) fn endpoint() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(0_u32), 2 => Just(1), 1 => 2..5_u32]
}

/// The identifier of an endpoint that is named by a number.
pub(super) fn id(number: u32) -> EndpointId {
    endpoint_id(shuffled(number))
}

/// There are two who deliver; the first one does more.
pub(super) fn holder() -> impl Strategy<Value = i64> {
    prop_oneof![3 => Just(0_i64), 1 => Just(1)]
}

fn change() -> impl Strategy<Value = Change> {
    let types = option::weighted(0.3, select(TYPES));
    // Mostly they are enabled, so that there is something to be told.
    let enabled = prop_oneof![4 => Just(Some(true)), 2 => Just(None), 1 => Just(Some(false))];
    (any::<bool>(), types, enabled).prop_map(|(moved, types, enabled)| Change {
        moved,
        types,
        enabled,
    })
}

impl Endpoints {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            2 => (account(), select(TYPES))
                .prop_map(|(account, types)| Self::Create { account, types }),
            3 => (account(), endpoint(), change())
                .prop_map(|(account, endpoint, change)| Self::Patch { account, endpoint, change }),
            1 => (account(), endpoint())
                .prop_map(|(account, endpoint)| Self::Delete { account, endpoint }),
            1 => (account(), endpoint())
                .prop_map(|(account, endpoint)| Self::Rotate { account, endpoint }),
            1 => (account(), option::of(endpoint()), 1..4_u64)
                .prop_map(|(account, from, limit)| Self::List { account, from, limit }),
            1 => holder().prop_map(|holder| Self::Lease { holder }),
            1 => holder().prop_map(|holder| Self::Release { holder }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        let now = course.now();
        match self {
            Self::Create { account, types } => {
                let new = created(course.endpoints, types, now);
                course.endpoints += 1;
                let create = async |Side { store, accounts }: &Side| {
                    store.create_endpoint(accounts[account], new.clone()).await
                };
                course.both(create).await
            }
            Self::Patch { account, endpoint, change } => {
                let patch = change.patch(endpoint);
                let change = async |Side { store, accounts }: &Side| {
                    store.patch_endpoint(accounts[account], id(endpoint), patch.clone(), now).await
                };
                course.both(change).await
            }
            Self::Delete { account, endpoint } => {
                let delete = async |Side { store, accounts }: &Side| {
                    store.delete_endpoint(accounts[account], id(endpoint)).await
                };
                course.both(delete).await
            }
            Self::Rotate { account, endpoint } => {
                let secret = sealed(1, &now.as_micros().to_be_bytes());
                let rotate = async |Side { store, accounts }: &Side| {
                    let (account, id) = (accounts[account], id(endpoint));
                    store.rotate_endpoint_secret(account, id, secret.clone(), now).await
                };
                course.both(rotate).await
            }
            Self::List { account, from, limit } => {
                let page = page_of(limit, from.map(id));
                course
                    .both(async |side| side.store.endpoints(side.accounts[account], page).await)
                    .await
            }
            Self::Lease { holder } => {
                course.both(async |side| lease(side, holder, now).await).await
            }
            Self::Release { holder } => {
                let holder = LeaseHolder(holder);
                course.both(async |side| side.store.release_endpoints(holder).await).await
            }
        }
    }
}

impl Change {
    fn patch(self, endpoint: u32) -> EndpointPatch {
        EndpointPatch {
            url: self.moved.then(|| endpoint_url(&format!("https://{endpoint}.example.org"))),
            event_types: self.types.map(event_types),
            enabled: self.enabled,
            description: None,
        }
    }
}

/// An endpoint that was made now.
fn created(number: u32, types: Types, now: Timestamp) -> NewEndpoint {
    let mut new = new_endpoint(shuffled(number), types);
    new.endpoint.created_at = now;
    new.endpoint.updated_at = now;
    new
}
