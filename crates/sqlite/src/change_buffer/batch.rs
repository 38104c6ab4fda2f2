//! Entries that are merged together.

use std::sync::Arc;

use super::unmerged::{Holder, Unmerged};

/// An entry of one of the two indexes. They sort as they do there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    /// Of the users by name.
    Name { account: i64, name: Arc<str>, user: i64, role: i64 },
    /// Of the identities by value.
    Value { account: i64, kind: i64, value: Arc<str>, holder: Holder },
}

impl Entry {
    /// The number of the user whom it is about.
    pub(super) fn user(&self) -> i64 {
        match self {
            Self::Name { user, .. } => *user,
            Self::Value { holder, .. } => holder.user,
        }
    }
}

/// Entries, the first of which are merged already.
#[derive(Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    merged: usize,
}

/// Those of a batch that a group merges.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    from: usize,
    to: usize,
}

impl Part {
    pub(super) const fn is_nothing(self) -> bool {
        self.from == self.to
    }
}

impl Batch {
    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lowest number of a user in it.
    pub(super) fn lowest(&self) -> Option<i64> {
        self.entries.iter().map(Entry::user).min()
    }

    /// Takes all entries of another batch in, and sorts them with those that are left.
    pub(super) fn sort_in(&mut self, other: &mut Self) {
        self.entries.append(&mut other.entries);
        self.entries[self.merged..].sort_unstable();
    }

    /// The next `most` entries that are not merged.
    pub(super) fn part(&self, most: usize) -> Part {
        let to = self.entries.len().min(self.merged.saturating_add(most));
        Part { from: self.merged, to }
    }

    pub(super) fn entries(&self, part: Part) -> &[Entry] {
        self.entries.get(part.from..part.to).unwrap_or_default()
    }

    /// Whether nothing is left when a part is merged.
    pub(super) fn ends_with(&self, part: Part) -> bool {
        part.to == self.entries.len()
    }

    /// Notes that a part is merged, also for those who read. From then on an entry like one of these
    /// is another one: the numbers of a group that failed are given out again.
    pub(super) fn remove(&mut self, part: Part, unmerged: &Unmerged) {
        unmerged.remove(self.entries(part));
        self.merged = self.merged.max(part.to);
        if self.merged == self.entries.len() {
            *self = Self::default();
        }
    }
}
