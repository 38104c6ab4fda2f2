//! What was measured, as a table in Markdown, which is readable as it is.

use crate::figures::{Check, RowFigures, grouped, milliseconds};

/// Prints the table: rows with their ratios first, then what has no ratio to nginx.
pub(crate) fn print(users: usize, small: usize, rows: &[RowFigures], checks: &[Check]) {
    print_rows(users, small, rows);
    println!();
    println!("| {:70} | {:>52} | {:20} | met |", "what", "figure", "target");
    println!("| {:-<70} | {:->51}: | {:-<20} | --- |", "", "", "");
    for check in depths(rows).iter().chain(checks) {
        let Check { name, figure, target, met } = check;
        println!("| {name:70} | {figure:>52} | {target:20} | {:3} |", verdict(*met));
    }
}

fn print_rows(users: usize, small: usize, rows: &[RowFigures]) {
    println!(
        "| {:58} |   bytes |  nginx/s | roster/s | p50 ms | p99 ms | of nginx |  from–to  | at least | met | of {} users | at least | met |",
        format!("{} users", grouped(users)),
        grouped(small),
    );
    println!(
        "| {:-<58} | ------: | -------: | -------: | -----: | -----: | -------: | :-------: | -------: | --- | -------------: | -------: | --- |",
        ""
    );
    for figures in rows {
        let (ratio, (lowest, highest)) = (figures.of_nginx(), figures.spread());
        let least = figures.row.least.map_or_else(String::new, |least| format!("{least:.2}"));
        let met = figures.row.least.map(|least| ratio >= least);
        let (of_small, least_of_small) = (figures.of_small(), figures.row.least_of_small);
        println!(
            "| {:58} | {:>7} | {:>8.0} | {:>8.0} | {:>6.2} | {:>6.2} | {ratio:>8.2} | {lowest:.2}–{highest:.2} | {least:>8} | {:3} | {of_small:>14.2} | {least_of_small:>8.2} | {:3} |",
            figures.row.name,
            figures.size,
            figures.median(|round| round.nginx),
            figures.median(|round| round.large.rate),
            figures.median(|round| milliseconds(round.large.p50)),
            figures.median(|round| milliseconds(round.large.p99)),
            verdict(met),
            verdict(Some(of_small >= least_of_small)),
        );
    }
}

/// Each page beside the first page of its list.
fn depths(rows: &[RowFigures]) -> Vec<Check> {
    let page = |figures: &RowFigures| {
        let first = figures.row.first_page?;
        let first = rows.iter().find(|other| other.row.name == first)?;
        let ratio = figures.of_first(first);
        let figure = format!("{ratio:.2} of the first page");
        Some(Check::new(figures.row.name, figure, "at least 0.90", ratio >= 0.9))
    };
    rows.iter().filter_map(page).collect()
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    }
}
