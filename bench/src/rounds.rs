//! Measuring everything in turns, because a machine is not equally fast all the time.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::arguments::Arguments;
use crate::baseline::PAGE;
use crate::http::Connection;
use crate::load::{Users, number};
use crate::profile;
use crate::roster::Roster;
use crate::server::Server;
use crate::subject::Subject;
use crate::table::{Round, Table};
use crate::wrk::{self, Load};

/// The servers that run, and what it takes to ask them.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) loads: Loads,
    pub(crate) token: String,
    pub(crate) roster: &'a Roster,
    pub(crate) server: Server,
    pub(crate) nginx: Server,
    pub(crate) bare_axum: Server,
}

/// The files that the scripts of wrk read, and the places of the list.
#[derive(Debug)]
pub(crate) struct Loads {
    hot: PathBuf,
    all: PathBuf,
    with_external_id: PathBuf,
    without_external_id: PathBuf,
    middle: String,
    end: String,
    /// Cursors of Zendesk's dialect at the same places.
    users_middle: String,
    users_end: String,
    /// A number that the profile of one user alone has.
    rare: String,
}

impl Loads {
    /// Writes the files to `folder`, and asks `server` where its lists are in their middle and
    /// near their end.
    pub(crate) async fn write(
        users: &Users,
        hot: u32,
        folder: &Path,
        server: &Server,
        token: &str,
    ) -> anyhow::Result<Self> {
        let mut connection = Connection::open(server.address).await?;
        let loads = Self {
            users_middle: cursor(&mut connection, token, users.count / 2).await?,
            users_end: cursor(&mut connection, token, users.count - 200).await?,
            rare: number(users.count / 3),
            hot: folder.join("hot"),
            all: users.identifiers.clone(),
            with_external_id: folder.join("with-external-id.json"),
            without_external_id: folder.join("without-external-id.json"),
            middle: users.identifier(users.count / 2)?,
            // Two hundred before the end, so that this page is as full as the others.
            end: users.identifier(users.count - 200)?,
        };
        users.write_some(hot, &loads.hot)?;
        std::fs::write(&loads.with_external_id, profile::with_external_id())?;
        std::fs::write(&loads.without_external_id, profile::without_external_id())?;
        Ok(loads)
    }

    /// The baselines are asked what the hot users are asked, so that making the requests costs
    /// wrk the same.
    fn load(&self, subject: Subject) -> Load {
        let page =
            |cursor: &str| Load::Path(format!("/api/v2/end-users/?limit=100&cursor={cursor}"));
        let users = |query: String| Load::Path(format!("/api/v2/users.json?{query}"));
        let after = |cursor: &str| users(format!("page%5Bsize%5D=100&page%5Bafter%5D={cursor}"));
        let search = |word: &str| Load::Path(format!("/api/v2/users/search.json?query={word}"));
        match subject {
            Subject::Nginx | Subject::BareAxum | Subject::HotGet => Load::Get(self.hot.clone()),
            Subject::UniformGet => Load::Get(self.all.clone()),
            Subject::FirstPage => Load::Path("/api/v2/end-users/?limit=100".to_owned()),
            Subject::MiddlePage => page(&self.middle),
            Subject::LastPage => page(&self.end),
            Subject::NginxPage => Load::Path(format!("/{PAGE}")),
            Subject::UsersFirst => users("page%5Bsize%5D=100".to_owned()),
            Subject::UsersMiddle => after(&self.users_middle),
            Subject::UsersLast => after(&self.users_end),
            Subject::UsersPageOne => users("per_page=100".to_owned()),
            Subject::UsersPageHundred => users("per_page=100&page=100".to_owned()),
            Subject::Agents => users("page%5Bsize%5D=100&role=agent".to_owned()),
            Subject::UsersByName => users("page%5Bsize%5D=100&sort=name".to_owned()),
            Subject::SearchCommon => search(COMMON_WORD),
            Subject::SearchRare => search(&self.rare),
            Subject::ByExternalId => users(format!("external_id=customer-{}", self.rare)),
            Subject::CreateWithExternalId => Load::Create(self.with_external_id.clone()),
            Subject::CreateWithoutExternalId => Load::Create(self.without_external_id.clone()),
        }
    }
}

/// A word that every user has, for the search.
const COMMON_WORD: &str = "hopper";

/// The cursor of the user who was made with this number, encoded for a query.
async fn cursor(connection: &mut Connection, token: &str, place: usize) -> anyhow::Result<String> {
    let path = format!("/api/v2/users?page[size]=1&external_id=customer-{}", number(place));
    let answer = connection.get(&path, token).await?;
    let (_, rest) = answer.body.split_once("\"after_cursor\":\"").context("there is no cursor")?;
    let (cursor, _) = rest.split_once('"').context("the cursor does not end")?;
    Ok(cursor.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"))
}

impl Bench<'_> {
    /// Measures everything, and each subject once in each round.
    pub(crate) async fn measure(&self) -> anyhow::Result<Table> {
        let rounds = self.arguments.rounds;
        let reads = (1..=rounds).map(|number| (number, Subject::READS.as_slice()));
        let writes = (1..=rounds).map(|number| (rounds + number, Subject::WRITES.as_slice()));
        let mut table = Table::default();
        for (number, subjects) in reads.chain(writes) {
            // Forth and back, so that a machine that grows slower does not favour the first.
            let mut subjects = subjects.to_vec();
            if number % 2 == 0 {
                subjects.reverse();
            }
            for subject in subjects {
                eprint!("round {number} of {}: {subject} … ", 2 * rounds);
                let round = self.measure_one(subject, number).await?;
                eprintln!("{:.0} requests/s", round.measurement.rate);
                table.add(subject, round);
            }
        }
        Ok(table)
    }

    async fn measure_one(&self, subject: Subject, number: u32) -> anyhow::Result<Round> {
        let server = match subject {
            Subject::Nginx | Subject::NginxPage => &self.nginx,
            Subject::BareAxum => &self.bare_axum,
            _ => &self.server,
        };
        let load = self.loads.load(subject);
        let measurement =
            wrk::measure(self.arguments, server.address, &self.token, &load, number).await?;
        // The log fills the disk otherwise. This happens between two measurements.
        self.roster.empty_log()?;
        Ok(Round { number, measurement, memory: server.resident_memory()? })
    }
}
