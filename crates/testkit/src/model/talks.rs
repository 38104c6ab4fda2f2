//! Operations on channels and conversations.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use roster_directory::{
    CONVERSATION_METADATA_LIMIT, Modality, NewChannel, NewConversation, NewEndUser, Participant,
};

use super::course::{Agreed, Course, Side};
use super::values::{Keys, account, keys, metadata, metadata_patch, shuffled, user, user_id};
use crate::look::page_of;
use crate::sample::{self, channel_id, conversation_id};

#[derive(Debug, Clone)]
pub(super) enum Talks {
    CreateChannel {
        account: usize,
        modality: Modality,
    },
    Channels {
        account: usize,
        modality: Option<Modality>,
        from: Option<u32>,
        limit: u64,
    },
    /// With a new end user if `user` is none.
    Start {
        account: usize,
        channel: u32,
        user: Option<u32>,
        metadata: Keys,
    },
    Conversation {
        account: usize,
        conversation: u32,
    },
    Patch {
        account: usize,
        conversation: u32,
        metadata: Keys,
    },
    End {
        account: usize,
        conversation: u32,
    },
}

fn modality() -> impl Strategy<Value = Modality> {
    select(&[Modality::Messaging, Modality::Email][..])
}

fn channel() -> impl Strategy<Value = u32> {
    0..3_u32
}

fn conversation() -> impl Strategy<Value = u32> {
    0..3_u32
}

impl Talks {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let page = (option::of(channel()), 1..4_u64);
        prop_oneof![
            3 => (account(), modality())
                .prop_map(|(account, modality)| Self::CreateChannel { account, modality }),
            1 => (account(), option::of(modality()), page).prop_map(
                |(account, modality, (from, limit))| {
                    Self::Channels { account, modality, from, limit }
                }
            ),
            4 => (account(), channel(), option::of(user()), keys()).prop_map(
                |(account, channel, user, metadata)| Self::Start { account, channel, user, metadata }
            ),
            1 => (account(), conversation())
                .prop_map(|(account, conversation)| Self::Conversation { account, conversation }),
            2 => (account(), conversation(), keys()).prop_map(
                |(account, conversation, metadata)| Self::Patch { account, conversation, metadata }
            ),
            3 => (account(), conversation())
                .prop_map(|(account, conversation)| Self::End { account, conversation }),
        ]
    }

    pub(super) async fn run(self, course: &mut Course) -> Agreed {
        let now = course.now();
        match self {
            Self::CreateChannel { account, modality } => {
                let number = shuffled(course.channels);
                course.channels += 1;
                let new = NewChannel { modality, ..sample::new_channel(number) };
                let create = async |Side { store, accounts }: &Side| {
                    store.create_channel(accounts[account], new.clone()).await
                };
                course.both(create).await
            }
            Self::Channels { account, modality, from, limit } => {
                let page = page_of(limit, from.map(shuffled).map(channel_id));
                let list = async |Side { store, accounts }: &Side| {
                    store.channels(accounts[account], modality, page).await
                };
                course.both(list).await
            }
            Self::Start { account, channel, user, metadata } => {
                let new = new_conversation(course, channel, user, &metadata);
                let create = async |Side { store, accounts }: &Side| {
                    store.create_conversation(accounts[account], new.clone()).await
                };
                course.both(create).await
            }
            Self::Conversation { account, conversation } => {
                let id = conversation_id(shuffled(conversation));
                let read = async |Side { store, accounts }: &Side| {
                    store.conversation(accounts[account], id).await
                };
                course.both(read).await
            }
            Self::Patch { account, conversation, metadata } => {
                let id = conversation_id(shuffled(conversation));
                let patch = async |Side { store, accounts }: &Side| {
                    let change = metadata_patch(&metadata);
                    store.patch_conversation(accounts[account], id, change, now).await
                };
                course.both(patch).await
            }
            Self::End { account, conversation } => {
                let id = conversation_id(shuffled(conversation));
                let end = async |Side { store, accounts }: &Side| {
                    store.end_conversation(accounts[account], id, now).await
                };
                course.both(end).await
            }
        }
    }
}

fn new_conversation(
    course: &mut Course,
    channel: u32,
    user: Option<u32>,
    keys: &Keys,
) -> NewConversation {
    let now = course.now();
    let participant = if let Some(user) = user {
        Participant::Existing(user_id(user))
    } else {
        let guest = sample::new_end_user(shuffled(course.users));
        course.users += 1;
        // They are asked to expire at once, which the conversation prevents.
        Participant::New(Box::new(NewEndUser { created_at: now, expires_at: Some(now), ..guest }))
    };
    let number = shuffled(course.conversations);
    course.conversations += 1;
    NewConversation {
        metadata: metadata(keys, CONVERSATION_METADATA_LIMIT),
        created_at: now,
        ..sample::new_conversation(number, channel_id(shuffled(channel)), participant)
    }
}
