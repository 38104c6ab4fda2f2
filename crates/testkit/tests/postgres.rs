//! What other tests rely on: databases of their own, and a server that comes back.
#![expect(clippy::unwrap_used, reason = "a panic is how a test tells that something is wrong")]

use roster_testkit::postgres::{Cluster, Database};

async fn tables(database: &Database) -> i64 {
    let sql = "select count(*) from pg_class join pg_namespace n on n.oid = relnamespace
               where nspname not like 'pg\\_%' and nspname <> 'information_schema'";
    database.connect().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn each_database_is_empty_and_its_own() {
    let cluster = Cluster::shared();
    let first = cluster.create_database().await;
    first.connect().await.batch_execute("create table person (name text)").await.unwrap();
    let second = cluster.create_database().await;
    assert_eq!(tables(&first).await, 1);
    assert_eq!(tables(&second).await, 0);
    assert_eq!(tables(&cluster.copy_database(&first).await).await, 1);
}

#[tokio::test]
async fn what_was_committed_outlives_the_server() {
    let mut cluster = Cluster::new(false);
    let database = cluster.create_database().await;
    database.connect().await.batch_execute("create table before_the_kill ()").await.unwrap();
    cluster.kill();
    assert!(tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await.is_err());
    cluster.start();
    database.connect().await.batch_execute("create table before_the_restart ()").await.unwrap();
    cluster.restart();
    assert_eq!(tables(&database).await, 2);
}
