//! The table of the peers, and their chart.

use std::fmt;

use super::{PeerRow, Request};
use crate::chart::{self, Bar};
use crate::figures::{mebibytes, milliseconds};

/// Prints the rows as a table in Markdown, with roster's rate as a multiple of each one's. roster's
/// own rows are the first.
pub(super) fn print(rows: &[PeerRow]) {
    println!(
        "| {:27} | {:26} | requests/s |  p50 ms |  p99 ms | RSS MiB | roster is |",
        "server", "request"
    );
    println!(
        "| {:-<27} | {:-<26} | ---------: | ------: | ------: | ------: | --------: |",
        "", ""
    );
    for row in rows {
        let measured = row.measurement;
        let memory =
            row.memory.map_or("–".to_owned(), |bytes| format!("{:.0}", mebibytes(bytes)));
        let own = rate_of_roster(rows, row.request);
        let (peer, request) = (&row.peer, row.request);
        println!(
            "| {peer:27} | {request:26} | {:>10.0} | {:>7.2} | {:>7.2} | {memory:>7} | {:>8.2}× |",
            measured.rate,
            milliseconds(measured.p50),
            milliseconds(measured.p99),
            own / measured.rate,
        );
    }
}

/// The rates of all of them as parts of roster's, one kind of request after the other.
pub(super) fn chart(rows: &[PeerRow]) -> Result<String, fmt::Error> {
    let bar = |row: &PeerRow| Bar {
        name: format!("{}: {}", row.request, row.peer),
        ratio: row.measurement.rate / rate_of_roster(rows, row.request),
        least: None,
        note: format!("{:.0}/s", row.measurement.rate),
    };
    let of = |request| rows.iter().filter(move |row| row.request == request).map(bar);
    let bars: Vec<Bar> = Request::ALL.into_iter().flat_map(of).collect();
    let title = "what a package registry offers, as a part of roster over the same users";
    chart::draw(title, "requests per second are beside the bars", &bars)
}

fn rate_of_roster(rows: &[PeerRow], request: Request) -> f64 {
    let own = rows.iter().find(|row| row.request == request);
    own.map_or(f64::NAN, |row| row.measurement.rate)
}
