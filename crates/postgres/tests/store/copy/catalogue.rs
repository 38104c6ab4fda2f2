//! Whether all that a database has is copied.

use std::collections::BTreeMap;

use roster_relational::copy::{Kind, TABLES};

use crate::common::fresh;

/// What is not listed is not copied, and nobody would notice: both sides are read by the list.
#[tokio::test]
async fn every_table_and_column_of_a_database_is_copied() {
    let (store, database) = fresh().await;
    store.close().await;
    let sql = "SELECT table_name::text, column_name::text, data_type::text \
               FROM information_schema.columns WHERE table_schema = current_schema()";
    let mut found: BTreeMap<String, BTreeMap<String, Kind>> = BTreeMap::new();
    for row in database.connect().await.query(sql, &[]).await.unwrap() {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let kind = match row.get(2) {
            "bigint" => Kind::Integer,
            "text" => Kind::Text,
            "bytea" => Kind::Bytes,
            // Only what users are searched with, which is made anew.
            other => {
                assert_eq!((&*table, other), ("searched", "tsvector"));
                continue;
            }
        };
        found.entry(table).or_default().insert(column, kind);
    }
    for own in ["roster_schema", "searched"] {
        assert!(found.remove(own).is_some(), "{own}");
    }
    let listed: BTreeMap<_, BTreeMap<_, _>> = TABLES
        .iter()
        .map(|table| {
            let columns = table.columns.iter().map(|column| (column.name.to_owned(), column.kind));
            (table.name.to_owned(), columns.collect())
        })
        .collect();
    assert_eq!(found, listed);
}

/// Rows with the same key would be taken for one another.
#[tokio::test]
async fn the_key_of_a_table_tells_its_rows_apart() {
    let (store, database) = fresh().await;
    store.close().await;
    let sql = "SELECT attname::text FROM pg_index \
               JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey) \
               WHERE indisprimary AND indrelid = $1::text::regclass";
    let client = database.connect().await;
    for table in TABLES {
        let name = format!("\"{}\"", table.name);
        let rows = client.query(sql, &[&name]).await.unwrap();
        assert!(!rows.is_empty(), "{name}");
        for row in rows {
            assert!(table.key.contains(&row.get(0)), "{name}");
        }
    }
}
