//! Lists, a page at a time.

/// How many items a page may have: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u8);

impl PageLimit {
    /// The largest page, and the size of a page when nobody asks for another.
    pub const MAX: Self = Self(100);

    /// The limit, or `None` when it is not within 1 to 100.
    #[must_use]
    pub fn new(limit: u64) -> Option<Self> {
        let limit = u8::try_from(limit).ok()?;
        (1..=Self::MAX.0).contains(&limit).then_some(Self(limit))
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self::MAX
    }
}

/// Which page of a list that ascends by `Id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<Id> {
    /// Where to start: at this id, or at the next one there is if it is gone. `None` is the
    /// beginning.
    pub from: Option<Id>,
    /// How many items at most.
    pub limit: PageLimit,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<Item, Id> {
    /// The items, ascending.
    pub items: Vec<Item>,
    /// The id that the next page starts at; `None` at the end of the list.
    pub next: Option<Id>,
}

impl<Item, Id> Page<Item, Id> {
    /// The page that these rows are, of which there is one more than asked for if the list goes
    /// on.
    pub fn from_rows(mut rows: Vec<Item>, limit: PageLimit, id: impl Fn(&Item) -> Id) -> Self {
        let next = rows.get(limit.get()).map(id);
        rows.truncate(limit.get());
        Self { items: rows, next }
    }
}
