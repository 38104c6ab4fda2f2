//! Many rows of one table as one statement.
//!
//! A group of units inserts the same kinds of rows over and over. As nobody asks what such a
//! statement has done, and rows of different tables know nothing of each other, they are gathered
//! and inserted together before anything else is asked or done.

use std::fmt::Write as _;

use roster_relational::sql::{ToValue, Value};
use tokio_postgres::types::{ToSql, Type};

/// Rows that are to be inserted.
pub(crate) struct Rows(Vec<Column>);

/// What one parameter was, in all rows.
enum Column {
    Integers(Vec<Option<i64>>),
    Texts(Vec<Option<Box<str>>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Rows {
    /// No rows yet, of parameters of these types; `None` if there is one that is not gathered.
    pub(crate) fn of(types: &[Type]) -> Option<Self> {
        let column = |ty: &Type| match *ty {
            Type::INT8 => Some(Column::Integers(Vec::new())),
            Type::TEXT => Some(Column::Texts(Vec::new())),
            Type::BYTEA => Some(Column::Bytes(Vec::new())),
            _ => None,
        };
        types.iter().map(column).collect::<Option<_>>().map(Self)
    }

    /// Adds a row. Whether its values are of the right types; otherwise it is not added whole, and
    /// nothing of this may be used any more.
    pub(crate) fn add(&mut self, params: &[&dyn ToValue]) -> bool {
        self.0.len() == params.len()
            && self.0.iter_mut().zip(params).all(|(column, param)| column.add(param.to_value()))
    }

    /// The lists of values, one for each parameter.
    pub(crate) fn lists(&self) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync)> {
        self.0.iter().map(|column| match column {
            Column::Integers(list) => list as &(dyn ToSql + Sync),
            Column::Texts(list) => list,
            Column::Bytes(list) => list,
        })
    }
}

impl Column {
    fn add(&mut self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Integers(list), Value::Integer(number)) => list.push(Some(number)),
            (Self::Integers(list), Value::Null) => list.push(None),
            (Self::Texts(list), Value::Text(text)) => list.push(Some(text.into())),
            (Self::Texts(list), Value::Null) => list.push(None),
            (Self::Bytes(list), Value::Bytes(bytes)) => list.push(Some(bytes.into())),
            (Self::Bytes(list), Value::Null) => list.push(None),
            _ => return false,
        }
        true
    }
}

/// The statement that inserts many rows where this one inserts one; `None` if it does something
/// else. It is in PostgreSQL's words already, and these are the types of its parameters.
pub(crate) fn for_many(sql: &str, types: &[Type]) -> Option<(String, Vec<Type>)> {
    let (head, values) = sql.strip_prefix("INSERT INTO ")?.split_once(" VALUES (")?;
    // Something may follow that is not to happen twice to the same row.
    let values = values.strip_suffix(')')?;
    let mut lists = Vec::new();
    for ty in types {
        lists.push(match *ty {
            Type::INT8 => Type::INT8_ARRAY,
            Type::TEXT => Type::TEXT_ARRAY,
            Type::BYTEA => Type::BYTEA_ARRAY,
            _ => return None,
        });
    }
    let names: Vec<String> = (1..=types.len()).map(|place| format!("p{place}")).collect();
    let mut many = format!("INSERT INTO {head} SELECT ");
    let mut rest = values;
    while let Some((before, after)) = rest.split_once('$') {
        many.push_str(before);
        many.push_str("given.p");
        rest = after;
    }
    let params: Vec<_> = (1..=types.len()).map(|place| format!("${place}")).collect();
    // Writing to a string cannot fail.
    let _ =
        write!(many, "{rest} FROM unnest({}) AS given ({})", params.join(", "), names.join(", "));
    Some((many, lists))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_insert_becomes_one_of_many_rows() {
        let types = [Type::INT8, Type::TEXT];
        let (sql, lists) = for_many("INSERT INTO a (b, c, d) VALUES ($1, $2, 0)", &types).unwrap();
        let expected = "INSERT INTO a (b, c, d) SELECT given.p1, given.p2, 0 \
                        FROM unnest($1, $2) AS given (p1, p2)";
        assert_eq!(sql, expected);
        assert_eq!(lists, [Type::INT8_ARRAY, Type::TEXT_ARRAY]);
    }

    #[test]
    fn nothing_else_does() {
        for sql in [
            "UPDATE a SET b = $1",
            "INSERT INTO a (b) SELECT $1",
            "INSERT INTO a (b) VALUES ($1) ON CONFLICT (b) DO UPDATE SET b = $1",
        ] {
            assert!(for_many(sql, &[Type::INT8]).is_none(), "{sql}");
        }
        assert!(for_many("INSERT INTO a (b) VALUES ($1)", &[Type::JSON]).is_none());
    }
}
