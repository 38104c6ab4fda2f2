//! Measuring a peer that answers over HTTP.

use std::path::PathBuf;

use anyhow::ensure;

use super::{PeerRow, Request, USERS};
use crate::arguments::Arguments;
use crate::http::Connection;
use crate::profile;
use crate::server::Server;
use crate::wrk::{self, Load};

/// How long it is asked before it is measured, in seconds: Node compiles what it runs often.
const WARM_UP: u64 = 2;

/// A peer that serves the users.
#[derive(Debug)]
pub(super) struct Product {
    /// Its name and version.
    pub(super) name: String,
    /// The process.
    pub(super) server: Server,
    /// What its requests are authenticated with; peers without authentication overlook it.
    pub(super) token: &'static str,
    /// The path of a user, with `{id}` for their number.
    pub(super) user: &'static str,
    /// The path of the first hundred users.
    pub(super) first: &'static str,
    /// The path of the hundred users after the first half.
    pub(super) middle: &'static str,
    /// The path that new users are posted to.
    pub(super) collection: &'static str,
    /// The file with the body of a new user.
    pub(super) create: PathBuf,
}

impl Product {
    /// Measures each request, and adds its row. What was measured stays if a later request fails.
    pub(super) async fn measure(
        self,
        arguments: &Arguments,
        rows: &mut Vec<PeerRow>,
    ) -> anyhow::Result<()> {
        self.check().await?;
        let warm_up = Arguments { seconds: Some(WARM_UP), ..arguments.clone() };
        self.wrk(&warm_up, Request::Get).await?;
        for request in Request::ALL {
            eprint!("{}, {request} … ", self.name);
            let measurement = self.wrk(arguments, request).await?;
            eprintln!("{:.0} requests/s", measurement.rate);
            let memory = Some(self.server.resident_memory()?);
            rows.push(PeerRow { peer: self.name.clone(), request, measurement, memory });
        }
        Ok(())
    }

    async fn wrk(
        &self,
        arguments: &Arguments,
        request: Request,
    ) -> anyhow::Result<wrk::Measurement> {
        let load = self.load(request)?;
        wrk::measure(arguments, self.server.address, self.token, &load).await
    }

    fn load(&self, request: Request) -> anyhow::Result<Load> {
        Ok(match request {
            Request::Get => {
                Load::Script("../peers/get.lua", vec![self.user.to_owned(), USERS.to_string()])
            }
            Request::FirstPage => Load::Path(self.first.to_owned()),
            Request::MiddlePage => Load::Path(self.middle.to_owned()),
            Request::Create => {
                let body = wrk::absolute(&self.create)?;
                Load::Script("../peers/create.lua", vec![self.collection.to_owned(), body])
            }
        })
    }

    /// Fails unless it answers what it is measured for.
    async fn check(&self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.server.address).await?;
        let half = USERS / 2;
        for (path, users, first) in [
            (self.user.replace("{id}", "1"), 1, 0),
            (self.user.replace("{id}", &USERS.to_string()), 1, USERS - 1),
            (self.first.to_owned(), 100, 0),
            (self.middle.to_owned(), 100, half),
        ] {
            let answer = connection.get(&path, self.token).await?;
            let found = answer.body.matches("\"external_id\"").count();
            let number = format!("\"customer-{}\"", crate::profile::number(first));
            ensure!(
                answer.status == 200 && found == users && answer.body.contains(&number),
                "status {} and {found} users for {path}, not {users} from {number} on",
                answer.status
            );
        }
        let body = std::fs::read_to_string(&self.create)?.replace(profile::NUMBER, "999999999999");
        let answer = connection.post(self.collection, self.token, &body).await?;
        ensure!(
            matches!(answer.status, 200 | 201),
            "status {} for a new user: {}",
            answer.status,
            answer.body
        );
        Ok(())
    }
}
