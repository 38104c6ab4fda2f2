//! Accounts: the tenants.

use std::fmt;

use crate::{AccountId, EndUserId, Text, Timestamp};

/// An account's name: 1 to 100 characters, no control characters, unique in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName(Box<str>);

impl AccountName {
    /// The name, trimmed; `None` when it is empty, too long or holds a control character.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let name = text.trim();
        let fits = (1..=100).contains(&name.chars().count());
        (fits && !name.chars().any(char::is_control)).then(|| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its name.
    pub name: AccountName,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What it takes to make an account. Every account is born with one owner, a user of role admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name.
    pub name: AccountName,
    /// The owner's address, if one is known.
    pub owner_email: Option<Text>,
    /// The owner's identifier in Ada's dialect, where nobody sees an admin.
    pub owner_end_user_id: EndUserId,
    /// When it is made.
    pub created_at: Timestamp,
}

/// How many users an account has. Kept up with every write, never counted by a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UserCounts {
    /// Users of role end-user.
    pub end_users: u64,
    /// Users of role agent.
    pub agents: u64,
    /// Users of role admin.
    pub admins: u64,
}

/// An account and the number of its users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSummary {
    /// The account.
    pub account: Account,
    /// Its users by role.
    pub users: UserCounts,
}
