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
    /// nginx, which answers a constant page of users.
    NginxPage,
    /// roster, Zendesk's dialect: the first hundred users, by cursor.
    UsersFirst,
    /// roster, Zendesk's dialect: a hundred users in the middle, by cursor.
    UsersMiddle,
    /// roster, Zendesk's dialect: a hundred users near the end, by cursor.
    UsersLast,
    /// roster, Zendesk's dialect: the first page by number.
    UsersPageOne,
    /// roster, Zendesk's dialect: the hundredth page by number.
    UsersPageHundred,
    /// roster, Zendesk's dialect: the agents, of whom there is one among ten thousand users.
    Agents,
    /// roster, Zendesk's dialect: the first hundred users by name.
    UsersByName,
    /// roster, Zendesk's dialect: a search for a word that every user has.
    SearchCommon,
    /// roster, Zendesk's dialect: a search for a word that one user has.
    SearchRare,
    /// roster, Zendesk's dialect: the user with an external id.
    ByExternalId,
    /// roster: a new end user with an external id.
    CreateWithExternalId,
    /// roster: a new end user without an external id.
    CreateWithoutExternalId,
}

impl Subject {
    /// What is measured while the store holds just the users that it was loaded with.
    pub(crate) const READS: [Self; 18] = [
        Self::Nginx,
        Self::BareAxum,
        Self::HotGet,
        Self::UniformGet,
        Self::FirstPage,
        Self::MiddlePage,
        Self::LastPage,
        Self::NginxPage,
        Self::UsersFirst,
        Self::UsersMiddle,
        Self::UsersLast,
        Self::UsersPageOne,
        Self::UsersPageHundred,
        Self::Agents,
        Self::UsersByName,
        Self::SearchCommon,
        Self::SearchRare,
        Self::ByExternalId,
    ];
    /// What makes the store larger, and is therefore measured last. The baselines are measured
    /// again, so that they share their rounds with what they are compared to.
    pub(crate) const WRITES: [Self; 4] =
        [Self::Nginx, Self::BareAxum, Self::CreateWithExternalId, Self::CreateWithoutExternalId];
    /// The three places in the list of Ada's dialect.
    pub(crate) const PAGES: [Self; 3] = [Self::FirstPage, Self::MiddlePage, Self::LastPage];
    /// The three places in the list of Zendesk's dialect.
    pub(crate) const USERS: [Self; 3] = [Self::UsersFirst, Self::UsersMiddle, Self::UsersLast];
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
            Self::NginxPage => "nginx, constant page of users",
            Self::UsersFirst => "roster, users, first by cursor",
            Self::UsersMiddle => "roster, users, middle by cursor",
            Self::UsersLast => "roster, users, end by cursor",
            Self::UsersPageOne => "roster, users, page 1",
            Self::UsersPageHundred => "roster, users, page 100",
            Self::Agents => "roster, users, agents only",
            Self::UsersByName => "roster, users, by name",
            Self::SearchCommon => "roster, search, common word",
            Self::SearchRare => "roster, search, rare word",
            Self::ByExternalId => "roster, users, by external id",
            Self::CreateWithExternalId => "roster, create, with external id",
            Self::CreateWithoutExternalId => "roster, create, without external id",
        })
    }
}
