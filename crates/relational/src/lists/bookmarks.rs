//! Where pages by number begin.
//!
//! To find the page after ten thousand users, as many entries of an index are stepped over. While
//! no user of the account changes, that is done once for each page: then it is known after whom
//! the page comes, and so is the one that follows it.

use roster_directory::{AccountId, Segment, StoreError, Timestamp, UserFilter, UserSort};

use super::place::Place;
use super::walk::Walk;

/// The places in which pages of lists begin, as long as the account's users stay as they are.
pub struct Bookmarks {
    marks: quick_cache::sync::Cache<Page, Mark>,
    /// So many users are stepped over sooner than a place is looked up.
    least: u64,
}

/// A page by number, whatever its size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Page {
    account: AccountId,
    filter: UserFilter,
    sort: UserSort,
    /// How many users come before it.
    offset: u64,
}

/// The last place before a page, which was found when the account last changed at this moment.
#[derive(Debug, Clone)]
struct Mark {
    last_change: Timestamp,
    place: Place,
}

impl Bookmarks {
    /// How many there are at most. Each takes a few hundred bytes.
    const LIMIT: usize = 4096;

    /// None yet; there will be some for pages with more than `least` users before them.
    #[must_use]
    pub fn new(least: u64) -> Self {
        Self { marks: quick_cache::sync::Cache::new(Self::LIMIT), least }
    }

    /// None, now and later.
    #[must_use]
    pub fn none() -> Self {
        Self { marks: quick_cache::sync::Cache::new(0), least: u64::MAX }
    }

    /// The page of a list with so many users before it, unless there can be no bookmark for it:
    /// who is in a group changes without a change of a user.
    pub(super) fn page(
        &self,
        account: AccountId,
        filter: &UserFilter,
        sort: UserSort,
        offset: u64,
    ) -> Option<Page> {
        let lasting = match filter.segment {
            Segment::Account | Segment::Organization(_) => true,
            Segment::Group(_) => false,
        };
        (lasting && offset > self.least).then(|| Page {
            account,
            filter: filter.clone(),
            sort,
            offset,
        })
    }

    /// The first `limit` places from the beginning of a page on, in the state of this last change.
    pub(super) fn read(
        &self,
        walk: &Walk<'_>,
        page: Page,
        last_change: Timestamp,
        limit: usize,
    ) -> Result<Vec<Place>, StoreError> {
        let mark = self.marks.get(&page).filter(|mark| mark.last_change == last_change);
        if let Some(mark) = mark {
            return walk.beyond(&mark.place, limit);
        }
        // With the place before them, which is to be noted.
        let mut places = walk.skip(page.offset - 1, limit + 1)?.into_iter();
        if let Some(before) = places.next() {
            self.note(page, last_change, before);
        }
        Ok(places.collect())
    }

    /// Notes after which place a page comes in the state of this last change.
    pub(super) fn note(&self, page: Page, last_change: Timestamp, place: Place) {
        self.marks.insert(page, Mark { last_change, place });
    }
}
