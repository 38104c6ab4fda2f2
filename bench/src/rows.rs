//! What is measured: the lines of the table.

use std::path::Path;

use anyhow::{Context, bail, ensure};

use crate::arguments::Arguments;
use crate::http::Connection;
use crate::load::Users;
use crate::profile;
use crate::server::Server;
use crate::team;
use crate::wrk::{Load, Newcomers};

/// A kind of request.
#[derive(Debug)]
pub(crate) struct Row {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// What wrk asks for.
    pub(crate) load: Load,
    /// Over how many connections, unless the command line says.
    pub(crate) connections: Option<u32>,
    /// The least part of nginx's rate.
    pub(crate) least: Option<f64>,
    /// The least part of the rate over few users.
    pub(crate) least_of_small: f64,
    /// The row of the first page, if this is a page further down.
    pub(crate) first_page: Option<&'static str>,
}

/// A server with a store, and what it takes to ask it.
#[derive(Debug)]
pub(crate) struct Directory {
    /// The users.
    pub(crate) users: Users,
    /// Who serves them.
    pub(crate) server: Server,
    /// The token for that.
    pub(crate) token: String,
}

/// How large the part of the rate over few users is to be, usually, and where any user is asked for.
const USUAL: f64 = 0.8;
const UNIFORM: f64 = 0.6;

impl Row {
    fn new(name: &'static str, least: f64, load: Load) -> Self {
        let (least, least_of_small) = (Some(least), USUAL);
        Self { name, load, connections: None, least, least_of_small, first_page: None }
    }

    fn uniform(self) -> Self {
        Self { least_of_small: UNIFORM, ..self }
    }

    fn without_target(self) -> Self {
        Self { least: None, ..self }
    }

    fn with_connections(self, connections: u32) -> Self {
        Self { connections: Some(connections), ..self }
    }

    fn below(self, first_page: &'static str) -> Self {
        Self { first_page: Some(first_page), ..self }
    }

    /// Creates that are no line of the table.
    pub(crate) fn creates(load: Load) -> Self {
        Self::new("creates", 0.0, load).without_target()
    }

    /// Asks for one of the answers, which nginx is then to give to everybody.
    pub(crate) async fn example(&self, directory: &Directory) -> anyhow::Result<String> {
        let one = || -> anyhow::Result<String> {
            Ok(format!("/api/v2/end-users/{}", directory.users.identifier(0)?))
        };
        let (method, path, body) = match &self.load {
            Load::Path(path) => ("GET", path.clone(), String::new()),
            Load::Get(_) => ("GET", one()?, String::new()),
            Load::External(..) => ("GET", external_id_path(0), String::new()),
            Load::Patch(_) => ("PATCH", one()?, r#"{"profile":{"metadata":{"seats":13}}}"#.into()),
            Load::Create(_) | Load::Mixed(..) => {
                let body = profile::with_external_id(directory.users.count);
                ("POST", "/api/v2/end-users/".to_owned(), body)
            }
            Load::Script(script, _) => bail!("no answer is known of what {script} asks"),
        };
        let mut connection = Connection::open(directory.server.address).await?;
        let answer = connection.send(method, &path, &directory.token, &body).await?;
        let (status, body) = (answer.status, answer.body);
        ensure!(matches!(status, 200 | 201), "status {status} for {method} {path}: {body}");
        Ok(body)
    }
}

/// What leaves the users as they are.
pub(crate) async fn reads(
    arguments: &Arguments,
    directory: &Directory,
    scratch: &Path,
) -> anyhow::Result<Vec<Row>> {
    let users = &directory.users;
    let hot = scratch.join(format!("hot-{}", users.count));
    users.write_some(arguments.hot, &hot)?;
    let few = usize::try_from(arguments.hot)?.min(users.count);
    let mut rows = vec![
        Row::new("Ada get by id, hot users", 0.85, Load::Get(hot)),
        Row::new("Ada get by id, any user", 0.5, Load::Get(users.identifiers.clone())).uniform(),
        Row::new("Ada get by external id, hot users", 0.8, Load::External(few, users.count / few)),
        Row::new("Ada get by external id, any user", 0.45, Load::External(users.count, 1))
            .uniform(),
    ];
    rows.extend(end_user_lists(users)?);
    rows.extend(user_lists(directory).await?);
    Ok(rows)
}

fn end_user_lists(users: &Users) -> anyhow::Result<[Row; 3]> {
    const FIRST: &str = "Ada list of 100, first page";
    let path = "/api/v2/end-users/?limit=100";
    let page = |place: usize| -> anyhow::Result<Load> {
        Ok(Load::Path(format!("{path}&cursor={}", users.identifier(place)?)))
    };
    Ok([
        Row::new(FIRST, 0.5, Load::Path(path.to_owned())),
        Row::new("Ada list of 100, in the middle", 0.5, page(users.count / 2)?).below(FIRST),
        // Two hundred before the end, so that this page is as full as the others.
        Row::new("Ada list of 100, near the end", 0.5, page(users.count - 200)?).below(FIRST),
    ])
}

async fn user_lists(directory: &Directory) -> anyhow::Result<[Row; 8]> {
    const CURSOR: &str = "Zendesk list of 100 by cursor, first page";
    const NUMBER: &str = "Zendesk list of 100 by number, page 1";
    let count = directory.users.count;
    let users = |query: &str| Load::Path(format!("/api/v2/users.json?{query}"));
    let after = |cursor: String| users(&format!("page%5Bsize%5D=100&page%5Bafter%5D={cursor}"));
    let place = |place: usize| format!("customer-{}", profile::number(place));
    let middle = after(cursor(directory, &place(count / 2)).await?);
    let end = after(cursor(directory, &place(count - 200)).await?);
    let team = cursor(directory, &team::before_a_page()).await?;
    let full = format!(
        "page%5Bsize%5D=100&page%5Bafter%5D={team}&include=organizations,groups,identities"
    );
    let rare = format!("/api/v2/users/search.json?query={}", profile::number(count / 3));
    let by_name = users("page%5Bsize%5D=100&sort=name");
    Ok([
        Row::new(CURSOR, 0.4, users("page%5Bsize%5D=100")),
        Row::new("Zendesk list of 100 by cursor, in the middle", 0.4, middle).below(CURSOR),
        Row::new("Zendesk list of 100 by cursor, near the end", 0.4, end).below(CURSOR),
        Row::new(NUMBER, 0.4, users("per_page=100")),
        Row::new("Zendesk list of 100 by number, page 100", 0.4, users("per_page=100&page=100"))
            .below(NUMBER),
        Row::new("Zendesk list of 100 with organizations, groups, identities", 0.25, users(&full)),
        Row::new("Zendesk list of 100, by name", 0.0, by_name).without_target(),
        Row::new("Zendesk search for one user", 0.0, Load::Path(rare)).without_target(),
    ])
}

/// What changes users, and makes new ones.
pub(crate) fn writes(directory: &Directory, newcomers: &Newcomers) -> Vec<Row> {
    let create = Load::Create(newcomers.clone());
    let patch = Load::Patch(directory.users.identifiers.clone());
    vec![
        Row::new("Ada create, 64 connections", 0.35, create.clone()).with_connections(64),
        Row::new("Ada create, 256 connections", 0.4, create).with_connections(256),
        Row::new("Ada patch, 64 connections", 0.3, patch).with_connections(64),
    ]
}

fn external_id_path(place: usize) -> String {
    format!("/api/v2/end-users/?external_id=customer-{}", profile::number(place))
}

/// The cursor after the user with this external id, encoded for a query.
async fn cursor(directory: &Directory, external_id: &str) -> anyhow::Result<String> {
    let mut connection = Connection::open(directory.server.address).await?;
    let path = format!("/api/v2/users?page[size]=1&external_id={external_id}");
    let answer = connection.get(&path, &directory.token).await?;
    let (_, rest) = answer.body.split_once("\"after_cursor\":\"").context("there is no cursor")?;
    let (cursor, _) = rest.split_once('"').context("the cursor does not end")?;
    Ok(cursor.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"))
}
