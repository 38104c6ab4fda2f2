//! `POST /api/v2/channels/` (contract Ada §4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{
    CONVERSATION_METADATA_LIMIT, ChannelId, Modality, NewChannel, Scope, Text, Timestamp,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{ChannelView, modality};
use crate::app::App;
use crate::http::ada::extract::{Authorized, JsonBody};
use crate::http::ada::field::{Field, REPEATED_KEY, RawMap, Shape};
use crate::http::ada::metadata::{Kinds, read_metadata};
use crate::http::ada::problems::Problems;
use crate::http::ada::{AdaError, json, schemas};
use crate::http::caller::Operation;
use crate::http::limits::Family;

pub(crate) enum CreateChannel {}

impl Operation for CreateChannel {
    const SCOPE: Scope = Scope::ConversationsWrite;
    const FAMILY: Family = Family::ChannelCreation;
}

/// A new channel
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = CreateChannelRequest)]
pub(crate) struct ChannelBody {
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::text)]
    name: Field<String>,
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::text)]
    description: Field<String>,
    #[serde(default)]
    #[schema(required = true, schema_with = schemas::modality)]
    modality: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<CapabilitiesBody>)]
    capabilities: Field<CapabilitiesBody>,
    #[serde(default)]
    #[schema(schema_with = schemas::conversation_metadata_change)]
    metadata: Field<RawMap>,
}

/// What the channel can show
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = ChannelCapabilitiesChange)]
pub(super) struct CapabilitiesBody {
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    markdown: Field<bool>,
}

impl Shape for CapabilitiesBody {
    const EXPECTED: &str = "an object";
    const STARTS: &[char] = &['{'];
    const READABLE: &str = REPEATED_KEY;
}

/// Create a custom channel
#[utoipa::path(
    post,
    path = "/api/v2/channels/",
    operation_id = "create_channel",
    tag = "Channels",
    request_body = ChannelBody,
    responses((status = 201, description = "The new channel", body = ChannelView)),
)]
pub(crate) async fn create(
    caller: Authorized<CreateChannel>,
    State(app): State<Arc<App>>,
    JsonBody(body): JsonBody<ChannelBody>,
) -> Result<Response, AdaError> {
    let now = app.now();
    let channel = read(body, ChannelId(app.new_object_id(now)), now)?;
    let channel = app.store.create_channel(caller.account, channel).await?;
    Ok(json(StatusCode::CREATED, &ChannelView::from(&channel)))
}

fn read(body: ChannelBody, id: ChannelId, now: Timestamp) -> Result<NewChannel, AdaError> {
    let mut problems = Problems::default();
    let name = required(body.name, "$.name", &mut problems, Text::new);
    let description = required(body.description, "$.description", &mut problems, Text::new);
    let modality: Option<Modality> =
        required(body.modality, "$.modality", &mut problems, |name| modality(&name));
    let capabilities = body.capabilities.optional("$.capabilities", &mut problems);
    let markdown = capabilities.unwrap_or_default().markdown;
    let markdown = markdown.optional("$.capabilities.markdown", &mut problems);
    let map = body.metadata.optional("$.metadata", &mut problems).unwrap_or_default();
    let metadata = read_metadata(map, Kinds::Conversation, "$.metadata", &mut problems);
    let metadata = problems.merged(&metadata, CONVERSATION_METADATA_LIMIT, "$.metadata");
    problems.finish("invalid channel data")?;

    let lost = || AdaError::internal("a problem of a channel was lost");
    Ok(NewChannel {
        channel_id: id,
        name: name.ok_or_else(lost)?,
        description: description.ok_or_else(lost)?,
        modality: modality.ok_or_else(lost)?,
        markdown: markdown.unwrap_or(false),
        metadata,
        created_at: now,
    })
}

fn required<T, E: ToString>(
    field: Field<String>,
    path: &str,
    problems: &mut Problems,
    parse: impl FnOnce(String) -> Result<T, E>,
) -> Option<T> {
    let text = field.required(path, problems)?;
    problems.check(path, parse(text))
}
