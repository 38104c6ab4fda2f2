//! Lists of users: which, in which order, which part.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::{
    CustomRoleId, ExternalId, GroupId, NameKey, OrganizationId, PageLimit, Role, Timestamp, User,
    UserCounts, UserId, UserState,
};

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Roles(u8);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);
    /// Every role.
    pub const ALL: Self = Self(7);
    /// The roles of the team: agent and admin.
    pub const TEAM: Self = Self(6);

    /// The set with one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    /// Whether the set has `role`.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }
}

impl UserCounts {
    /// How many users have one of these roles.
    #[must_use]
    pub fn of(&self, roles: Roles) -> u64 {
        [(Role::EndUser, self.end_users), (Role::Agent, self.agents), (Role::Admin, self.admins)]
            .into_iter()
            .filter(|(role, _)| roles.contains(*role))
            .map(|(_, count)| count)
            .sum()
    }
}

/// Where the users of a list are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The whole account.
    Account,
    /// An organization.
    Organization(OrganizationId),
    /// A group, whose members are members of the team.
    Group(GroupId),
}

/// Which users a list has. Only users in the state [`UserState::Active`] are in any.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserFilter {
    /// Where they are looked for.
    pub segment: Segment,
    /// With one of these roles.
    pub roles: Roles,
    /// With this custom role.
    pub custom_role: Option<CustomRoleId>,
    /// With this external id, compared in its folded form.
    pub external_id: Option<ExternalId>,
    /// With a name that begins like this, in lower case.
    pub name_prefix: Option<NameKey>,
}

impl UserFilter {
    /// Everybody of a segment.
    #[must_use]
    pub const fn all(segment: Segment) -> Self {
        Self { segment, roles: Roles::ALL, custom_role: None, external_id: None, name_prefix: None }
    }

    /// Whether a user of the right organization, or of the right group, is in the list.
    #[must_use]
    pub fn matches(&self, user: &User) -> bool {
        let folded = |id: &ExternalId| id.folded().to_owned();
        let in_segment = match self.segment {
            Segment::Account | Segment::Group(_) => true,
            Segment::Organization(id) => user.support.organization_id == Some(id),
        };
        let begins =
            |prefix: &NameKey| NameKey::new(&user.name()).as_str().starts_with(prefix.as_str());
        in_segment
            && user.state == UserState::Active
            && self.roles.contains(user.role)
            && self.custom_role.is_none_or(|role| user.support.custom_role_id == Some(role))
            && self
                .external_id
                .as_ref()
                .is_none_or(|id| user.external_id.as_ref().map(folded) == Some(folded(id)))
            && self.name_prefix.as_ref().is_none_or(begins)
    }
}

/// What users are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortField {
    /// Their number.
    Id,
    /// Their name, in lower case.
    Name,
    /// When they were made.
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
}

/// The order of a list. Users that are the same in it ascend by id, in either direction
/// (contract Zendesk §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserSort {
    /// What they are sorted by.
    pub field: SortField,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl UserSort {
    /// Ascending by number.
    pub const ID: Self = Self { field: SortField::Id, descending: false };

    /// The user's place in this order.
    #[must_use]
    pub fn key(self, user: &User) -> UserKey {
        let value = match self.field {
            SortField::Id => SortValue::Id,
            SortField::Name => SortValue::Name(NameKey::new(&user.name())),
            SortField::CreatedAt => SortValue::Moment(user.created_at),
            SortField::UpdatedAt => SortValue::Moment(user.updated_at),
        };
        UserKey { value, id: user.user_id }
    }

    /// Which of two places in this order comes first.
    #[must_use]
    pub fn compare(self, one: &UserKey, other: &UserKey) -> Ordering {
        let (by_value, by_id) = (one.value.cmp(&other.value), one.id.cmp(&other.id));
        match (self.field, self.descending) {
            (SortField::Id, true) => by_id.reverse(),
            (_, true) => by_value.reverse().then(by_id),
            (_, false) => by_value.then(by_id),
        }
    }
}

/// What a user is sorted by, but for the number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortValue {
    /// Nothing but the number.
    Id,
    /// The name.
    Name(NameKey),
    /// The moment at which they were made or last changed.
    Moment(Timestamp),
}

/// A place in an order of users. It need not be anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserKey {
    /// What is compared first.
    pub value: SortValue,
    /// What is compared then.
    pub id: UserId,
}

/// Where a part of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// After so many users.
    Offset(u64),
    /// After this place.
    After(UserKey),
    /// Before this place: the part ends with the last user before it.
    Before(UserKey),
}

/// A part of a list of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserList {
    /// Which users the list has.
    pub filter: UserFilter,
    /// Their order.
    pub sort: UserSort,
    /// Where the part begins.
    pub start: Start,
    /// How many users it has at most.
    pub limit: PageLimit,
}

/// A part of a list of users, in the order of the list whichever way it was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserPage {
    /// The users.
    pub users: Vec<Arc<User>>,
    /// Whether the list goes on in the direction in which it was read.
    pub more: bool,
}

impl UserList {
    /// The part of these users, which are all in the list, that is asked for. This says what a
    /// list is; a store that reads no more rows than it must comes to the same.
    #[must_use]
    pub fn select(&self, mut users: Vec<Arc<User>>) -> UserPage {
        let limit = self.limit.get();
        let key = |user: &Arc<User>| self.sort.key(user);
        users.sort_by(|one, other| self.sort.compare(&key(one), &key(other)));
        match &self.start {
            Start::Offset(offset) => {
                let skipped = usize::try_from(*offset).unwrap_or(usize::MAX).min(users.len());
                users.drain(..skipped);
            }
            Start::After(place) => {
                users.retain(|user| self.sort.compare(&key(user), place) == Ordering::Greater);
            }
            Start::Before(place) => {
                users.retain(|user| self.sort.compare(&key(user), place) == Ordering::Less);
                let (more, first) = (users.len() > limit, users.len().saturating_sub(limit));
                return UserPage { users: users.split_off(first), more };
            }
        }
        let more = users.len() > limit;
        users.truncate(limit);
        UserPage { users, more }
    }
}
