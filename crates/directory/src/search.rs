//! Searching users by words.
//!
//! What a query means is said here, once: [`SearchQuery::matches`]. A store finds candidates with
//! an index of [`searched_words`], and asks `matches` where the index alone cannot tell.

use crate::{OrganizationId, Role, Roles, User, UserState};

/// The most users that a search finds (contract Zendesk §6).
pub const SEARCH_LIMIT: u64 = 10_000;

/// The most clauses of a query that count.
const CLAUSES_LIMIT: usize = 32;

macro_rules! search_fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// A part of a user that is searched.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SearchField {
            $($(#[$doc])* $variant,)*
        }

        impl SearchField {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in a query.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

search_fields! {
    /// The name.
    Name = "name";
    /// The email address.
    Email = "email";
    /// The phone number.
    Phone = "phone";
    /// The external id.
    ExternalId = "external_id";
    /// The notes of the team.
    Notes = "notes";
    /// The details.
    Details = "details";
    /// The tags.
    Tags = "tags";
}

/// A condition of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// These words, one after the other, in one field, or in any if none is named.
    Words {
        /// Where they are looked for.
        field: Option<SearchField>,
        /// The words, in lower case; at least one.
        words: Vec<Box<str>>,
        /// Whether the last word may be the beginning of one.
        prefix: bool,
    },
    /// One of these roles.
    Roles(Roles),
    /// The organization that is named like this, in lower case, or has this number.
    Organization(Box<str>),
}

/// A condition, or that it is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Whether it must not be met.
    pub negated: bool,
    /// The condition.
    pub condition: Condition,
}

/// What is searched for: users who meet every clause. Without any, that is everybody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchQuery {
    clauses: Vec<Clause>,
}

impl SearchQuery {
    /// Reads a query: words, `"phrases"`, `field:value`, and any of these after a `-`.
    ///
    /// No text is malformed: what cannot be read as anything else is words. `type:user` says
    /// nothing here and is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut clauses = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() && clauses.len() < CLAUSES_LIMIT {
            let negated = rest.len() > 1 && rest.starts_with('-');
            if negated {
                rest = &rest[1..];
            }
            let (field, value, after) = next_item(rest);
            rest = after.trim_start();
            if let Some(condition) = condition(field, value) {
                clauses.push(Clause { negated, condition });
            }
        }
        Self { clauses }
    }

    /// The clauses.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The names or numbers of organizations that the query has.
    pub fn organizations(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().filter_map(|clause| match &clause.condition {
            Condition::Organization(name) => Some(&**name),
            Condition::Words { .. } | Condition::Roles(_) => None,
        })
    }

    /// Whether the query finds this user. `organization` says which organization a name or number
    /// of the query stands for.
    #[must_use]
    pub fn matches(
        &self,
        user: &User,
        organization: impl Fn(&str) -> Option<OrganizationId>,
    ) -> bool {
        let mut texts = None;
        user.state == UserState::Active
            && self.clauses.iter().all(|clause| {
                let met = match &clause.condition {
                    Condition::Roles(roles) => roles.contains(user.role),
                    Condition::Organization(name) => organization(name)
                        .is_some_and(|id| user.support.organization_id == Some(id)),
                    Condition::Words { field, words, prefix } => texts
                        .get_or_insert_with(|| searched_words(user))
                        .iter()
                        .filter(|(own, _)| field.is_none_or(|field| field == *own))
                        .any(|(_, text)| has_phrase(text, words, *prefix)),
                };
                met != clause.negated
            })
    }
}

/// The next item of a query: a field if one is named, a value, and what comes after it.
fn next_item(text: &str) -> (Option<&str>, Value<'_>, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let name = text[..end].find(':').map(|colon| &text[..colon]);
    let name = name.filter(|name| !name.is_empty() && !name.contains('"'));
    let value = name.map_or(text, |name| &text[name.len() + 1..]);
    if let Some(quoted) = value.strip_prefix('"') {
        let close = quoted.find('"').unwrap_or(quoted.len());
        let after = quoted.get(close + 1..).unwrap_or_default();
        return (name, Value { text: &quoted[..close], quoted: true }, after);
    }
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    (name, Value { text: &value[..end], quoted: false }, &value[end..])
}

struct Value<'a> {
    text: &'a str,
    quoted: bool,
}

/// The condition that an item is, unless it says nothing.
fn condition(field: Option<&str>, value: Value<'_>) -> Option<Condition> {
    let Some(name) = field else { return words_condition(None, &value) };
    match name.to_ascii_lowercase().as_str() {
        "type" => None,
        "role" => {
            let role = match value.text.to_ascii_lowercase().as_str() {
                "end-user" | "end_user" | "enduser" => Roles::NONE.with(Role::EndUser),
                "agent" => Roles::NONE.with(Role::Agent),
                "admin" => Roles::NONE.with(Role::Admin),
                _ => Roles::NONE,
            };
            Some(Condition::Roles(role))
        }
        "organization" | "organization_id" => {
            Some(Condition::Organization(value.text.trim().to_lowercase().into()))
        }
        name => {
            let field = SearchField::ALL.iter().copied().find(|field| field.name() == name);
            let field = field.or((name == "user").then_some(SearchField::Name));
            if field.is_some() {
                return words_condition(field, &value);
            }
            // What looks like an unknown field is words: an address with a port, say.
            let mut words = words_of(name);
            words.extend(words_of(value.text));
            let prefix = !value.quoted;
            (!words.is_empty()).then_some(Condition::Words { field, words, prefix })
        }
    }
}

fn words_condition(field: Option<SearchField>, value: &Value<'_>) -> Option<Condition> {
    let text = value.text;
    let words = match number_in(text) {
        Some(number) => vec![number],
        None => words_of(text),
    };
    (!words.is_empty()).then_some(Condition::Words { field, words, prefix: !value.quoted })
}

/// The digits of a text that is a telephone number by its looks.
fn number_in(text: &str) -> Option<Box<str>> {
    let looks = |character: char| character.is_ascii_digit() || "+-(). /".contains(character);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(looks) && !digits.is_empty()).then(|| digits.into())
}

/// The words of a text: its runs of letters and digits, in lower case.
fn words_of(text: &str) -> Vec<Box<str>> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().into())
        .collect()
}

/// Everything of a user that is searched, field by field, as words in their order. A field that
/// has several texts is there several times.
#[must_use]
pub fn searched_words(user: &User) -> Vec<(SearchField, Vec<Box<str>>)> {
    let support = &*user.support;
    let mut texts = vec![(SearchField::Name, words_of(&user.name()))];
    let mut add = |field, text: Option<&str>| {
        if let Some(text) = text {
            texts.push((field, words_of(text)));
        }
    };
    add(SearchField::Email, user.profile.email.as_deref());
    add(SearchField::ExternalId, user.external_id.as_ref().map(crate::ExternalId::written));
    add(SearchField::Notes, support.notes.as_deref());
    add(SearchField::Details, support.details.as_deref());
    for tag in support.tags.iter() {
        add(SearchField::Tags, Some(tag));
    }
    add(SearchField::Phone, support.phone.as_deref());
    // A number is found however it is written: as one word of its digits, too.
    let numbers = [
        (SearchField::Phone, support.phone.as_deref()),
        (SearchField::ExternalId, user.external_id.as_ref().map(crate::ExternalId::written)),
    ];
    for (field, number) in numbers {
        texts.extend(number.and_then(number_in).map(|number| (field, vec![number])));
    }
    texts
}

/// Whether `text` has these words one after the other; the last may be the beginning of one.
fn has_phrase(text: &[Box<str>], words: &[Box<str>], prefix: bool) -> bool {
    let Some((last, first)) = words.split_last() else { return false };
    text.windows(words.len()).any(|window| {
        let Some((own_last, own_first)) = window.split_last() else { return false };
        own_first == first && (own_last == last || prefix && own_last.starts_with(&**last))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EndUserId, ObjectId, Text, Timestamp, UserId};

    fn user() -> User {
        let id = EndUserId(ObjectId::from_bytes([1; 12]));
        let now = Timestamp::from_micros(0);
        let mut user = User::blank(UserId::FIRST, id, Role::Agent, now);
        user.profile.display_name = Text::new("Grace Brewster Hopper").ok();
        user.profile.email = Text::new("Grace.Hopper@navy.example").ok();
        user.support.update(|support| {
            support.phone = Text::new("+1 (555) 123-4567").ok();
            support.notes = Text::new("Found the first bug.").ok();
            support.organization_id = Some(OrganizationId(7));
        });
        user
    }

    fn finds(query: &str) -> bool {
        let organization = |name: &str| (name == "us navy").then_some(OrganizationId(7));
        SearchQuery::parse(query).matches(&user(), organization)
    }

    #[test]
    fn words_are_found_by_their_beginning_in_any_field() {
        for query in ["gra", "HOPPER bug", "navy", "", "grace.hopper@navy", "+1555123", "type:user"]
        {
            assert!(finds(query), "{query}");
        }
        for query in ["race", "grace murray", "hopper@army", "nobody"] {
            assert!(!finds(query), "{query}");
        }
    }

    #[test]
    fn fields_phrases_and_negation_narrow() {
        for query in [
            "name:grace",
            "\"brewster hopper\"",
            "name:\"Grace Brewster\"",
            "role:agent",
            "organization:\"US Navy\"",
            "-role:admin -murray",
            "email:grace.hopper@navy.example",
            "phone:\"+1 (555) 123-4567\"",
        ] {
            assert!(finds(query), "{query}");
        }
        for query in [
            "name:navy",
            "\"grace hopper\" name:nobody",
            "\"brewster hop\"",
            "role:end-user",
            "role:unknown",
            "organization:army",
            "-grace",
            "notes:grace",
        ] {
            assert!(!finds(query), "{query}");
        }
    }
}
