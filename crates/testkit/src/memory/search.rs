//! Searching users.

use std::sync::Arc;

use roster_directory::{
    OrganizationId, Record, RecordKey, RecordKind, SEARCH_LIMIT, SearchPage, SearchQuery, User,
};

use super::rows::AccountRows;

impl AccountRows {
    pub(super) fn search(&self, query: &SearchQuery, offset: u64, limit: u64) -> SearchPage {
        let organization = |name: &str| self.organization_meant_by(name);
        let found = self.users.values().filter(|user| query.matches(user, organization));
        let mut found: Vec<&Arc<User>> = found.collect();
        found.sort_by_key(|user| user.user_id);
        found.truncate(as_size(SEARCH_LIMIT));
        let count = found.len() as u64;
        let users = found.into_iter().skip(as_size(offset)).take(as_size(limit)).cloned().collect();
        SearchPage { users, count }
    }

    /// The organization with this number, or else with this name.
    fn organization_meant_by(&self, name: &str) -> Option<OrganizationId> {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_number.then(|| name.parse().ok()).flatten();
        let by_number = number.map(|id| RecordKey::Id(RecordKind::Organization, id));
        let by_name = RecordKey::organization_named(name);
        let found = by_number.and_then(|key| self.record_with(&key));
        match found.or_else(|| self.record_with(&by_name))? {
            Record::Organization(organization) => Some(organization.id),
            Record::Group(_) | Record::Membership(_) | Record::CustomRole(_) => None,
        }
    }
}

/// A number of users as the size of a list.
fn as_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
