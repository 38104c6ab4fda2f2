//! `GET /roster/v1/end-users/{end_user_id}/sensitive-metadata`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use roster_directory::{AccountId, EndUserId, Scope, SealedValue};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::app::App;
use crate::crypto::SealedFor;
use crate::http::ada::{AdaError, AdaTime, Authorized, PathText, end_user_id, json};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum ReadSensitiveMetadata {}

impl Operation for ReadSensitiveMetadata {
    const SCOPE: Scope = Scope::SensitiveRead;
    const FAMILY: Family = Family::EndUsers;
}

/// The secrets of an end user, by name.
#[derive(Serialize)]
struct SensitiveMetadata {
    fields: BTreeMap<Box<str>, Field>,
}

#[derive(Serialize)]
struct Field {
    value: Box<RawValue>,
    expires_at: AdaTime,
}

/// Opens an end user's secrets for a token with `sensitive:read`, and leaves an event.
pub(crate) async fn read(
    caller: Authorized<ReadSensitiveMetadata>,
    State(app): State<Arc<App>>,
    path: PathText,
) -> Result<Response, AdaError> {
    let id = end_user_id(&path)?;
    let secrets =
        app.store.read_sensitive_metadata(caller.account, id, caller.token, app.now()).await?;
    let secrets = secrets.ok_or(AdaError::EndUserNotFound)?;
    let fields = secrets
        .into_iter()
        .map(|secret| open(&app, caller.account, id, secret))
        .collect::<Result<_, _>>()?;
    let mut response = json(axum::http::StatusCode::OK, &SensitiveMetadata { fields });
    response.headers_mut().insert(CACHE_CONTROL, axum::http::HeaderValue::from_static("no-store"));
    Ok(response.into_response())
}

fn open(
    app: &App,
    account: AccountId,
    id: EndUserId,
    secret: SealedValue,
) -> Result<(Box<str>, Field), AdaError> {
    let bound_to = SealedFor::Secret(account, id, &secret.key);
    let plain = app.keyring.open(&secret.sealed, bound_to).map_err(AdaError::internal)?;
    // What was sealed is JSON that this server wrote; its text must not reach an error.
    let value = String::from_utf8(plain)
        .ok()
        .and_then(|text| RawValue::from_string(text).ok())
        .ok_or_else(|| AdaError::internal("an opened secret is not JSON"))?;
    let key = secret.key.as_str().into();
    Ok((key, Field { value, expires_at: AdaTime(secret.expires_at) }))
}
