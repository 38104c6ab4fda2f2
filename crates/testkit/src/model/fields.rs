//! What a request says of a user of any role, of an identity, of a record.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{
    Change, CustomRoleId, CustomRolePatch, GroupPatch, IdentityKind, NewIdentity,
    OrganizationPatch, RecordKind, RecordPatch, Role, SupportPatch, Text, TicketRestriction,
    UserPatch,
};

use super::course::Course;
use super::picks::{Pick, pick};
use super::values::{EMAILS, EXTERNAL_IDS, Keys, keys, mapped, metadata_patch};
use crate::sample::{external_id, new_identity, record_name, tags, text};

/// Names, some of which are the same to a list that is sorted by them.
const NAMES: &[&str] = &["Grace Hopper", "grace hopper", "Alan", "Été", "", "Zoë 50% _", "alan b"];

/// Names of records.
const TITLES: &[&str] = &["Navy", "NAVY ", "Été", "42"];

const TEXTS: &[&str] = &["found the bug", "+1 (555) 123", "", "Grace's notes"];

const TAGS: &[&[&str]] = &[&[], &["vip"], &["b", "a-c", "vip"]];

const ROLES: &[Role] = &[Role::EndUser, Role::EndUser, Role::Agent, Role::Agent, Role::Admin];

const RESTRICTIONS: &[TicketRestriction] = &[
    TicketRestriction::Organization,
    TicketRestriction::Groups,
    TicketRestriction::Assigned,
    TicketRestriction::Requested,
];

/// Seldom any change, since a request that says much is seldom accepted. It is boxed for the same
/// reason as a pick is.
fn seldom<T: Clone + Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Change<T>> {
    prop_oneof![
        6 => Just(Change::Keep),
        1 => Just(Change::Clear),
        2 => value.prop_map(Change::Set),
    ]
    .boxed()
}

fn told(change: &Change<&'static str>) -> Change<Text> {
    mapped(change, text)
}

/// A new identity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address {
    kind: IdentityKind,
    value: &'static str,
    verified: bool,
    primary: bool,
}

pub(super) fn address() -> impl Strategy<Value = Address> {
    let kinds = &[
        IdentityKind::Email,
        IdentityKind::Email,
        IdentityKind::PhoneNumber,
        IdentityKind::Twitter,
    ][..];
    let parts = (select(kinds), select(EMAILS), any::<bool>(), any::<bool>());
    parts.prop_map(|(kind, value, verified, primary)| Address { kind, value, verified, primary })
}

impl Address {
    pub(super) fn new_identity(self) -> NewIdentity {
        let Self { kind, value, verified, primary } = self;
        NewIdentity { verified, primary, ..new_identity(kind, value) }
    }
}

/// What a request says of a user.
#[derive(Debug, Clone)]
pub(super) struct UserFields {
    name: Change<&'static str>,
    external_id: Change<&'static str>,
    role: Option<Role>,
    metadata: Keys,
    addresses: Vec<Address>,
    desk: DeskFields,
}

/// What it says of what only Zendesk's dialect knows.
#[derive(Debug, Clone)]
struct DeskFields {
    phone: Change<&'static str>,
    notes: Change<&'static str>,
    tags: Option<&'static [&'static str]>,
    flags: (Option<bool>, Option<bool>),
    restriction: Change<TicketRestriction>,
    organization: Change<Pick>,
    custom_role: Change<Pick>,
    group: Change<Pick>,
}

fn desk_fields() -> impl Strategy<Value = DeskFields> {
    let parts = (
        seldom(select(TEXTS)),
        seldom(select(TEXTS)),
        option::weighted(0.2, select(TAGS)),
        (option::weighted(0.2, any::<bool>()), option::weighted(0.2, any::<bool>())),
        seldom(select(RESTRICTIONS)),
        seldom(pick()),
        seldom(pick()),
        prop_oneof![4 => Just(Change::Keep), 1 => seldom(pick())].boxed(),
    );
    parts.prop_map(|(phone, notes, tags, flags, restriction, organization, custom_role, group)| {
        DeskFields { phone, notes, tags, flags, restriction, organization, custom_role, group }
    })
}

pub(super) fn user_fields() -> impl Strategy<Value = UserFields> {
    let parts = (
        seldom(select(NAMES)),
        seldom(select(EXTERNAL_IDS)),
        option::weighted(0.3, select(ROLES)),
        prop_oneof![3 => Just(Keys::new()), 1 => keys()],
        prop_oneof![2 => Just(Vec::new()), 1 => vec(address(), 1..3)],
        desk_fields(),
    );
    parts.prop_map(|(name, external_id, role, metadata, addresses, desk)| UserFields {
        name,
        external_id,
        role,
        metadata,
        addresses,
        desk,
    })
}

impl UserFields {
    pub(super) async fn patch(&self, course: &Course, account: usize) -> UserPatch {
        UserPatch {
            name: told(&self.name),
            external_id: mapped(&self.external_id, external_id),
            role: self.role,
            metadata: metadata_patch(&self.metadata),
            support: self.desk.patch(course, account).await,
            identities: self.addresses.iter().map(|address| address.new_identity()).collect(),
            ..UserPatch::default()
        }
    }
}

impl DeskFields {
    async fn patch(&self, course: &Course, account: usize) -> SupportPatch {
        let custom_role_id = match self.custom_role {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(pick) => {
                let number = pick.record(course, account, RecordKind::CustomRole).await;
                Change::Set(CustomRoleId(number))
            }
        };
        let organization_id = match self.organization {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(pick) => Change::Set(pick.organization(course, account).await),
        };
        let default_group_id = match self.group {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(pick) => Change::Set(pick.group(course, account).await),
        };
        SupportPatch {
            phone: told(&self.phone),
            notes: told(&self.notes),
            tags: self.tags.map(tags),
            moderator: self.flags.0,
            shared_phone_number: self.flags.1,
            ticket_restriction: self.restriction.clone(),
            organization_id,
            custom_role_id,
            default_group_id,
            ..SupportPatch::default()
        }
    }
}

/// What a request says of a record.
#[derive(Debug, Clone)]
pub(super) enum RecordFields {
    Organization {
        name: Option<&'static str>,
        external_id: Change<&'static str>,
        notes: Change<&'static str>,
        group: Change<Pick>,
        tags: Option<&'static [&'static str]>,
        keys: Keys,
    },
    Group {
        name: Option<&'static str>,
        is_public: Option<bool>,
    },
    Membership {
        user: Pick,
        group: Pick,
    },
    CustomRole {
        name: Option<&'static str>,
        keys: Keys,
    },
}

pub(super) fn record_fields() -> impl Strategy<Value = RecordFields> {
    let name = || option::weighted(0.8, select(TITLES));
    let organization = (
        name(),
        seldom(select(EXTERNAL_IDS)),
        seldom(select(TEXTS)),
        seldom(pick()),
        option::weighted(0.2, select(TAGS)),
        keys(),
    );
    prop_oneof![
        3 => organization.prop_map(|(name, external_id, notes, group, tags, keys)| {
            RecordFields::Organization { name, external_id, notes, group, tags, keys }
        }),
        3 => (name(), option::of(any::<bool>()))
            .prop_map(|(name, is_public)| RecordFields::Group { name, is_public }),
        5 => (pick(), pick()).prop_map(|(user, group)| RecordFields::Membership { user, group }),
        2 => (name(), keys()).prop_map(|(name, keys)| RecordFields::CustomRole { name, keys }),
    ]
}

impl RecordFields {
    pub(super) async fn patch(&self, course: &Course, account: usize) -> RecordPatch {
        match self {
            Self::Organization { name, external_id: id, notes, group, tags: labels, keys } => {
                let group_id = match group {
                    Change::Keep => Change::Keep,
                    Change::Clear => Change::Clear,
                    Change::Set(pick) => Change::Set(pick.group(course, account).await),
                };
                RecordPatch::Organization(OrganizationPatch {
                    name: name.map(record_name),
                    external_id: mapped(id, external_id),
                    notes: told(notes),
                    group_id,
                    tags: labels.map(tags),
                    fields: metadata_patch(keys),
                    ..OrganizationPatch::default()
                })
            }
            Self::Group { name, is_public } => {
                let (name, is_public) = (name.map(record_name), *is_public);
                RecordPatch::Group(GroupPatch { name, is_public, ..GroupPatch::default() })
            }
            Self::Membership { user, group } => RecordPatch::Membership {
                user_id: user.user(course, account).await,
                group_id: group.group(course, account).await,
            },
            Self::CustomRole { name, keys } => RecordPatch::CustomRole(CustomRolePatch {
                name: name.map(record_name),
                configuration: metadata_patch(keys),
                ..CustomRolePatch::default()
            }),
        }
    }
}
