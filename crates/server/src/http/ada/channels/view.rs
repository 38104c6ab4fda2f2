//! A channel as it is answered.

use roster_directory::{Channel, Modality};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::ada::schemas;
use crate::http::ada::time::AdaTime;
use crate::http::json::MetadataView;

/// A custom channel
#[derive(Serialize, ToSchema)]
#[schema(as = Channel)]
pub(super) struct ChannelView<'a> {
    /// The unique identifier of the channel
    #[schema(schema_with = schemas::id)]
    id: String,
    /// Always custom: the server has no native channels
    #[schema(example = "custom")]
    r#type: &'static str,
    name: &'a str,
    description: &'a str,
    /// How people talk on the channel: messaging, email, voice or sms
    #[schema(example = "messaging")]
    modality: &'static str,
    capabilities: CapabilitiesView,
    #[schema(schema_with = schemas::metadata_view)]
    metadata: MetadataView<'a>,
    /// When the channel was created
    created_at: AdaTime,
}

/// What the channel can show
#[derive(Serialize, ToSchema)]
#[schema(as = ChannelCapabilities)]
struct CapabilitiesView {
    markdown: bool,
}

impl<'a> From<&'a Channel> for ChannelView<'a> {
    fn from(channel: &'a Channel) -> Self {
        Self {
            id: channel.channel_id.to_string(),
            r#type: "custom",
            name: &channel.name,
            description: &channel.description,
            modality: modality_name(channel.modality),
            capabilities: CapabilitiesView { markdown: channel.markdown },
            metadata: MetadataView(&channel.metadata),
            created_at: AdaTime(channel.created_at),
        }
    }
}

const fn modality_name(modality: Modality) -> &'static str {
    match modality {
        Modality::Messaging => "messaging",
        Modality::Email => "email",
        Modality::Voice => "voice",
        Modality::Sms => "sms",
    }
}

/// What a modality must be, for the errors.
pub(super) const MODALITY_EXPECTED: &str = "Must be one of messaging, email, voice, sms.";

/// The modality of that name.
pub(super) fn modality(name: &str) -> Result<Modality, &'static str> {
    [Modality::Messaging, Modality::Email, Modality::Voice, Modality::Sms]
        .into_iter()
        .find(|modality| modality_name(*modality) == name)
        .ok_or(MODALITY_EXPECTED)
}
