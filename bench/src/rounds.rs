//! Measuring rows in turns, because a machine is not equally fast all the time.

use std::net::SocketAddr;
use std::path::Path;

use crate::arguments::Arguments;
use crate::figures::{Round, RowFigures};
use crate::nginx;
use crate::roster::Roster;
use crate::rows::{Directory, Row};
use crate::wrk::{self, Measurement};

/// Two directories that differ in size alone.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) roster: &'a Roster,
    pub(crate) scratch: &'a Path,
    pub(crate) large: Directory,
    pub(crate) small: Directory,
}

impl Bench<'_> {
    /// Measures each pair of rows once in each round: nginx with the requests for the large
    /// directory, the large directory, the small one. The rows are the same for both.
    pub(crate) async fn measure(
        &self,
        large: Vec<Row>,
        small: Vec<Row>,
    ) -> anyhow::Result<Vec<RowFigures>> {
        let mut constants = Vec::new();
        for row in &large {
            constants.push(row.example(&self.large).await?);
        }
        let (nginx, addresses) = nginx::start(self.scratch, &constants).await?;
        let mut rounds = vec![Vec::new(); large.len()];
        let count = self.arguments.rounds();
        for number in 1..=count {
            // Forth and back, so that a machine that grows slower does not favour the first.
            let mut places: Vec<usize> = (0..large.len()).collect();
            if number % 2 == 0 {
                places.reverse();
            }
            for place in places {
                let (row, small) = (&large[place], &small[place]);
                eprint!("round {number} of {count}: {} … ", row.name);
                let round = self.measure_one(row, small, addresses[place]).await?;
                eprintln!("{:.0}/s, {:.2} of nginx", round.large.rate, round.of_nginx());
                rounds[place].push(round);
            }
        }
        nginx.stop().await?;
        let figures = large.into_iter().zip(constants).zip(rounds);
        Ok(figures
            .map(|((row, constant), rounds)| RowFigures { row, size: constant.len(), rounds })
            .collect())
    }

    async fn measure_one(
        &self,
        large: &Row,
        small: &Row,
        nginx: SocketAddr,
    ) -> anyhow::Result<Round> {
        let nginx = self.run(large, nginx, &self.large.token).await?.rate;
        let small = self.run(small, self.small.server.address, &self.small.token).await?.rate;
        let large = self.run(large, self.large.server.address, &self.large.token).await?;
        // The log fills the disk otherwise. This happens between two measurements.
        self.roster.empty_log()?;
        Ok(Round { nginx, large, small })
    }

    async fn run(
        &self,
        row: &Row,
        address: SocketAddr,
        token: &str,
    ) -> anyhow::Result<Measurement> {
        let connections = row.connections.unwrap_or(self.arguments.connections);
        let duration = self.arguments.duration();
        wrk::run(self.arguments, address, token, &row.load, connections, duration).await
    }
}
