//! What roster is to reach.

use std::time::Duration;

use crate::subject::Subject;
use crate::table::{Table, mebibytes, median, milliseconds};

/// The least part of the bare axum handler's rate.
const RATIOS: [(Subject, f64); 4] = [
    (Subject::HotGet, 0.75),
    (Subject::UniformGet, 0.5),
    (Subject::CreateWithExternalId, 0.3),
    (Subject::CreateWithoutExternalId, 0.3),
];
/// The least part of the rate of nginx answering a page of the same size.
const PAGE_RATIOS: [Subject; 6] = [
    Subject::UsersFirst,
    Subject::UsersMiddle,
    Subject::UsersLast,
    Subject::UsersPageOne,
    Subject::UsersPageHundred,
    Subject::UsersByName,
];
const PAGE_RATIO: f64 = 0.25;
/// How far the slowest page of the list may stay behind the fastest.
const PAGE_SPREAD: f64 = 0.1;
const START_UP_MILLISECONDS: f64 = 200.0;
const MEMORY_MEBIBYTES: f64 = 200.0;

/// Prints each target and whether it was reached. `memory` is roster's after the last run, in
/// bytes.
pub(crate) fn print(table: &Table, start_ups: &[Duration], memory: u64) {
    for (subject, target) in RATIOS {
        let ratio = table.ratio(subject, Subject::BareAxum);
        let figure = format!("{ratio:.2} of bare axum");
        print_one(&subject.to_string(), &format!("at least {target:.2}"), &figure, ratio >= target);
    }
    for subject in PAGE_RATIOS {
        let ratio = table.ratio(subject, Subject::NginxPage);
        let figure = format!("{ratio:.2} of nginx, constant page");
        let target = format!("at least {PAGE_RATIO:.2}");
        print_one(&subject.to_string(), &target, &figure, ratio >= PAGE_RATIO);
    }
    for (name, pages) in [
        ("roster, list of 100, at any depth", Subject::PAGES),
        ("roster, users by cursor, at any depth", Subject::USERS),
    ] {
        let spread = table.spread(&pages);
        let figure = format!("the slowest page {:.1} % behind the fastest", spread * 100.0);
        print_one(name, "at most 10 %", &figure, spread <= PAGE_SPREAD);
    }
    let start_up = median(start_ups.iter().copied().map(milliseconds).collect());
    print_one(
        "roster, from start to ready",
        "under 200 ms",
        &format!("{start_up:.0} ms"),
        start_up < START_UP_MILLISECONDS,
    );
    let memory = mebibytes(memory);
    print_one(
        "roster, RSS after all runs",
        "under 200 MiB",
        &format!("{memory:.0} MiB"),
        memory < MEMORY_MEBIBYTES,
    );
}

fn print_one(name: &str, target: &str, figure: &str, reached: bool) {
    let verdict = if reached { "reached" } else { "MISSED " };
    println!("{verdict} {name}: {figure} (target: {target})");
}
