//! A database of a cluster, and how it goes.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use tokio_postgres::{Client, Error, NoTls};

use super::url;

/// A database of one test's own. It is removed when this value is dropped, whoever is still
/// connected.
pub struct Database {
    name: String,
    url: String,
    sweeper: Sweeper,
}

impl Database {
    pub(super) fn new(name: String, port: u16, sweeper: Sweeper) -> Self {
        let url = url("roster", port, &name);
        Self { name, url, sweeper }
    }

    /// Its name within its cluster.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its owner finds it, who is no superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connects its owner.
    pub async fn connect(&self) -> Client {
        connect(&self.url).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Where the cluster has gone, so has the database.
        drop(self.sweeper.0.send(std::mem::take(&mut self.name)));
    }
}

/// Removes databases behind the tests, so that hundreds of them need no space for all at once.
#[derive(Clone)]
pub(super) struct Sweeper(Sender<String>);

impl Sweeper {
    pub(super) fn new(port: u16) -> Self {
        let (sender, names) = mpsc::channel();
        thread::spawn(move || sweep(&url("postgres", port, "postgres"), &names));
        Self(sender)
    }
}

fn sweep(admin_url: &str, names: &Receiver<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for name in names {
        runtime.block_on(async {
            // A cluster that was killed meanwhile keeps it, until its folder goes.
            if let Ok(admin) = connect(admin_url).await {
                drop(admin.batch_execute(&format!("drop database {name} with (force)")).await);
            }
        });
    }
}

pub(super) async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // It ends with the client, or with an error that the client is told as well.
    tokio::spawn(connection);
    Ok(client)
}
