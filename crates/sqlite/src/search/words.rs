//! The terms that a user has in the index.
//!
//! A word is a term together with the account and the block that the user is in: `12.0.grace`.
//! What is not written in words is a term that no word can be: `12.0-admin`.
//!
//! SQLite finds the first term that is not before another by passing over the places of the one
//! before it. So `12.0/`, which few users have, stands between the last word of a block, which
//! all of them may have, and the next block.

use std::fmt::Write as _;

use roster_directory::{AccountId, OrganizationId, Role, SearchField, User, searched_words};

/// The columns of the index: those of [`SearchField`] in their order, and one more.
pub(super) const COLUMNS: usize = SearchField::ALL.len() + 1;

/// The column of what is not written in words.
const TRAITS: usize = COLUMNS - 1;

/// What follows the prefix of a block in the term that comes after its words.
const END: char = '/';

/// One user in so many has that term.
const END_INTERVAL: i64 = 64;

/// Between two texts of the same field, so that no phrase goes from one into the other.
const BREAK: &str = "|";

/// What stands before the terms of a block.
pub(super) fn prefix_of(account: AccountId, block: usize) -> String {
    format!("{account}.{block}")
}

/// What stands between the prefix of a block and a word.
pub(super) const WORD: char = '.';

/// A role as a term, but for the prefix.
pub(super) const fn role_term(role: Role) -> &'static str {
    match role {
        Role::EndUser => "-end-user",
        Role::Agent => "-agent",
        Role::Admin => "-admin",
    }
}

/// An organization as a term, but for the prefix.
pub(super) fn organization_term(organization: OrganizationId) -> String {
    format!("-organization-{organization}")
}

/// What is indexed of a user: for each column its terms.
///
/// It is used again for one user after the other, for it is made for each user of a store.
#[derive(Default)]
pub(super) struct Document {
    columns: [String; COLUMNS],
}

impl Document {
    /// Describes another user, who is in this block.
    pub(super) fn describe(&mut self, prefix: &str, user: &User) {
        self.columns.iter_mut().for_each(String::clear);
        for (field, words) in searched_words(user) {
            let Some(column) = self.columns.get_mut(field as usize) else { continue };
            if !column.is_empty() && !words.is_empty() {
                column.push_str(BREAK);
                column.push(' ');
            }
            for word in words {
                column.push_str(prefix);
                column.push(WORD);
                column.push_str(&word);
                column.push(' ');
            }
        }
        let traits = &mut self.columns[TRAITS];
        traits.push_str(prefix);
        traits.push_str(role_term(user.role));
        if let Some(organization) = user.support.organization_id {
            // Writing to a string cannot fail.
            let _ = write!(traits, " {prefix}{}", organization_term(organization));
        }
        if user.user_id.get() % END_INTERVAL == 0 {
            let _ = write!(traits, " {prefix}{END}");
        }
    }

    /// The columns that have something.
    pub(super) fn columns(&self) -> impl Iterator<Item = Option<&str>> {
        self.columns.iter().map(|text| (!text.is_empty()).then_some(text.as_str()))
    }
}
