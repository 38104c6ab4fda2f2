//! Who is asking: the one way for a handler to learn an account.

use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use roster_directory::{Caller, Scope, StoreError};

use super::fast_path::Head;
use super::limits::{Exceeded, Family};
use super::request_notes::RequestNotes;
use crate::app::App;
use crate::token::hash_token;

/// What an operation asks of its caller.
pub(crate) trait Operation: Send + Sync + 'static {
    /// The scope that the token must have.
    const SCOPE: Scope;
    /// The quota that a call counts against.
    const FAMILY: Family;
}

/// Why a caller is refused, in the order of the checks. Each dialect says it in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No bearer token was sent.
    NoToken,
    /// The token is unknown or was revoked.
    BadToken,
    /// The token lacks this scope.
    MissingScope(Scope),
    /// The vendor's quota is used up.
    QuotaExceeded(Exceeded),
    /// The store could not say.
    Store(StoreError),
}

/// Checks the token, its scope and the quota, in this order.
pub(crate) async fn authorize<O: Operation>(
    app: &App,
    parts: &Parts,
    token: Option<&str>,
) -> Result<Caller, Refusal> {
    let caller = authenticate::<O>(app, parts, token).await?;
    take_quota::<O>(app, parts, &caller)?;
    Ok(caller)
}

/// Checks the token and its scope.
pub(crate) async fn authenticate<O: Operation>(
    app: &App,
    parts: &Parts,
    token: Option<&str>,
) -> Result<Caller, Refusal> {
    let token = token.ok_or(Refusal::NoToken)?;
    let caller = app.store.authenticate(&hash_token(token)).await.map_err(Refusal::Store)?;
    let caller = caller.ok_or(Refusal::BadToken)?;
    RequestNotes::of(parts).set_account(caller.account);
    if !caller.scopes.contains(O::SCOPE) {
        return Err(Refusal::MissingScope(O::SCOPE));
    }
    Ok(caller)
}

/// Like [`authorize`], for an operation that answers at once: `None` where there is anything to say
/// but yes, or to be waited for, or to be counted.
pub(crate) fn authorize_at_once<O: Operation>(app: &App, head: &Head<'_>) -> Option<Caller> {
    if app.limits.is_some() {
        return None;
    }
    let token = bearer_in(head.authorization)?;
    let caller = app.store.authenticate_at_once(&hash_token(token))?;
    caller.scopes.contains(O::SCOPE).then_some(caller)
}

/// Counts the call against the vendor's quota, if it holds.
pub(crate) fn take_quota<O: Operation>(
    app: &App,
    parts: &Parts,
    caller: &Caller,
) -> Result<(), Refusal> {
    if let Some(limits) = &app.limits {
        let quota = limits.take(caller.account, O::FAMILY, app.now());
        RequestNotes::of(parts).set_quota(quota.map_err(Refusal::QuotaExceeded)?);
    }
    Ok(())
}

/// The bearer token of a request.
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    bearer_in(parts.headers.get(AUTHORIZATION)?.to_str().ok()?)
}

/// The bearer token in the value of the header `Authorization`.
pub(crate) fn bearer_in(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
