//! What every operation of this dialect takes from a request: who asks, where from, for what.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roster_directory::{AccountId, Caller, IdentityValue, Role, User, UserId};

use super::error::ZendeskError;
use super::query::Query;
use crate::app::App;
use crate::http::caller::{self, Operation, Refusal, authenticate, take_quota};
use crate::http::links::Origin;

/// Who may call an operation, by the role of the user that the call acts for (contract §1.1, §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Everybody, end users too.
    Anybody,
    /// Agents and admins.
    Team,
    /// Admins.
    Admins,
}

impl Allowed {
    const fn admits(self, role: Role) -> bool {
        match self {
            Self::Anybody => true,
            Self::Team => matches!(role, Role::Agent | Role::Admin),
            Self::Admins => matches!(role, Role::Admin),
        }
    }
}

/// An operation of this dialect.
pub(super) trait Action: Operation {
    /// The vendor's name of it, which errors tell.
    const NAME: &'static str;
    /// Who may call it.
    const ALLOWED: Allowed;
}

/// Declares an operation: `action!(ListUsers, "api/v2/users/index", UsersRead, Team)`, with
/// another quota than the dialect's own at the end if need be.
macro_rules! action {
    ($name:ident, $action:literal, $scope:ident, $allowed:ident) => {
        action!($name, $action, $scope, $allowed, Support);
    };
    ($name:ident, $action:literal, $scope:ident, $allowed:ident, $family:ident) => {
        pub(crate) enum $name {}

        impl $crate::http::caller::Operation for $name {
            const SCOPE: roster_directory::Scope = roster_directory::Scope::$scope;
            const FAMILY: $crate::http::limits::Family = $crate::http::limits::Family::$family;
        }

        impl $crate::http::zendesk::request::Action for $name {
            const NAME: &'static str = $action;
            const ALLOWED: $crate::http::zendesk::request::Allowed =
                $crate::http::zendesk::request::Allowed::$allowed;
        }
    };
}
pub(super) use action;

/// A request by somebody who may make it.
pub(super) struct Request {
    /// Whose users it is about.
    pub(super) account: AccountId,
    /// The user that it acts for.
    pub(super) acting: Arc<User>,
    /// Where the client reached this server.
    pub(super) origin: Origin,
    /// The parameters of the query.
    pub(super) query: Query,
    /// The path as the client wrote it.
    path: String,
    /// The parameters of the path, without `.json` at the end of the last.
    parameters: Vec<(String, String)>,
    action: &'static str,
}

impl Request {
    /// A link to this path with another place of the page.
    pub(super) fn link(&self, place: &[(&str, &str)]) -> String {
        format!("{}{}?{}", self.origin.as_str(), self.path, self.query.with(place))
    }

    /// A link to another path.
    pub(super) fn link_to(&self, path: &str) -> String {
        format!("{}{path}", self.origin.as_str())
    }

    /// The number that the path has under this name. Anything else is an error in the vendor's
    /// words.
    pub(super) fn id(&self, name: &str) -> Result<i64, ZendeskError> {
        self.number(name).ok_or_else(|| ZendeskError::InvalidAttribute {
            name: name.to_owned(),
            expected: "must be an integer",
            action: self.action,
        })
    }

    /// The user that the path names as `id`.
    pub(super) fn user_id(&self) -> Result<UserId, ZendeskError> {
        self.id("id").map(UserId::from_stored)
    }

    /// The vendor's name of the operation.
    pub(super) const fn action(&self) -> &'static str {
        self.action
    }

    /// A parameter of the path as text.
    pub(super) fn path_text(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(own, _)| own == name);
        found.map(|(_, text)| text.as_str())
    }

    fn number(&self, name: &str) -> Option<i64> {
        let text = self.path_text(name)?;
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(i64::MAX))
    }
}

/// A [`Request`] that may do the operation `A`.
pub(super) struct Authorized<A>(Request, PhantomData<A>);

impl<A> Deref for Authorized<A> {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.0
    }
}

impl<A: Action> FromRequestParts<Arc<App>> for Authorized<A> {
    type Rejection = ZendeskError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ZendeskError> {
        let credentials = Credentials::of(&parts.headers);
        let token = credentials.as_ref().map(|credentials| credentials.token.as_str());
        let caller = authenticate::<A>(app, parts, token).await;
        let caller = caller.map_err(|refusal| match (refusal, &credentials) {
            // With Basic, a wrong token and a wrong form are told in the same words (§4).
            (Refusal::BadToken, Some(Credentials { basic: true, .. })) => {
                ZendeskError::NotAuthenticated
            }
            (refusal, _) => refusal.into(),
        })?;
        let email = credentials.and_then(|credentials| credentials.email);
        let acting = acting_user(app, &caller, email.as_deref(), &parts.headers).await?;
        if !A::ALLOWED.admits(acting.role) {
            return Err(ZendeskError::Forbidden);
        }
        take_quota::<A>(app, parts, &caller)?;
        let origin = Origin::of(parts, app)
            .ok_or_else(|| ZendeskError::from(crate::http::dialect::Fault::NoHost))?;
        let request = Request {
            account: caller.account,
            acting,
            origin,
            query: Query::of(parts),
            path: parts.uri.path().to_owned(),
            parameters: path_parameters(parts, app).await,
            action: A::NAME,
        };
        Ok(Self(request, PhantomData))
    }
}

async fn path_parameters(parts: &mut Parts, app: &Arc<App>) -> Vec<(String, String)> {
    let parameters = RawPathParams::from_request_parts(parts, app).await;
    let pairs = parameters.as_ref().map(|parameters| parameters.iter().collect::<Vec<_>>());
    pairs
        .unwrap_or_default()
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.trim_end_matches(".json").to_owned()))
        .collect()
}

/// What a client authenticates with (contract §5).
pub(super) struct Credentials {
    token: String,
    /// Whom the call is to act for, with Basic authentication.
    email: Option<String>,
    basic: bool,
}

impl Credentials {
    /// The credentials of a request: a bearer token, or an address and a token as `EMAIL/token`
    /// and its password.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        if let Some(token) = caller::bearer_in(header) {
            return Some(Self { token: token.to_owned(), email: None, basic: false });
        }
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (email, token) = decoded.split_once("/token:")?;
        Some(Self { token: token.to_owned(), email: Some(email.to_owned()), basic: true })
    }
}

/// The user that a call acts for: the one whose address the client gave, else the token's, and
/// on behalf of them another one if they are a member of the team (contract §5).
pub(super) async fn acting_user(
    app: &App,
    caller: &Caller,
    email: Option<&str>,
    headers: &HeaderMap,
) -> Result<Arc<User>, ZendeskError> {
    let acting = match find_by_email(app, caller.account, email).await? {
        Some(user) => user,
        None => user_of_token(app, caller).await?,
    };
    let on_behalf = headers.get("x-on-behalf-of").and_then(|value| value.to_str().ok());
    let Some(other) = on_behalf.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(acting);
    };
    if acting.role == Role::EndUser {
        return Err(ZendeskError::Forbidden);
    }
    let found = match other.parse() {
        Ok(id) => app.store.user(caller.account, UserId::from_stored(id)).await?,
        Err(_) => find_by_email(app, caller.account, Some(other)).await?,
    };
    found.ok_or(ZendeskError::Forbidden)
}

async fn find_by_email(
    app: &App,
    account: AccountId,
    email: Option<&str>,
) -> Result<Option<Arc<User>>, ZendeskError> {
    let Some(Ok(email)) = email.map(IdentityValue::claimed) else { return Ok(None) };
    Ok(app.store.user_by_email(account, &email).await?)
}

/// The token's own user; the owner of the account if that one was deleted.
async fn user_of_token(app: &App, caller: &Caller) -> Result<Arc<User>, ZendeskError> {
    if let Some(user) = app.store.user(caller.account, caller.user).await? {
        return Ok(user);
    }
    let owner = app.store.owner(caller.account).await?;
    let owner = app.store.user(caller.account, owner).await?;
    owner.ok_or_else(|| ZendeskError::internal("the account has no owner"))
}
