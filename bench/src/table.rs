//! What was measured, and how it is printed.

use std::time::Duration;

use crate::subject::Subject;
use crate::wrk::Measurement;

/// What one subject came to in one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// Which round of the whole run it was. Baselines were measured in the same one.
    pub(crate) number: u32,
    /// What wrk measured.
    pub(crate) measurement: Measurement,
    /// The server's memory right after, in bytes.
    pub(crate) memory: u64,
}

/// Every subject with its rounds, in the order in which they were first measured.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<(Subject, Vec<Round>)>);

impl Table {
    /// Adds a round.
    pub(crate) fn add(&mut self, subject: Subject, round: Round) {
        match self.0.iter_mut().find(|(other, _)| *other == subject) {
            Some((_, rounds)) => rounds.push(round),
            None => self.0.push((subject, vec![round])),
        }
    }

    /// Answers a second.
    fn rate(&self, subject: Subject) -> f64 {
        self.median(subject, |round| round.measurement.rate)
    }

    /// How many times as fast as `baseline` the subject is. A machine may be faster in one round
    /// than in another, so they are compared round by round.
    pub(crate) fn ratio(&self, subject: Subject, baseline: Subject) -> f64 {
        let ratio = |round: &Round| Some(round.measurement.rate / self.rate_in(round, baseline)?);
        median(self.rounds(subject).iter().filter_map(ratio).collect())
    }

    /// How far the slowest of `subjects` stays behind the fastest, round by round.
    pub(crate) fn spread(&self, subjects: &[Subject]) -> f64 {
        let spread = |round: &Round| {
            let rates = || subjects.iter().filter_map(|subject| self.rate_in(round, *subject));
            1.0 - rates().fold(f64::MAX, f64::min) / rates().fold(f64::MIN, f64::max)
        };
        let rounds = subjects.first().map_or(&[][..], |subject| self.rounds(*subject));
        median(rounds.iter().map(spread).collect())
    }

    fn rate_in(&self, round: &Round, subject: Subject) -> Option<f64> {
        let same = |other: &&Round| other.number == round.number;
        Some(self.rounds(subject).iter().find(same)?.measurement.rate)
    }

    /// The most memory that a server had, in bytes.
    fn memory(&self, subject: Subject) -> u64 {
        self.rounds(subject).iter().map(|round| round.memory).max().unwrap_or_default()
    }

    fn rounds(&self, subject: Subject) -> &[Round] {
        let row = self.0.iter().find(|(other, _)| *other == subject);
        row.map_or(&[], |(_, rounds)| rounds)
    }

    fn median(&self, subject: Subject, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds(subject).iter().map(figure).collect())
    }

    /// Prints everything as a table in Markdown, which is readable as it is.
    pub(crate) fn print(&self) {
        println!(
            "| {:35} | requests/s |  p50 ms |  p99 ms | RSS MiB | of nginx | of bare axum | of nginx, page |",
            "server, request"
        );
        println!(
            "| {:-<35} | ---------: | ------: | ------: | ------: | -------: | -----------: | -------------: |",
            ""
        );
        for (subject, _) in &self.0 {
            println!(
                "| {subject:35} | {:>10.0} | {:>7.2} | {:>7.2} | {:>7.1} | {:>8.2} | {:>12.2} | {:>14.2} |",
                self.rate(*subject),
                self.median(*subject, |round| milliseconds(round.measurement.p50)),
                self.median(*subject, |round| milliseconds(round.measurement.p99)),
                mebibytes(self.memory(*subject)),
                self.ratio(*subject, Subject::Nginx),
                self.ratio(*subject, Subject::BareAxum),
                self.ratio(*subject, Subject::NginxPage),
            );
        }
    }
}

/// The middle one of `figures`; between the two middle ones if there is no middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    match figures.as_slice() {
        [] => f64::NAN,
        sorted if sorted.len() % 2 == 1 => sorted[sorted.len() / 2],
        sorted => f64::midpoint(sorted[sorted.len() / 2 - 1], sorted[sorted.len() / 2]),
    }
}

/// The duration in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// The number of bytes in MiB.
#[expect(clippy::cast_precision_loss, reason = "no machine has 2^52 bytes of memory")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}
