//! The terms that a user has in the index.
//!
//! A word is a term together with the account and the block that the user is in: `12.0.grace`.
//! What is not written in words is a term that no word can be: `12.0-admin`.
//!
//! SQLite finds the first term that is not before another by passing over the places of the one
//! before it. So `12.0.-`, which few users have, stands between what all users of a block have and
//! its first word, and `12.0/` between its last word, which all of them may have, and the next block.

use std::fmt::Write as _;

use roster_directory::{
    AccountId, OrganizationId, Role, SearchField, User, UserId, searched_words,
};

/// The columns of the index: those of [`SearchField`] in their order, and one more.
pub(super) const COLUMNS: usize = SearchField::ALL.len() + 1;

/// The column of what is not written in words.
const TRAITS: usize = COLUMNS - 1;

/// What follows the prefix of a block in the term that comes after its words.
const END: char = '/';

/// What follows the prefix of a block and [`WORD`] in the term that comes before its words.
const BEGIN: char = '-';

/// One user in so many, as a power of two, has these terms.
const RARELY: u32 = 6;

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

/// Whether a user has the terms that few have. Numbers of users may all be odd, or far apart, so
/// they are mixed.
fn is_chosen(id: UserId) -> bool {
    let mixed = id.get().unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed >> (u64::BITS - RARELY) == 0
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
        if is_chosen(user.user_id) {
            let _ = write!(traits, " {prefix}{END} {prefix}{WORD}{BEGIN}");
        }
    }

    /// The columns that have something.
    pub(super) fn columns(&self) -> impl Iterator<Item = Option<&str>> {
        self.columns.iter().map(|text| (!text.is_empty()).then_some(text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_users_are_chosen_whatever_their_numbers_have_in_common() {
        for (first, step) in [(1_000_000_000_001, 2), (1_000_000_000_002, 2), (1, 1), (7, 64)] {
            let numbers = (0..10_000).map(|place| UserId::from_stored(first + step * place));
            let chosen = numbers.filter(|id| is_chosen(*id)).count();
            assert!((100..=220).contains(&chosen), "{first} + {step} n: {chosen}");
        }
    }
}
