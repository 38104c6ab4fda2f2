//! The schema is one that can be spread over machines by account, and has nothing in it that only
//! one machine could keep. The catalogue itself is asked.

use roster_testkit::postgres::Database;

use crate::common::fresh_database;

/// What must not be, and how the catalogue tells of it. Tables that do not grow with what accounts
/// have belong to the whole store, and are named.
const RULES: [(&str, &str); 6] = [
    (
        "a growing table without a primary key",
        "SELECT relname::text FROM pg_class \
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') \
         AND relname NOT IN ('allocation', 'sealing_key', 'token', 'roster_schema') \
         AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)",
    ),
    (
        "a growing table with something unique that does not begin with the account",
        "SELECT format('%s in %s', own.relname, growing.relname) FROM pg_index \
         JOIN pg_class AS growing ON growing.oid = indrelid \
         JOIN pg_class AS own ON own.oid = indexrelid \
         LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
         WHERE growing.relnamespace = 'public'::regnamespace AND indisunique \
         AND growing.relname NOT IN ('allocation', 'sealing_key', 'token', 'roster_schema') \
         AND attname IS DISTINCT FROM 'account_id'",
    ),
    (
        "a foreign key or a trigger",
        "SELECT conname::text FROM pg_constraint WHERE contype IN ('f', 't') \
         UNION ALL SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal",
    ),
    (
        "a sequence, a view or a table of another kind",
        "SELECT relname::text FROM pg_class \
         WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('r', 'p', 'i', 'I', 't')",
    ),
    (
        "a function or an extension",
        "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace \
         UNION ALL SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'",
    ),
    (
        "a text that does not sort by its bytes",
        "SELECT format('%s of %s', attname, relname) FROM pg_attribute \
         JOIN pg_class ON pg_class.oid = attrelid \
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'i') \
         AND attcollation NOT IN (0, (SELECT oid FROM pg_collation WHERE collname = 'C'))",
    ),
];

/// What of a kind there is.
async fn found(database: &Database, rule: &str) -> Vec<String> {
    let rows = database.connect().await.query(rule, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_schema_can_be_spread_by_account() {
    let database = fresh_database().await;
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    assert!(found(&database, tables).await.len() > 15);
    for (what, rule) in RULES {
        assert_eq!(found(&database, rule).await, Vec::<String>::new(), "there is {what}");
    }
}

/// What each rule is against is found where it is.
#[tokio::test]
async fn each_rule_finds_what_it_is_against() {
    const WRONGS: [(&str, &str); 10] = [
        (RULES[0].0, "CREATE TABLE wrong (account_id BIGINT)"),
        (RULES[1].0, "CREATE TABLE wrong (id BIGINT PRIMARY KEY, account_id BIGINT)"),
        (RULES[1].0, "CREATE UNIQUE INDEX wrong ON \"user\" (user_id)"),
        (RULES[1].0, "CREATE UNIQUE INDEX wrong ON \"user\" (lower(external_id))"),
        (
            RULES[2].0,
            "ALTER TABLE event ADD CONSTRAINT wrong FOREIGN KEY (account_id) REFERENCES account",
        ),
        (
            RULES[2].0,
            "CREATE TRIGGER wrong BEFORE UPDATE ON account FOR EACH ROW \
             EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ),
        (RULES[3].0, "CREATE SEQUENCE wrong"),
        (RULES[3].0, "CREATE VIEW wrong AS SELECT 1"),
        (RULES[4].0, "CREATE FUNCTION wrong() RETURNS INTEGER LANGUAGE SQL RETURN 1"),
        (RULES[5].0, "ALTER TABLE channel ADD COLUMN wrong TEXT"),
    ];
    for (what, wrong) in WRONGS {
        let database = fresh_database().await;
        database.connect().await.batch_execute(wrong).await.unwrap();
        for (name, rule) in RULES {
            let found = found(&database, rule).await;
            assert_eq!(!found.is_empty(), name == what, "{wrong} is {name}: {found:?}");
            assert!(found.iter().all(|text| text.contains("wrong")), "{found:?}");
        }
    }
}
