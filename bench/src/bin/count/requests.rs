//! The requests that are counted.

use std::fmt;
use std::path::Path;

use anyhow::Context;

use crate::client::Connection;
use crate::server::Program;

/// How many end users the store has.
const USERS: u32 = 200;

/// How many requests come before those that are counted, so that what is kept in memory is there.
pub(crate) const WARM_UP: u32 = 50;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One end user by identifier, answered before hyper.
    GetById,
    /// One end user by external id, answered before hyper.
    GetByExternalId,
    /// One end user by identifier, through hyper, axum and the handler.
    GetTheLongWay,
    /// A hundred users in Zendesk's dialect.
    ZendeskList,
    /// A hundred end users in Ada's dialect.
    AdaList,
    /// A new end user with an external id, durable when it is answered.
    Create,
}

impl Kind {
    /// In the order in which they are counted.
    pub(crate) const ALL: [Self; 6] = [
        Self::GetById,
        Self::GetByExternalId,
        Self::GetTheLongWay,
        Self::ZendeskList,
        Self::AdaList,
        Self::Create,
    ];

    /// How many requests are counted: enough for what happens beside them not to matter.
    pub(crate) const fn requests(self) -> u32 {
        match self {
            Self::GetById | Self::GetByExternalId => 4000,
            Self::GetTheLongWay => 2000,
            Self::Create => 1000,
            Self::ZendeskList | Self::AdaList => 300,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::GetById => "get-by-id",
            Self::GetByExternalId => "get-by-external-id",
            Self::GetTheLongWay => "get-the-long-way",
            Self::ZendeskList => "zendesk-list-of-100",
            Self::AdaList => "ada-list-of-100",
            Self::Create => "create",
        })
    }
}

/// Whom the requests are about, and who asks.
#[derive(Debug)]
pub(crate) struct Users {
    token: String,
    /// The identifier of one of them.
    identifier: String,
}

impl Users {
    /// Makes the end users in a new store.
    pub(crate) fn make(program: &Program, store: &Path) -> anyhow::Result<Self> {
        let server = program.serve(store)?;
        let mut connection = Connection::open(&server)?;
        let mut users = Self { token: program.make_token(store)?, identifier: String::new() };
        for number in 0..USERS {
            let answer = connection.ask(users.create(number).as_bytes())?;
            let identifier = identifier_in(answer).context("no end_user_id")?;
            identifier.clone_into(&mut users.identifier);
        }
        drop(connection);
        server.stop()?;
        Ok(users)
    }

    /// The request of that kind and number.
    pub(crate) fn request(&self, kind: Kind, number: u32) -> String {
        let one = || format!("end-users/{}", self.identifier);
        match kind {
            Kind::GetById => self.get(&one(), ""),
            Kind::GetByExternalId => {
                self.get(&format!("end-users/?external_id=customer-{:012}", USERS - 1), "")
            }
            // A header that speaks of a body is none for the fast path.
            Kind::GetTheLongWay => self.get(&one(), "Content-Length: 0\r\n"),
            Kind::ZendeskList => self.get("users.json?page[size]=100", ""),
            Kind::AdaList => self.get("end-users/?limit=100", ""),
            Kind::Create => self.create(USERS + number),
        }
    }

    fn get(&self, path: &str, header: &str) -> String {
        let token = &self.token;
        format!(
            "GET /api/v2/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             {header}\r\n"
        )
    }

    fn create(&self, number: u32) -> String {
        let body = format!(
            r#"{{"external_id":"customer-{number:012}","profile":{{"first_name":"Grace","last_name":"Hopper","display_name":"Grace Hopper","avatar":"https://images.example.org/people/{number:012}.png","email":"grace.{number:012}@example.org","language":"en-CA","metadata":{{"tier":"gold","seats":12,"beta":false,"region":"emea"}}}}}}"#
        );
        format!(
            "POST /api/v2/end-users/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }
}

fn identifier_in(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once(r#""end_user_id":""#)?;
    Some(rest.split_once('"')?.0)
}
