//! `GET /api/v2/users/{id}/identities` (contract Zendesk §6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::Identity;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::IdentityView;
use crate::app::App;
use crate::http::zendesk::cursor::{decode_id, encode_id};
use crate::http::zendesk::error::ZendeskError;
use crate::http::zendesk::paging::{CursorEnvelope, Envelope, From, OffsetEnvelope, Paging};
use crate::http::zendesk::request::{Authorized, Request, action};
use crate::http::zendesk::respond::json_response;
use crate::http::zendesk::schemas::{ListParameters, PlainError};

action!(ListIdentities, "api/v2/identities/index", UsersRead, Team);

/// List the identities of a user
#[utoipa::path(
    get,
    path = "/api/v2/users/{id}/identities",
    operation_id = "ListUserIdentities",
    tag = "User Identities",
    params(
        ("id" = i64, Path, description = "The user", minimum = 0),
        ("type[]" = Option<Vec<String>>, Query, description = "Only identities of these types"),
        ListParameters,
    ),
    responses(
        (status = 200, description = "A page of identities", body = IdentitiesPageView),
        (status = 404, description = "There is no such user", body = PlainError),
    ),
)]
pub(crate) async fn list(
    request: Authorized<ListIdentities>,
    State(app): State<Arc<App>>,
) -> Result<Response, ZendeskError> {
    let user = request.user_id()?;
    app.store.user(request.account, user).await?.ok_or(ZendeskError::RecordNotFound)?;
    let mut all = app.store.identities(request.account, vec![user]).await?;
    let types: Vec<_> = request.query.all("type[]").collect();
    // A type that nobody knows is no identity's.
    all.retain(|identity| types.is_empty() || types.contains(&identity.kind.name()));
    let (page, envelope) = page(&request, &all)?;
    let identities = page.iter().map(|identity| IdentityView::new(identity, &request)).collect();
    Ok(json_response(StatusCode::OK, &IdentitiesPageView { identities, envelope }))
}

/// A page of identities
#[derive(Serialize, ToSchema)]
#[schema(as = IdentitiesPage)]
struct IdentitiesPageView<'a> {
    identities: Vec<IdentityView<'a>>,
    #[serde(flatten)]
    envelope: Envelope,
}

/// The part of the identities that the request asks for. A user has few, so all were read.
fn page<'a>(
    request: &Request,
    all: &'a [Identity],
) -> Result<(&'a [Identity], Envelope), ZendeskError> {
    let paging = Paging::read(&request.query, request.action())?;
    paging.ascends_by_id(&request.query)?;
    let (from, limit) = match paging {
        Paging::Offset { page, limit } => {
            let skipped = usize::try_from(Paging::offset(page, limit)).unwrap_or(usize::MAX);
            let rest = all.get(skipped..).unwrap_or_default();
            let envelope = OffsetEnvelope::new(request, page, limit, all.len() as u64);
            return Ok((&rest[..rest.len().min(limit.get())], Envelope::Offset(envelope)));
        }
        Paging::Cursor { from, limit } => (from, limit),
    };
    let place = |text: &str, message| decode_id(text).ok_or(ZendeskError::Pagination(message));
    let (part, more) = match from {
        From::Beginning => first(all, limit.get()),
        From::After(text) => {
            let id = place(&text, "page[after] is not valid")?;
            first(&all[all.partition_point(|own| own.id.0 <= id)..], limit.get())
        }
        From::Before(text) => {
            let id = place(&text, "page[before] is not valid")?;
            let before = &all[..all.partition_point(|own| own.id.0 < id)];
            let skipped = before.len().saturating_sub(limit.get());
            (&before[skipped..], skipped > 0)
        }
    };
    let cursor = |own: &Identity| encode_id(own.id.0);
    let ends = part.first().map(cursor).zip(part.last().map(cursor));
    Ok((part, Envelope::Cursor(CursorEnvelope::new(request, more, ends, limit))))
}

/// The first so many of them, and whether there are more.
fn first(identities: &[Identity], limit: usize) -> (&[Identity], bool) {
    (&identities[..identities.len().min(limit)], identities.len() > limit)
}
