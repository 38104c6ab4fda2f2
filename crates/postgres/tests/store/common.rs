//! What the tests of this crate share.

use std::sync::Arc;
use std::time::Duration;

use roster_postgres::{PostgresOptions, PostgresStore};
use roster_testkit::Store;
use roster_testkit::postgres::{Cluster, Database};
use tokio::sync::OnceCell;

/// How a store on this database is opened.
pub(crate) fn options(url: &str) -> PostgresOptions {
    PostgresOptions {
        url: url.to_owned(),
        connections: PostgresStore::FEWEST_CONNECTIONS,
        statement_timeout: Duration::from_secs(20),
        pooler: false,
        queue_limit: 1024,
    }
}

/// A new database that has the schema already.
pub(crate) async fn fresh_database() -> Database {
    static TEMPLATE: OnceCell<Database> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(async || {
        let database = Cluster::shared().create_database().await;
        PostgresStore::open(&options(database.url())).unwrap().close().await;
        database
    });
    Cluster::shared().copy_database(template.await).await
}

/// An empty store, and the database that it lives in.
pub(crate) async fn fresh() -> (Arc<dyn Store>, Database) {
    let database = fresh_database().await;
    (Arc::new(PostgresStore::open(&options(database.url())).unwrap()), database)
}
