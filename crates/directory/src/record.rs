//! What the team arranges its users by: organizations, groups, memberships, custom roles.
//!
//! All four are kept, listed and changed in the same way, so a store knows them as [`Record`]s.

use crate::{
    Change, CustomRoleId, ExternalId, GroupId, MembershipId, Metadata, MetadataPatch,
    MetadataTooLarge, OrganizationId, RecordName, Tags, Text, Timestamp, UserId,
};

/// The largest own fields of an organization: 10 KB, as of a user.
pub const ORGANIZATION_FIELDS_LIMIT: usize = 10 * 1024;

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Those that users belong to.
    Organization,
    /// Those that members of the team belong to.
    Group,
    /// Who belongs to which group.
    Membership,
    /// What a member of the team may do.
    CustomRole,
}

/// Those that users belong to. Its name is unique in the account, in any case.
#[derive(Debug, Clone, PartialEq)]
pub struct Organization {
    /// Its number.
    pub id: OrganizationId,
    /// Its name.
    pub name: RecordName,
    /// The caller's own key for it; unique in the account, in any case.
    pub external_id: Option<ExternalId>,
    /// Whether its users see each other's tickets.
    pub shared_tickets: bool,
    /// Whether its users comment on each other's tickets.
    pub shared_comments: bool,
    /// The domains of its users' addresses.
    pub domain_names: Vec<Text>,
    /// Anything to be known of it.
    pub details: Option<Text>,
    /// Notes of the team.
    pub notes: Option<Text>,
    /// The group that works for it.
    pub group_id: Option<GroupId>,
    /// Labels.
    pub tags: Tags,
    /// The caller's own keys.
    pub fields: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
}

/// Members of the team who work together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its number.
    pub id: GroupId,
    /// Its name.
    pub name: RecordName,
    /// What it is for; may be empty.
    pub description: Text,
    /// Whether everybody on the team sees it.
    pub is_public: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
}

/// That a member of the team belongs to a group. There is one at most for each pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// Its number.
    pub id: MembershipId,
    /// Who.
    pub user_id: UserId,
    /// To which group.
    pub group_id: GroupId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a member of the team may do, beyond agent and admin. Its name is unique in the account.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomRole {
    /// Its number.
    pub id: CustomRoleId,
    /// Its name.
    pub name: RecordName,
    /// What it is for; may be empty.
    pub description: Text,
    /// What it allows, by the caller's own words.
    pub configuration: Metadata,
    /// How many users have it. The store counts them.
    pub members: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything above last changed.
    pub updated_at: Timestamp,
}

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An organization.
    Organization(Organization),
    /// A group.
    Group(Group),
    /// A membership.
    Membership(Membership),
    /// A custom role.
    CustomRole(CustomRole),
}

/// A change of an organization.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrganizationPatch {
    /// Its name.
    pub name: Option<RecordName>,
    /// The caller's own key for it.
    pub external_id: Change<ExternalId>,
    /// Whether its users see each other's tickets.
    pub shared_tickets: Option<bool>,
    /// Whether its users comment on each other's tickets.
    pub shared_comments: Option<bool>,
    /// The domains of its users' addresses.
    pub domain_names: Option<Vec<Text>>,
    /// Anything to be known of it.
    pub details: Change<Text>,
    /// Notes of the team.
    pub notes: Change<Text>,
    /// The group that works for it.
    pub group_id: Change<GroupId>,
    /// Labels.
    pub tags: Option<Tags>,
    /// The caller's own keys: set, or removed where `None`.
    pub fields: MetadataPatch,
}

/// A change of a group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupPatch {
    /// Its name.
    pub name: Option<RecordName>,
    /// What it is for.
    pub description: Option<Text>,
    /// Whether everybody on the team sees it.
    pub is_public: Option<bool>,
}

/// A change of a custom role.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CustomRolePatch {
    /// Its name.
    pub name: Option<RecordName>,
    /// What it is for.
    pub description: Option<Text>,
    /// What it allows: set, or removed where `None`.
    pub configuration: MetadataPatch,
}

/// A change of a record, or a new one.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordPatch {
    /// Of an organization.
    Organization(OrganizationPatch),
    /// Of a group.
    Group(GroupPatch),
    /// A membership is made, and never changed.
    Membership {
        /// Who.
        user_id: UserId,
        /// To which group.
        group_id: GroupId,
    },
    /// Of a custom role.
    CustomRole(CustomRolePatch),
}

impl Record {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Organization(_) => RecordKind::Organization,
            Self::Group(_) => RecordKind::Group,
            Self::Membership(_) => RecordKind::Membership,
            Self::CustomRole(_) => RecordKind::CustomRole,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn id(&self) -> i64 {
        match self {
            Self::Organization(record) => record.id.0,
            Self::Group(record) => record.id.0,
            Self::Membership(record) => record.id.0,
            Self::CustomRole(record) => record.id.0,
        }
    }

    /// What no other record of its kind in the account may have, folded: the name of an
    /// organization or a custom role, the pair of a membership. A group has no such thing.
    #[must_use]
    pub fn unique_key(&self) -> Option<String> {
        match self {
            Self::Organization(record) => Some(fold(&record.name)),
            Self::CustomRole(record) => Some(fold(&record.name)),
            Self::Membership(record) => Some(format!("{}/{}", record.user_id, record.group_id)),
            Self::Group(_) => None,
        }
    }

    /// The caller's own key for it.
    #[must_use]
    pub fn external_id(&self) -> Option<&ExternalId> {
        match self {
            Self::Organization(record) => record.external_id.as_ref(),
            Self::Group(_) | Self::Membership(_) | Self::CustomRole(_) => None,
        }
    }

    /// The record with this change, which is of its kind; it is the caller's mistake otherwise,
    /// and nothing changes.
    pub fn apply(&self, patch: &RecordPatch, now: Timestamp) -> Result<Self, MetadataTooLarge> {
        let mut changed = self.clone();
        match (&mut changed, patch) {
            (Self::Organization(record), RecordPatch::Organization(patch)) => {
                patch.apply(record)?;
            }
            (Self::Group(record), RecordPatch::Group(patch)) => patch.apply(record),
            (Self::CustomRole(record), RecordPatch::CustomRole(patch)) => {
                patch.apply(record)?;
            }
            _ => {}
        }
        if changed != *self {
            match &mut changed {
                Self::Organization(record) => record.updated_at = now.max(record.updated_at),
                Self::Group(record) => record.updated_at = now.max(record.updated_at),
                Self::Membership(record) => record.updated_at = now.max(record.updated_at),
                Self::CustomRole(record) => record.updated_at = now.max(record.updated_at),
            }
        }
        Ok(changed)
    }
}

impl RecordPatch {
    /// The kind of record that it changes or makes.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Organization(_) => RecordKind::Organization,
            Self::Group(_) => RecordKind::Group,
            Self::Membership { .. } => RecordKind::Membership,
            Self::CustomRole(_) => RecordKind::CustomRole,
        }
    }

    /// The record that this change makes of nothing, under the number that the store gives out.
    pub fn into_record(self, id: i64, now: Timestamp) -> Result<Record, MetadataTooLarge> {
        let (created_at, updated_at) = (now, now);
        let nameless = RecordName::default();
        let blank = match &self {
            Self::Organization(_) => Record::Organization(Organization {
                id: OrganizationId(id),
                name: nameless,
                external_id: None,
                shared_tickets: false,
                shared_comments: false,
                domain_names: Vec::new(),
                details: None,
                notes: None,
                group_id: None,
                tags: Tags::NONE,
                fields: Metadata::default(),
                created_at,
                updated_at,
            }),
            Self::Group(_) => Record::Group(Group {
                id: GroupId(id),
                name: nameless,
                description: Text::default(),
                is_public: true,
                created_at,
                updated_at,
            }),
            Self::Membership { user_id, group_id } => Record::Membership(Membership {
                id: MembershipId(id),
                user_id: *user_id,
                group_id: *group_id,
                created_at,
                updated_at,
            }),
            Self::CustomRole(_) => Record::CustomRole(CustomRole {
                id: CustomRoleId(id),
                name: nameless,
                description: Text::default(),
                configuration: Metadata::default(),
                members: 0,
                created_at,
                updated_at,
            }),
        };
        blank.apply(&self, now)
    }
}

impl OrganizationPatch {
    fn apply(&self, record: &mut Organization) -> Result<(), MetadataTooLarge> {
        set(&mut record.name, self.name.as_ref());
        self.external_id.apply(&mut record.external_id);
        set(&mut record.shared_tickets, self.shared_tickets.as_ref());
        set(&mut record.shared_comments, self.shared_comments.as_ref());
        set(&mut record.domain_names, self.domain_names.as_ref());
        self.details.apply(&mut record.details);
        self.notes.apply(&mut record.notes);
        self.group_id.apply(&mut record.group_id);
        set(&mut record.tags, self.tags.as_ref());
        record.fields = record.fields.merged(&self.fields, ORGANIZATION_FIELDS_LIMIT)?;
        Ok(())
    }
}

impl GroupPatch {
    fn apply(&self, record: &mut Group) {
        set(&mut record.name, self.name.as_ref());
        set(&mut record.description, self.description.as_ref());
        set(&mut record.is_public, self.is_public.as_ref());
    }
}

impl CustomRolePatch {
    fn apply(&self, record: &mut CustomRole) -> Result<(), MetadataTooLarge> {
        set(&mut record.name, self.name.as_ref());
        set(&mut record.description, self.description.as_ref());
        record.configuration =
            record.configuration.merged(&self.configuration, ORGANIZATION_FIELDS_LIMIT)?;
        Ok(())
    }
}

fn set<T: Clone>(current: &mut T, wanted: Option<&T>) {
    if let Some(wanted) = wanted {
        *current = wanted.clone();
    }
}

/// Two names with the same folded form are the same name.
fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Which records a list has. It ascends by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFilter {
    /// All of a kind.
    All(RecordKind),
    /// The memberships of a user.
    MembershipsOf(UserId),
    /// The memberships in a group.
    MembershipsIn(GroupId),
}

impl RecordFilter {
    /// The kind of the records in the list.
    #[must_use]
    pub const fn kind(self) -> RecordKind {
        match self {
            Self::All(kind) => kind,
            Self::MembershipsOf(_) | Self::MembershipsIn(_) => RecordKind::Membership,
        }
    }

    /// Whether the list has this record.
    #[must_use]
    pub fn matches(self, record: &Record) -> bool {
        match (self, record) {
            (Self::All(kind), record) => record.kind() == kind,
            (Self::MembershipsOf(user), Record::Membership(record)) => record.user_id == user,
            (Self::MembershipsIn(group), Record::Membership(record)) => record.group_id == group,
            _ => false,
        }
    }
}

/// How a single record is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordKey {
    /// By its number.
    Id(RecordKind, i64),
    /// By what no other record of its kind may have; see [`Record::unique_key`].
    Unique(RecordKind, String),
    /// An organization by the caller's own key.
    OrganizationExternalId(ExternalId),
}

impl RecordKey {
    /// An organization by name, in any case.
    #[must_use]
    pub fn organization_named(name: &str) -> Self {
        Self::Unique(RecordKind::Organization, fold(name))
    }

    /// A custom role by name, in any case.
    #[must_use]
    pub fn custom_role_named(name: &str) -> Self {
        Self::Unique(RecordKind::CustomRole, fold(name))
    }
}

/// Where a part of a list of records begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordStart {
    /// After so many records.
    Offset(u64),
    /// After this number.
    After(i64),
    /// Before this number: the part ends with the last one before it.
    Before(i64),
}

/// A part of a list of records, ascending whichever way it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordPage {
    /// The records.
    pub records: Vec<Record>,
    /// Whether the list goes on in the direction in which it was read.
    pub more: bool,
    /// How many records the whole list has.
    pub count: u64,
}
