//! What the seam's values are on PostgreSQL's wire.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use roster_relational::sql::{Row, Value};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// A parameter. Numbers are written in the width of the column that they are for.
#[derive(Debug)]
pub(crate) struct Param<'a>(pub(crate) Value<'a>);

/// The type that a parameter is announced with. Nothing has none: the statement says what it is.
pub(crate) const fn type_of(value: Value<'_>) -> Type {
    match value {
        Value::Null => Type::UNKNOWN,
        Value::Integer(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
    }
}

impl ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Integer(number) => match *ty {
                Type::INT4 => out.put_i32(i32::try_from(number)?),
                Type::INT2 => out.put_i16(i16::try_from(number)?),
                Type::BOOL => out.put_u8(u8::from(number != 0)),
                _ => out.put_i64(number),
            },
            Value::Text(text) => out.put_slice(text.as_bytes()),
            Value::Bytes(bytes) => out.put_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        is_known(ty) || *ty == Type::UNKNOWN
    }

    to_sql_checked!();
}

/// A parameter that outlives whoever made it, for a statement that is not waited for.
#[derive(Debug)]
pub(crate) enum OwnedParam {
    Null,
    Integer(i64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
}

impl From<Value<'_>> for OwnedParam {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text.into()),
            Value::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

impl OwnedParam {
    pub(crate) const fn borrow(&self) -> Param<'_> {
        Param(match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        })
    }
}

/// A field of a row.
struct Field<'a>(Value<'a>);

impl<'a> FromSql<'a> for Field<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Integer(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Value::Integer(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Integer(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => Value::Bytes(raw),
            _ => Value::Text(str::from_utf8(raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        is_known(ty)
    }
}

const fn is_known(ty: &Type) -> bool {
    matches!(
        *ty,
        Type::INT8
            | Type::INT4
            | Type::INT2
            | Type::BOOL
            | Type::BYTEA
            | Type::TEXT
            | Type::VARCHAR
    )
}

/// A row as the seam reads it.
pub(crate) struct PostgresRow<'a>(pub(crate) &'a tokio_postgres::Row);

impl Row for PostgresRow<'_> {
    fn value(&self, place: usize) -> Option<Value<'_>> {
        self.0.try_get::<_, Field<'_>>(place).ok().map(|Field(value)| value)
    }

    fn name(&self, place: usize) -> Option<&str> {
        self.0.columns().get(place).map(tokio_postgres::Column::name)
    }
}
