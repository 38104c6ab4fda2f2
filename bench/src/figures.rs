//! What was measured.

use std::time::Duration;

use crate::rows::Row;
use crate::wrk::Measurement;

/// A row with its rounds.
#[derive(Debug)]
pub(crate) struct RowFigures {
    /// The row.
    pub(crate) row: Row,
    /// How long an answer is, in bytes.
    pub(crate) size: usize,
    /// What each round came to.
    pub(crate) rounds: Vec<Round>,
}

/// What a row came to in one round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// nginx's answers a second.
    pub(crate) nginx: f64,
    /// roster over many users.
    pub(crate) large: Measurement,
    /// roster's answers a second over few.
    pub(crate) small: f64,
}

impl Round {
    /// How many times as fast as nginx roster is.
    pub(crate) fn of_nginx(&self) -> f64 {
        self.large.rate / self.nginx
    }
}

impl RowFigures {
    /// The median of something over the rounds. Ratios are taken within a round before, because a
    /// machine may be faster in one than in another.
    pub(crate) fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure).collect())
    }

    /// How many times as fast as nginx roster is.
    pub(crate) fn of_nginx(&self) -> f64 {
        self.median(Round::of_nginx)
    }

    /// How many times as fast roster is over many users as it is over few.
    pub(crate) fn of_small(&self) -> f64 {
        self.median(|round| round.large.rate / round.small)
    }

    /// How many times as fast as this first page a further one is.
    pub(crate) fn of_first(&self, first: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&first.rounds);
        median(pairs.map(|(own, first)| own.large.rate / first.large.rate).collect())
    }

    /// The lowest and the highest part of nginx's rate.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let ratios = || self.rounds.iter().map(Round::of_nginx);
        (ratios().fold(f64::MAX, f64::min), ratios().fold(f64::MIN, f64::max))
    }
}

/// Something that was measured once, and what it is to be.
#[derive(Debug)]
pub(crate) struct Check {
    /// What was measured.
    pub(crate) name: String,
    /// What it came to.
    pub(crate) figure: String,
    /// What it is to be, if anything.
    pub(crate) target: String,
    /// Whether it is, if it is to be anything.
    pub(crate) met: Option<bool>,
}

impl Check {
    /// Something that is to be `target`.
    pub(crate) fn new(
        name: impl Into<String>,
        figure: impl Into<String>,
        target: impl Into<String>,
        met: bool,
    ) -> Self {
        Self { name: name.into(), figure: figure.into(), target: target.into(), met: Some(met) }
    }

    /// Something that is told, whatever it is.
    pub(crate) fn told(name: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { name: name.into(), figure: figure.into(), target: String::new(), met: None }
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

/// The number with a comma before each three digits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
