//! Lists of users.

use std::sync::Arc;

use roster_directory::{SEARCH_LIMIT, Segment, User, UserFilter, UserList, UserPage};

use super::rows::AccountRows;

impl AccountRows {
    pub(super) fn list(&self, list: &UserList) -> UserPage {
        list.select(self.listed(&list.filter).cloned().collect())
    }

    pub(super) fn count(&self, filter: &UserFilter) -> u64 {
        let count = self.listed(filter).count() as u64;
        if filter.name_prefix.is_some() { count.min(SEARCH_LIMIT) } else { count }
    }

    fn listed(&self, filter: &UserFilter) -> impl Iterator<Item = &Arc<User>> {
        let in_group = |user: &User| match filter.segment {
            Segment::Account | Segment::Organization(_) => true,
            Segment::Group(group) => self.groups_of(user.user_id).any(|own| own == group),
        };
        self.users.values().filter(move |user| in_group(user) && filter.matches(user))
    }
}
