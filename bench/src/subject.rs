//! What is measured: a server and a kind of request.

use std::fmt;

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// nginx, which answers a constant.
    Nginx,
    /// The bare axum handler, which answers the same constant.
    BareAxum,
    /// roster: one end user out of a few.
    HotGet,
    /// roster: one end user out of all.
    UniformGet,
    /// roster: the first hundred end users.
    FirstPage,
    /// roster: a hundred end users in the middle of the list.
    MiddlePage,
    /// roster: a hundred end users near the end of the list.
    LastPage,
    /// roster: a new end user with an external id.
    CreateWithExternalId,
    /// roster: a new end user without an external id.
    CreateWithoutExternalId,
}

impl Subject {
    /// What is measured while the store holds just the users that it was loaded with.
    pub(crate) const READS: [Self; 7] = [
        Self::Nginx,
        Self::BareAxum,
        Self::HotGet,
        Self::UniformGet,
        Self::FirstPage,
        Self::MiddlePage,
        Self::LastPage,
    ];
    /// What makes the store larger, and is therefore measured last. The baselines are measured
    /// again, so that they share their rounds with what they are compared to.
    pub(crate) const WRITES: [Self; 4] =
        [Self::Nginx, Self::BareAxum, Self::CreateWithExternalId, Self::CreateWithoutExternalId];
    /// The three places in the list.
    pub(crate) const PAGES: [Self; 3] = [Self::FirstPage, Self::MiddlePage, Self::LastPage];
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Nginx => "nginx, constant answer",
            Self::BareAxum => "bare axum, constant answer",
            Self::HotGet => "roster, get by id, hot users",
            Self::UniformGet => "roster, get by id, all users",
            Self::FirstPage => "roster, list of 100, first page",
            Self::MiddlePage => "roster, list of 100, in the middle",
            Self::LastPage => "roster, list of 100, near the end",
            Self::CreateWithExternalId => "roster, create, with external id",
            Self::CreateWithoutExternalId => "roster, create, without external id",
        })
    }
}
