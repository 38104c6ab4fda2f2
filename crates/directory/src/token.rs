//! Bearer tokens and what they allow.
//!
//! The plain token never comes here; the domain and the stores know its hash.

use std::fmt;
use std::str::FromStr;

use crate::{AccountId, Text, Timestamp, TokenId, UserId};

/// The SHA-256 of a plain token. Tokens are long and random, so no slower hash is needed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash(…)")
    }
}

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $bit:literal, $name:literal;)*) => {
        /// One thing that a token may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Scope {
            $($(#[$doc])* $variant = $bit,)*
        }

        impl Scope {
            /// Every scope there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The scope's name, as the command line and the errors spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

scopes! {
    /// Read end users in Ada's dialect, and the channels and conversations they are in.
    EndUsersRead = 1, "end_users:read";
    /// Create and change end users in Ada's dialect.
    EndUsersWrite = 2, "end_users:write";
    /// Read users in Zendesk's dialect.
    UsersRead = 4, "users:read";
    /// Create, change and delete users in Zendesk's dialect.
    UsersWrite = 8, "users:write";
    /// Create and change channels and conversations.
    ConversationsWrite = 16, "conversations:write";
    /// Manage webhook endpoints.
    WebhooksManage = 32, "webhooks:manage";
    /// Read sensitive values through roster's own API.
    SensitiveRead = 64, "sensitive:read";
    /// Administer the account.
    Admin = 128, "admin";
}

/// No scope has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such scope; the scopes are {}", Scopes::ALL)]
pub struct MalformedScope;

impl FromStr for Scope {
    type Err = MalformedScope;

    fn from_str(text: &str) -> Result<Self, MalformedScope> {
        Self::ALL.iter().find(|scope| scope.name() == text).copied().ok_or(MalformedScope)
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// Every scope.
    pub const ALL: Self = Self(255);
    /// What a server token may do: everything but read sensitive values and administer.
    pub const SERVER: Self = Self(255 - Scope::SensitiveRead as u16 - Scope::Admin as u16);

    /// The set as a store kept it; bits that no scope has are dropped.
    #[must_use]
    pub const fn from_stored(bits: u16) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The set as bits, for a store.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether the set has `scope`.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope as u16 != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope as u16))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Scope::ALL
            .iter()
            .filter(|scope| self.contains(**scope))
            .map(|scope| scope.name())
            .collect();
        formatter.write_str(&names.join(", "))
    }
}

/// What it takes to make a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its public identifier.
    pub id: TokenId,
    /// The hash by which it is found.
    pub hash: TokenHash,
    /// What a person calls it; may be empty.
    pub label: Text,
    /// The address of the user it acts for; the account's owner when there is none.
    pub user_email: Option<Text>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A token as it is listed. Nothing here is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its public identifier.
    pub id: TokenId,
    /// The account it belongs to.
    pub account: AccountId,
    /// The user it acts for.
    pub user: UserId,
    /// What a person calls it; may be empty.
    pub label: Text,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// Whom a request speaks for: what a valid token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The token.
    pub token: TokenId,
    /// The account it belongs to.
    pub account: AccountId,
    /// The user it acts for.
    pub user: UserId,
    /// What it may do.
    pub scopes: Scopes,
}
