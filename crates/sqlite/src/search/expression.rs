//! Queries in the words of the index.

use std::collections::HashMap;

use roster_directory::{Condition, OrganizationId, Role, Roles, SearchQuery};

use super::words::{WORD, organization_term, role_term};

/// Which organizations the names or numbers in a query stand for.
pub(super) type Organizations = HashMap<Box<str>, OrganizationId>;

/// Stands for the prefix of a block. No word holds it.
const PREFIX: char = '\u{1}';

const ROLES: [Role; 3] = [Role::EndUser, Role::Agent, Role::Admin];

/// An expression that says for each block which of its users a query finds. It says so exactly:
/// nobody has to be looked at again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expression(String);

/// A condition as an expression.
enum Term {
    Nobody,
    Everybody,
    Some(String),
}

impl Expression {
    /// The expression of a query; `None` if it finds nobody.
    pub(super) fn of(query: &SearchQuery, organizations: &Organizations) -> Option<Self> {
        let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
        for clause in query.clauses() {
            match (term(&clause.condition, organizations), clause.negated) {
                (Term::Nobody, false) | (Term::Everybody, true) => return None,
                (Term::Nobody, true) | (Term::Everybody, false) => {}
                (Term::Some(term), false) => wanted.push(term),
                (Term::Some(term), true) => unwanted.push(term),
            }
        }
        if wanted.is_empty() {
            // Something must be found that the unwanted are taken from.
            wanted.push(roles_term(Roles::ALL));
        }
        let mut expression = format!("({})", wanted.join(" AND "));
        if !unwanted.is_empty() {
            expression.push_str(" NOT (");
            expression.push_str(&unwanted.join(" OR "));
            expression.push(')');
        }
        Some(Self(expression))
    }

    /// The expression for the block whose terms begin with `prefix`.
    pub(super) fn within(&self, prefix: &str) -> String {
        self.0.replace(PREFIX, prefix)
    }
}

fn term(condition: &Condition, organizations: &Organizations) -> Term {
    match condition {
        Condition::Roles(Roles::NONE) => Term::Nobody,
        Condition::Roles(Roles::ALL) => Term::Everybody,
        Condition::Roles(roles) => Term::Some(roles_term(*roles)),
        Condition::Organization(name) => organizations.get(name).map_or(Term::Nobody, |id| {
            Term::Some(format!("\"{PREFIX}{}\"", organization_term(*id)))
        }),
        Condition::Words { words, .. } if words.is_empty() => Term::Nobody,
        Condition::Words { field, words, prefix } => {
            let mut phrase = String::new();
            if let Some(field) = field {
                phrase.push_str(field.name());
                phrase.push_str(" : ");
            }
            phrase.push('"');
            for word in words {
                phrase.extend([PREFIX, WORD]);
                phrase.push_str(word);
                phrase.push(' ');
            }
            phrase.push('"');
            if *prefix {
                phrase.push('*');
            }
            Term::Some(phrase)
        }
    }
}

fn roles_term(roles: Roles) -> String {
    let terms = ROLES.into_iter().filter(|role| roles.contains(*role));
    let terms: Vec<_> = terms.map(|role| format!("\"{PREFIX}{}\"", role_term(role))).collect();
    format!("({})", terms.join(" OR "))
}
