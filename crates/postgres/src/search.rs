//! Searching users by their words.
//!
//! The words of a user are kept beside them, in the same commit, as terms of an index. A term
//! begins with the account, since the index is one for all of them. What the terms alone cannot
//! tell, `SearchQuery::matches` says of each user whom they find.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use roster_directory::{
    AccountId, Condition, OrganizationId, Role, Roles, SEARCH_LIMIT, SearchPage, SearchQuery,
    StoreError, User, UserId, searched_words,
};
use roster_relational::lists::Snapshot as _;
use roster_relational::params;
use roster_relational::sql::{Connection, query_all};
use roster_relational::tables::record;
use roster_relational::transaction::UserChange;
use tokio_postgres::types::Type;

use crate::row::Number;
use crate::session::Session;
use crate::snapshot::Snapshot;

/// How much of a word is a term.
const TERM_LIMIT: usize = 255;

/// How many users are looked at before it is seen whether there are enough.
const BATCH: usize = 500;

/// How long one query may take. Only one that is made to take long does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Lets the index follow what a group of units changed, in the same transaction.
pub(crate) fn follow(session: &Session, changes: &[UserChange]) -> Result<(), StoreError> {
    // Only what a user has come to in the end counts.
    let last: BTreeMap<(AccountId, UserId), Option<&Arc<User>>> = changes
        .iter()
        .map(|change| ((change.account, change.user_id), change.now.as_ref()))
        .collect();
    let mut kept = Vec::new();
    for ((account, id), user) in last {
        let Some(user) = user else {
            let sql = "DELETE FROM searched WHERE account_id = ?1 AND user_id = ?2";
            session.write(sql, params![account.get(), id.get()])?;
            continue;
        };
        kept.push((account, &**user));
    }
    keep(session, kept)
}

/// Keeps what these users are searched with, without waiting.
pub(crate) fn keep<'a>(
    session: &Session,
    users: impl IntoIterator<Item = (AccountId, &'a User)>,
) -> Result<(), StoreError> {
    let (mut accounts, mut ids, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (account, user) in users {
        accounts.push(account.get());
        ids.push(user.user_id.get());
        terms.push(Vec::from_iter(terms_of(account, user)).join(SEPARATOR));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO searched (account_id, user_id, terms) \
               SELECT account, id, array_to_tsvector(string_to_array(terms, $4)) \
               FROM unnest($1, $2, $3) AS given (account, id, terms) \
               ON CONFLICT (account_id, user_id) DO UPDATE SET terms = excluded.terms \
               WHERE searched.terms <> excluded.terms";
    session.send_rows(
        sql,
        vec![
            (Box::new(accounts), Type::INT8_ARRAY),
            (Box::new(ids), Type::INT8_ARRAY),
            (Box::new(terms), Type::TEXT_ARRAY),
            (Box::new(SEPARATOR), Type::TEXT),
        ],
    )
}

/// What stands between terms on their way to the server. No word holds it.
const SEPARATOR: &str = "\u{1f}";

/// What is found of a user.
fn terms_of(account: AccountId, user: &User) -> BTreeSet<String> {
    let mut terms = BTreeSet::from([role_term(account, user.role)]);
    terms.extend(user.support.organization_id.map(|id| organization_term(account, id)));
    for (_, words) in searched_words(user) {
        terms.extend(words.iter().map(|word| word_term(account, word)));
    }
    terms
}

fn word_term(account: AccountId, word: &str) -> String {
    let end = word.char_indices().map(|(start, _)| start).nth(TERM_LIMIT).unwrap_or(word.len());
    format!("{account}.{}", &word[..end])
}

fn role_term(account: AccountId, role: Role) -> String {
    match role {
        Role::EndUser => format!("{account}-end-user"),
        Role::Agent => format!("{account}-agent"),
        Role::Admin => format!("{account}-admin"),
    }
}

fn organization_term(account: AccountId, id: OrganizationId) -> String {
    format!("{account}-organization-{id}")
}

/// Which users a query may find, in the words of the index.
struct Candidates {
    /// A `tsquery`; `None` is everybody.
    expression: Option<String>,
    /// Whether the query finds all of them.
    exact: bool,
}

/// The users that a query finds, ascending by number: those after the first `offset`, at most
/// `limit`.
pub(crate) fn find(
    session: &Session,
    account: AccountId,
    query: &SearchQuery,
    offset: u64,
    limit: u64,
) -> Result<SearchPage, StoreError> {
    Snapshot::read(session, account, |snapshot| {
        let mut organizations = HashMap::new();
        for name in query.organizations() {
            organizations.insert(name, record::organization_called(session, account, name)?);
        }
        let organization = |name: &str| organizations.get(name).copied().flatten();
        let Some(candidates) = candidates(account, query, organization) else {
            return Ok(SearchPage::default());
        };
        let search = Search { session, account, candidates: &candidates, begin: Instant::now() };
        if candidates.exact {
            return search.exact_page(snapshot, offset, limit);
        }
        search.checked_page(snapshot, offset, limit, |user| query.matches(user, organization))
    })
}

struct Search<'a> {
    session: &'a Session,
    account: AccountId,
    candidates: &'a Candidates,
    begin: Instant,
}

impl Search<'_> {
    /// The page of a query that finds all candidates.
    fn exact_page(
        &self,
        snapshot: &mut Snapshot<'_>,
        offset: u64,
        limit: u64,
    ) -> Result<SearchPage, StoreError> {
        let all = usize::try_from(SEARCH_LIMIT).unwrap_or(usize::MAX);
        let ids = self.after(UserId::from_stored(i64::MIN), all)?;
        let count = ids.len() as u64;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let ids: Vec<_> = ids.into_iter().skip(from).take(most).collect();
        Ok(SearchPage { users: snapshot.users(&ids)?, count })
    }

    /// The page of a query that finds some of the candidates.
    fn checked_page(
        &self,
        snapshot: &mut Snapshot<'_>,
        offset: u64,
        limit: u64,
        matches: impl Fn(&User) -> bool,
    ) -> Result<SearchPage, StoreError> {
        let mut page = SearchPage::default();
        let mut last = UserId::from_stored(i64::MIN);
        loop {
            let ids = self.after(last, BATCH)?;
            for user in snapshot.users(&ids)?.into_iter().filter(|user| matches(user)) {
                if (offset..offset.saturating_add(limit)).contains(&page.count) {
                    page.users.push(user);
                }
                page.count += 1;
                if page.count == SEARCH_LIMIT {
                    return Ok(page);
                }
            }
            match ids.last() {
                Some(id) if ids.len() == BATCH => last = *id,
                Some(_) | None => return Ok(page),
            }
            if self.begin.elapsed() > PATIENCE {
                return Err(StoreError::Busy);
            }
        }
    }

    /// The first candidates with higher numbers than this one.
    fn after(&self, last: UserId, limit: usize) -> Result<Vec<UserId>, StoreError> {
        let (account, last) = (self.account.get(), last.get());
        let limit = roster_relational::sql::row_count(limit);
        let found: Vec<Number> = if let Some(expression) = &self.candidates.expression {
            let sql = "SELECT user_id FROM searched WHERE account_id = ?1 AND user_id > ?2 \
                       AND terms @@ CAST(?4 AS tsquery) ORDER BY user_id LIMIT ?3";
            query_all(self.session, sql, params![account, last, limit, expression])?
        } else {
            let sql = "SELECT user_id FROM user WHERE account_id = ?1 AND user_id > ?2 \
                       ORDER BY user_id LIMIT ?3";
            query_all(self.session, sql, params![account, last, limit])?
        };
        Ok(found.into_iter().map(|Number(id)| UserId::from_stored(id)).collect())
    }
}

/// What a condition is to the index.
enum Term {
    Nobody,
    Everybody,
    /// An expression, and whether it says all that the condition does.
    Some(String, bool),
}

/// Who may be found; `None` if nobody is.
fn candidates(
    account: AccountId,
    query: &SearchQuery,
    organization: impl Fn(&str) -> Option<OrganizationId>,
) -> Option<Candidates> {
    let (mut parts, mut exact) = (Vec::new(), true);
    for clause in query.clauses() {
        match (term(account, &clause.condition, &organization), clause.negated) {
            (Term::Nobody, false) | (Term::Everybody, true) => return None,
            (Term::Nobody, true) | (Term::Everybody, false) => {}
            (Term::Some(term, says_all), false) => {
                parts.push(term);
                exact &= says_all;
            }
            (Term::Some(term, true), true) => parts.push(format!("!{term}")),
            // Some of those whom the index has must not be left out.
            (Term::Some(_, false), true) => exact = false,
        }
    }
    let expression = (!parts.is_empty()).then(|| parts.join(" & "));
    Some(Candidates { expression, exact })
}

fn term(
    account: AccountId,
    condition: &Condition,
    organization: impl Fn(&str) -> Option<OrganizationId>,
) -> Term {
    match condition {
        Condition::Roles(Roles::NONE) => Term::Nobody,
        Condition::Roles(Roles::ALL) => Term::Everybody,
        Condition::Roles(roles) => {
            let all = [Role::EndUser, Role::Agent, Role::Admin].into_iter();
            let terms = all.filter(|role| roles.contains(*role));
            let terms: Vec<_> = terms.map(|role| quoted(&role_term(account, role))).collect();
            Term::Some(format!("({})", terms.join(" | ")), true)
        }
        Condition::Organization(name) => organization(name)
            .map_or(Term::Nobody, |id| Term::Some(quoted(&organization_term(account, id)), true)),
        Condition::Words { words, .. } if words.is_empty() => Term::Nobody,
        Condition::Words { field, words, prefix } => {
            let last = words.len() - 1;
            let cut = |word: &str| word.chars().count() > TERM_LIMIT;
            let terms: Vec<_> = words
                .iter()
                .enumerate()
                .map(|(place, word)| {
                    let term = quoted(&word_term(account, word));
                    if *prefix && place == last { format!("{term}:*") } else { term }
                })
                .collect();
            let exact = field.is_none() && last == 0 && !words.iter().any(|word| cut(word));
            Term::Some(format!("({})", terms.join(" & ")), exact)
        }
    }
}

/// A term as a `tsquery` has it.
fn quoted(term: &str) -> String {
    format!("'{}'", term.replace('\\', "\\\\").replace('\'', "''"))
}
