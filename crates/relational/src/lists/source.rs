//! Where a list of users is read from.

use roster_directory::{
    AccountId, CustomRoleId, GroupId, OrganizationId, Role, Roles, Segment, SortField, UserFilter,
};

use super::place::{Edge, Range};
use crate::tables::user_row::role_number;

/// A family of indexes, one for each thing that users are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Of all users.
    All,
    /// Of agents and admins.
    Team,
    /// Of those who have an organization.
    Organization,
    /// Of the deleted.
    Deleted,
}

impl Family {
    /// What is read to have the family's entries in the order of a column.
    fn index(self, field: SortField) -> String {
        let column = Source::column(field);
        match (self, field) {
            // Everybody by name is in a table, which is an index where a database has one instead.
            (Self::All, SortField::Name) => "user_by_name".to_owned(),
            (Self::All, _) => format!("user INDEXED BY user_all_{column}"),
            (Self::Team, _) => format!("user INDEXED BY user_team_{column}"),
            (Self::Organization, _) => format!("user INDEXED BY user_organization_{column}"),
            (Self::Deleted, _) => format!("deleted_user INDEXED BY deleted_user_{column}"),
        }
    }

    /// The condition under which a row is in the family's indexes.
    const fn condition(self) -> &'static str {
        match self {
            Self::Team => " AND role > 0",
            Self::All | Self::Organization | Self::Deleted => "",
        }
    }
}

/// The entries of an index that are in a list.
///
/// Those that are not are passed over while the index is read: the few agents and admins among
/// end users, or those of the team, which is small, whom a list does not have.
#[derive(Debug, Clone)]
pub(super) struct Source {
    family: Family,
    /// Conditions that every entry must meet, and what stands for their question marks.
    conditions: String,
    values: Vec<Edge>,
    /// Which names are in the list, if not all.
    names: Option<Range>,
}

impl Source {
    /// Everybody in an account.
    pub(super) fn everybody(account: AccountId) -> Self {
        Self::new(Family::All, account)
    }

    /// The deleted of an account.
    pub(super) fn deleted(account: AccountId) -> Self {
        Self::new(Family::Deleted, account)
    }

    /// The users of a list; its `external_id` is not looked at.
    pub(super) fn of(account: AccountId, filter: &UserFilter) -> Self {
        let end_users = filter.roles.contains(Role::EndUser);
        // Nobody but members of the team is in a group or has a custom role.
        let team = !end_users
            || filter.custom_role.is_some()
            || matches!(filter.segment, Segment::Group(_));
        let family = match filter.segment {
            _ if team => Family::Team,
            Segment::Organization(_) => Family::Organization,
            Segment::Account | Segment::Group(_) => Family::All,
        };
        let mut source = Self::new(family, account);
        match filter.segment {
            Segment::Account => {}
            Segment::Organization(id) => source.in_organization(id),
            Segment::Group(id) => source.in_group(account, id),
        }
        if let Some(id) = filter.custom_role {
            source.with_custom_role(id);
        }
        if filter.roles != Roles::ALL {
            source.with_roles(filter.roles);
        }
        source.names = filter.name_prefix.as_ref().map(|prefix| Range::of_prefix(prefix.as_str()));
        source
    }

    /// Whether the list in the order of names is read from the index of everybody by name.
    pub(super) fn is_everybody(&self) -> bool {
        self.family == Family::All
    }

    fn new(family: Family, account: AccountId) -> Self {
        let conditions = "account_id = ?".to_owned();
        Self { family, conditions, values: vec![Edge::Number(account.get())], names: None }
    }

    fn require(&mut self, condition: &str, value: i64) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
        self.values.push(Edge::Number(value));
    }

    fn in_organization(&mut self, id: OrganizationId) {
        self.require("organization_id = ?", id.0);
    }

    fn with_custom_role(&mut self, id: CustomRoleId) {
        self.require("custom_role_id = ?", id.0);
    }

    fn with_roles(&mut self, roles: Roles) {
        let bit = |role| if roles.contains(role) { 1 << role_number(role) } else { 0_i64 };
        let bits = bit(Role::EndUser) | bit(Role::Agent) | bit(Role::Admin);
        self.require("((CAST(? AS BIGINT) >> CAST(role AS INTEGER)) & 1) = 1", bits);
    }

    /// A membership is found by what makes it unique.
    fn in_group(&mut self, account: AccountId, id: GroupId) {
        let condition = "EXISTS (SELECT 1 FROM record INDEXED BY record_unique_key \
                         WHERE record.account_id = ? AND kind = 3 \
                         AND unique_key = CAST(user.user_id AS TEXT) || ?)";
        self.require(condition, account.get());
        self.values.push(Edge::Text(format!("/{id}")));
    }

    /// The column that users are sorted by.
    pub(super) const fn column(field: SortField) -> &'static str {
        match field {
            SortField::Id => "user_id",
            SortField::Name => "name_key",
            SortField::CreatedAt => "created_at",
            SortField::UpdatedAt => "updated_at",
        }
    }

    /// What may stand in the column that users are sorted by.
    pub(super) fn range(&self, field: SortField) -> Range {
        match (field, &self.names) {
            (SortField::Name, Some(names)) => names.clone(),
            (SortField::Name, None) => Range::of_prefix(""),
            (SortField::Id | SortField::CreatedAt | SortField::UpdatedAt, _) => Range::NUMBERS,
        }
    }

    /// A statement over the index for `field` that yields `what`, up to where further conditions
    /// follow, with what stands for the question marks so far.
    pub(super) fn statement(&self, field: SortField, what: &str) -> (String, Vec<Edge>) {
        let (index, in_index) = (self.family.index(field), self.family.condition());
        let mut sql = format!("SELECT {what} FROM {index} WHERE {}{in_index}", self.conditions);
        let mut values = self.values.clone();
        // In the index by name the range of names is that of the column. The other ones do not
        // have the name: it is looked up.
        if let Some(names) = &self.names
            && field != SortField::Name
        {
            sql.push_str(" AND name_key >= ? AND name_key < ?");
            values.extend([names.low.clone(), names.high.clone()]);
        }
        (sql, values)
    }
}
