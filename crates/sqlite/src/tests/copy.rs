//! What is copied of this database, and what reading it costs.

use std::collections::BTreeMap;

use roster_relational::copy::{Data, Datum, Kind, TABLES, Table, last_key, read_after};
use roster_relational::sql::{Connection, ToValue};

use super::lists::{cost, empty};
use crate::sql::SqliteConnection;

/// What is not listed is not copied, and nobody would notice: both sides are read by the list.
#[test]
fn every_table_and_column_is_copied() {
    let connection = empty();
    let sql = "SELECT tables.name, columns.name, columns.type FROM sqlite_schema AS tables \
               JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'";
    let mut statement = connection.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut found: BTreeMap<String, BTreeMap<String, Kind>> = BTreeMap::new();
    while let Some(row) = rows.next().unwrap() {
        let kind = match &*row.get::<_, String>(2).unwrap() {
            "INTEGER" => Kind::Integer,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Bytes,
            other => panic!("{other}"),
        };
        let table = found.entry(row.get(0).unwrap()).or_default();
        table.insert(row.get(1).unwrap(), kind);
    }
    let listed: BTreeMap<_, BTreeMap<_, _>> = TABLES
        .iter()
        .map(|table| {
            let columns = table.columns.iter().map(|column| (column.name.to_owned(), column.kind));
            (table.name.to_owned(), columns.collect())
        })
        .collect();
    // What the store makes of the others.
    for derived in ["user_by_name", "identity_by_value", "change_buffer"] {
        found.remove(derived).unwrap();
    }
    assert_eq!(found, listed);
}

/// A row of a table with this number in its key, in one of two accounts and of one of two kinds.
fn row(table: &Table, number: i64) -> Data {
    let field = |name: &str, kind: Kind| match (name, kind) {
        ("account_id", _) if table.key.len() > 1 => Datum::Integer(number % 2),
        ("kind", _) => Datum::Integer(number / 2 % 2),
        (_, Kind::Integer) => Datum::Integer(number),
        (_, Kind::Text) => Datum::Text(format!("{number:08}").into()),
        (_, Kind::Bytes) => Datum::Bytes(format!("{number:08}").as_bytes().into()),
    };
    table.columns.iter().map(|column| field(column.name, column.kind)).collect()
}

fn fill(connection: &SqliteConnection, table: &Table, count: i64) {
    let places: Vec<_> = (1..=table.columns.len()).map(|place| format!("?{place}")).collect();
    let (columns, places) = (table.column_list(), places.join(", "));
    let sql = format!("INSERT INTO {} ({columns}) VALUES ({places})", table.name);
    for number in 0..count {
        let row = row(table, number);
        let params: Vec<_> = row.iter().map(|datum| datum as &dyn ToValue).collect();
        connection.execute(&sql, &params).unwrap();
    }
}

/// The rows of a table, and what each batch of them has cost.
fn read_all(connection: &mut SqliteConnection, table: &Table) -> (Vec<Data>, Vec<u64>) {
    let (mut rows, mut costs): (Vec<Data>, _) = (Vec::new(), Vec::new());
    loop {
        let after = rows.last().map(|row| table.key_of(row));
        let mut batch = Vec::new();
        costs.push(cost(connection, |connection| {
            batch = read_after(connection, table, after.as_deref()).unwrap();
        }));
        if batch.is_empty() {
            return (rows, costs);
        }
        rows.extend(batch);
    }
}

#[test]
fn a_batch_costs_the_same_at_any_depth() {
    const COUNT: i64 = 5500;
    for table in TABLES.iter().filter(|table| !table.is_replaced) {
        let mut connection = empty();
        connection.execute_batch("BEGIN").unwrap();
        fill(&connection, table, COUNT);
        connection.execute_batch("COMMIT").unwrap();
        let (rows, costs) = read_all(&mut connection, table);
        let keys: Vec<_> = rows.iter().map(|row| table.key_of(row)).collect();
        assert!(keys.is_sorted_by(|one, next| one < next), "{}", table.name);
        assert_eq!(keys.len(), usize::try_from(COUNT).unwrap(), "{}", table.name);
        assert_eq!(last_key(&connection, table).unwrap().as_ref(), keys.last());
        let most = costs.iter().max().unwrap();
        assert!(*most < costs[0] + costs[0] / 5, "{}: {costs:?}", table.name);
        // Nothing is sorted: that would take several steps for each row of the table.
        let columns = u64::try_from(table.columns.len()).unwrap();
        assert!(costs[0] < 1000 * (columns + 12), "{}: {costs:?}", table.name);
    }
}

#[test]
fn long_rows_come_in_small_batches() {
    let mut connection = empty();
    let table = TABLES.iter().find(|table| table.name == "job").unwrap();
    fill(&connection, table, 20);
    connection.execute_batch("UPDATE job SET outcomes = printf('%.*c', 1000000, 'x')").unwrap();
    let first = read_after(&connection, table, None).unwrap();
    assert_eq!(first.len(), 5, "of a megabyte each, with a limit of four");
    assert_eq!(read_all(&mut connection, table).0.len(), 20);
}
