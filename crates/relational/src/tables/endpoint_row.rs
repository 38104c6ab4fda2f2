//! The form of an endpoint's row.

use roster_directory::{
    AccountId, AccountName, Description, Endpoint, EndpointId, EndpointSecrets, EndpointStatus,
    EndpointUrl, EventTypes, KeyId, Lease, LeaseHolder, MessageNumber, Progress, Sealed,
    StoreError,
};

use super::endpoint::{Standing, Target};
use super::sensitive_value;
use crate::sql::{Fields, FromRow};

/// The columns of an endpoint, in the order in which they are read.
macro_rules! endpoint_columns {
    () => {
        "endpoint_id, url, description, event_types, status, failing_since, last_failed_at, \
         endpoint.created_at, updated_at"
    };
}
pub(super) use endpoint_columns;

/// The columns of how far an endpoint has come, in the order in which they are read.
macro_rules! progress_columns {
    () => {
        "endpoint.next_message, paused_at, resumed_at"
    };
}
pub(super) use progress_columns;

/// The columns of an endpoint's secrets, in the order in which they are read.
macro_rules! secret_columns {
    () => {
        "key_id, sealed, former_key_id, former_sealed, former_until"
    };
}
pub(super) use secret_columns;

/// The types that an endpoint asks for, as a row has them.
pub(super) fn written(types: &EventTypes) -> String {
    types.names().collect::<Vec<_>>().join(" ")
}

impl FromRow for Endpoint {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            endpoint_id: EndpointId(fields.object_id()?),
            url: EndpointUrl::new(fields.text()?).map_err(|_| fields.damaged())?,
            description: Description::new(fields.text()?).map_err(|_| fields.damaged())?,
            event_types: EventTypes::from_row(fields)?,
            status: status(fields)?,
            failing_since: fields.optional_timestamp()?,
            last_failed_at: fields.optional_timestamp()?,
            created_at: fields.timestamp()?,
            updated_at: fields.timestamp()?,
        })
    }
}

impl FromRow for EndpointId {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.object_id().map(Self)
    }
}

impl FromRow for EventTypes {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let names = fields.text()?.split(' ').filter(|name| !name.is_empty());
        Self::named(names).map_err(|_| fields.damaged())
    }
}

impl FromRow for Target {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            endpoint: Endpoint::from_row(fields)?,
            progress: Progress::from_row(fields)?,
            holder: fields.optional_integer()?.map(LeaseHolder),
        })
    }
}

impl FromRow for Progress {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            cursor: MessageNumber(fields.integer()?),
            paused_at: fields.optional_integer()?.map(MessageNumber),
            resumed_at: fields.optional_integer()?.map(MessageNumber),
        })
    }
}

impl FromRow for Standing {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId::from_stored(fields.integer()?),
            endpoint: EndpointId(fields.object_id()?),
            progress: Progress::from_row(fields)?,
            next: MessageNumber(fields.integer()?),
        })
    }
}

impl FromRow for EndpointSecrets {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        let current = sensitive_value::sealed(fields)?;
        let key_id = fields.optional_integer()?.map(u32::try_from);
        let key_id = key_id.transpose().map_err(|_| fields.damaged())?.map(KeyId);
        let former = match (key_id, fields.optional_bytes()?, fields.optional_timestamp()?) {
            (None, None, None) => None,
            (Some(key_id), Some(bytes), Some(until)) => {
                Some((Sealed { key_id, bytes: bytes.into() }, until))
            }
            _ => return Err(fields.damaged()),
        };
        Ok(Self { current, former })
    }
}

impl FromRow for Lease {
    const TABLE: &'static str = "endpoint";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            endpoint: Endpoint::from_row(fields)?,
            secrets: EndpointSecrets::from_row(fields)?,
            cursor: MessageNumber(fields.integer()?),
            account: AccountId::from_stored(fields.integer()?),
            account_name: AccountName::new(fields.text()?).ok_or_else(|| fields.damaged())?,
        })
    }
}

/// The number of a status in a row.
pub(super) const fn status_number(status: EndpointStatus) -> i64 {
    match status {
        EndpointStatus::Enabled => 0,
        EndpointStatus::Disabled => 1,
        EndpointStatus::Failed => 2,
        EndpointStatus::Gone => 3,
    }
}

fn status(fields: &mut Fields<'_>) -> Result<EndpointStatus, StoreError> {
    match fields.integer()? {
        0 => Ok(EndpointStatus::Enabled),
        1 => Ok(EndpointStatus::Disabled),
        2 => Ok(EndpointStatus::Failed),
        3 => Ok(EndpointStatus::Gone),
        _ => Err(fields.damaged()),
    }
}
