//! Accounts and tokens.

use std::collections::BTreeMap;
use std::sync::Arc;

use roster_directory::{
    Account, AccountId, AccountSummary, Caller, CreateAccountError, CreateTokenError, EndUserId,
    IdentityId, IdentityKind, IdentitySet, IdentityValue, NewAccount, NewIdentity, NewToken, Text,
    Timestamp, Token, TokenHash, TokenId, User, UserId,
};

use super::rows::{AccountRows, Rows, counts};
use super::webhooks::Webhooks;

impl Rows {
    pub(super) fn create_account(
        &mut self,
        new: NewAccount,
    ) -> Result<Account, CreateAccountError> {
        if self.accounts.values().any(|rows| rows.account.name == new.name) {
            return Err(CreateAccountError::NameTaken);
        }
        Ok(self.insert_account(new))
    }

    pub(super) fn create_first_account(
        &mut self,
        new: NewAccount,
        token: NewToken,
    ) -> Option<Account> {
        if !self.accounts.is_empty() {
            return None;
        }
        let account = self.insert_account(new);
        let owner = self.accounts[&account.id].owner;
        self.insert_token(account.id, owner, token);
        Some(account)
    }

    /// The owner is a user like any other, but their making is no event: the log tells what
    /// happened to the account's users since there was an account.
    fn insert_account(&mut self, new: NewAccount) -> Account {
        let id = AccountId::from_stored(self.accounts.keys().last().map_or(1, |id| id.get() + 1));
        let account = Account { id, name: new.name, created_at: new.created_at };
        let (owner, identities) =
            self.new_owner(new.owner_end_user_id, new.owner_email, new.created_at);
        let rows = AccountRows {
            account: account.clone(),
            owner: owner.user_id,
            last_change: Timestamp::from_micros(0),
            identities: BTreeMap::from([(owner.user_id, identities)]),
            users: BTreeMap::from([(owner.end_user_id, Arc::new(owner))]),
            deleted: BTreeMap::new(),
            records: BTreeMap::new(),
            jobs: BTreeMap::new(),
            secrets: BTreeMap::new(),
            channels: BTreeMap::new(),
            conversations: BTreeMap::new(),
            events: Vec::new(),
            webhooks: Webhooks::default(),
        };
        self.accounts.insert(id, rows);
        account
    }

    /// The owner's address is taken to be verified: whoever makes the account vouches for it.
    fn new_owner(
        &mut self,
        id: EndUserId,
        email: Option<Text>,
        now: Timestamp,
    ) -> (User, IdentitySet) {
        let user_id = UserId::from_stored(self.numbers.next());
        let mut identities = IdentitySet::from_stored(user_id, Vec::new());
        if let Some(value) = email.as_deref().and_then(|it| IdentityValue::claimed(it).ok()) {
            let kind = IdentityKind::Email;
            let new = NewIdentity { kind, value, verified: true, primary: true };
            identities.add(IdentityId(self.numbers.next()), new, now);
        }
        (User::owner(user_id, id, email, now), identities)
    }

    pub(super) fn accounts_by_name(&self) -> Vec<AccountSummary> {
        let mut summaries: Vec<_> = self.accounts.values().map(AccountRows::summary).collect();
        summaries.sort_by(|one, other| one.account.name.as_str().cmp(other.account.name.as_str()));
        summaries
    }

    pub(super) fn create_token(
        &mut self,
        account: AccountId,
        new: NewToken,
    ) -> Result<Token, CreateTokenError> {
        let rows = self.account_mut(account)?;
        let user = match &new.user_email {
            None => rows.owner,
            Some(email) => rows.claimant(email).ok_or(CreateTokenError::UserNotFound)?,
        };
        Ok(self.insert_token(account, user, new))
    }

    fn insert_token(&mut self, account: AccountId, user: UserId, new: NewToken) -> Token {
        let token = Token {
            id: new.id,
            account,
            user,
            label: new.label,
            scopes: new.scopes,
            created_at: new.created_at,
            revoked_at: None,
        };
        self.tokens.push((new.hash, token.clone()));
        token
    }

    pub(super) fn revoke_token(&mut self, id: TokenId, now: Timestamp) -> Option<Token> {
        let (_, token) = self.tokens.iter_mut().find(|(_, token)| token.id == id)?;
        token.revoked_at.get_or_insert(now);
        Some(token.clone())
    }

    pub(super) fn authenticate(&self, hash: &TokenHash) -> Option<Caller> {
        let (_, token) = self.tokens.iter().find(|(stored, _)| stored == hash)?;
        let valid = token.revoked_at.is_none();
        valid.then_some(Caller {
            token: token.id,
            account: token.account,
            user: token.user,
            scopes: token.scopes,
        })
    }
}

impl AccountRows {
    fn summary(&self) -> AccountSummary {
        AccountSummary { account: self.account.clone(), users: counts(self.users.values()) }
    }

    /// Who has claimed this email address.
    fn claimant(&self, email: &str) -> Option<UserId> {
        let email = IdentityValue::claimed(email).ok()?;
        self.identity_holder(IdentityKind::Email, &email)
    }
}
