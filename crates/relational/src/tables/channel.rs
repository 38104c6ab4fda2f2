//! The table `channel`.

use roster_directory::{AccountId, Channel, ChannelId, Modality, PageRequest, StoreError};

use super::metadata;
use crate::sql::{Connection, Fields, FromRow, params, query_all, query_one, row_count, write};

/// A query of channels; its argument says of which.
macro_rules! select_channel {
    ($which:literal) => {
        concat!(
            "SELECT channel_id, name, description, modality, markdown, metadata, created_at ",
            "FROM channel ",
            $which
        )
    };
}

/// Keeps a new channel.
pub(crate) fn insert(
    connection: &dyn Connection,
    account: AccountId,
    channel: &Channel,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO channel (account_id, channel_id, name, description, modality, \
               markdown, metadata, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let params = params![
        account.get(),
        channel.channel_id.0.as_bytes(),
        &*channel.name,
        &*channel.description,
        modality_number(channel.modality),
        channel.markdown,
        metadata::to_json(&channel.metadata)?,
        channel.created_at.as_micros(),
    ];
    write(connection, sql, params)
}

/// Whether the account has this channel.
pub(crate) fn exists(
    connection: &dyn Connection,
    account: AccountId,
    id: ChannelId,
) -> Result<bool, StoreError> {
    let sql = select_channel!("WHERE account_id = ?1 AND channel_id = ?2");
    let found: Option<Channel> =
        query_one(connection, sql, params![account.get(), id.0.as_bytes()])?;
    Ok(found.is_some())
}

/// A page of channels and the one after it, ascending by identifier.
pub fn page(
    connection: &dyn Connection,
    account: AccountId,
    modality: Option<Modality>,
    page: PageRequest<ChannelId>,
) -> Result<Vec<Channel>, StoreError> {
    // No bytes at all sort before every identifier.
    let from = page.from.as_ref().map_or(&[][..], |id| id.0.as_bytes());
    let (account, limit) = (account.get(), row_count(page.limit.get() + 1));
    match modality {
        None => {
            let sql = select_channel!(
                "WHERE account_id = ?1 AND channel_id >= ?2 ORDER BY channel_id LIMIT ?3"
            );
            query_all(connection, sql, params![account, from, limit])
        }
        Some(modality) => {
            let sql = select_channel!(
                "WHERE account_id = ?1 AND channel_id >= ?2 AND modality = ?4 \
                 ORDER BY channel_id LIMIT ?3"
            );
            query_all(connection, sql, params![account, from, limit, modality_number(modality)])
        }
    }
}

impl FromRow for Channel {
    const TABLE: &'static str = "channel";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            channel_id: ChannelId(fields.object_id()?),
            name: fields.free_text()?,
            description: fields.free_text()?,
            modality: modality(fields)?,
            markdown: fields.integer()? != 0,
            metadata: fields.metadata()?,
            created_at: fields.timestamp()?,
        })
    }
}

const fn modality_number(modality: Modality) -> i64 {
    match modality {
        Modality::Messaging => 0,
        Modality::Email => 1,
        Modality::Voice => 2,
        Modality::Sms => 3,
    }
}

fn modality(fields: &mut Fields<'_>) -> Result<Modality, StoreError> {
    match fields.integer()? {
        0 => Ok(Modality::Messaging),
        1 => Ok(Modality::Email),
        2 => Ok(Modality::Voice),
        3 => Ok(Modality::Sms),
        _ => Err(fields.damaged()),
    }
}
