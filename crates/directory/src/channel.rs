//! Channels: where conversations take place.

use crate::{ChannelId, Metadata, Text, Timestamp};

/// Who runs a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// Made through the API.
    Custom,
    /// Built into the vendor's product. roster has none, so a list of them is empty.
    Native,
}

/// How people talk on a channel (contract Ada §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    /// Chat.
    Messaging,
    /// Mail.
    Email,
    /// Telephone.
    Voice,
    /// Text messages.
    Sms,
}

/// What it takes to make a custom channel.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChannel {
    /// Its identifier.
    pub channel_id: ChannelId,
    /// What people call it.
    pub name: Text,
    /// What it is for; may be empty.
    pub description: Text,
    /// How people talk on it.
    pub modality: Modality,
    /// Whether it can show Markdown.
    pub markdown: bool,
    /// The caller's own keys, at most 4 KB.
    pub metadata: Metadata,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A custom channel. Nothing changes it once it is made.
pub type Channel = NewChannel;
