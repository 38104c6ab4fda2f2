//! How far a copy is, for whoever looks on.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use roster_relational::copy::{Step, Watch};

use crate::output;

/// Shows a bar on a terminal, and elsewhere tells a line for each table.
pub(crate) struct Progress {
    /// None if nobody looks at a terminal.
    bar: Option<ProgressBar>,
    step: Option<Step>,
    /// How many rows the step has had.
    rows: u64,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let form = "{msg:24} [{wide_bar}] {human_pos}/{human_len} rows, {per_sec}, {eta} left";
            // The form is a sound one, and if it were not, the usual one would do.
            bar.set_style(
                ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar
        });
        Self { bar, step: None, rows: 0 }
    }

    /// Takes the bar away.
    pub(crate) fn end(&mut self) {
        self.leave();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn leave(&mut self) {
        let (step, rows) = (self.step.take(), std::mem::take(&mut self.rows));
        if self.bar.is_some() || rows == 0 {
            return;
        }
        match step {
            Some(Step::Copy(table)) => output::tell(&format!("copied {rows} rows of {table}\n")),
            Some(Step::Index) => output::tell(&format!("indexed {rows} users\n")),
            Some(Step::Compare(table)) => output::tell(&format!("read {rows} rows of {table}\n")),
            None => {}
        }
    }
}

impl Watch for Progress {
    fn begin(&mut self, total: u64, done: u64) {
        match &self.bar {
            Some(bar) => {
                bar.set_length(total);
                bar.set_position(done);
                // The speed is that of this run.
                bar.reset_eta();
            }
            None if done > 0 => output::tell(&format!("going on after {done} rows\n")),
            None => {}
        }
    }

    fn enter(&mut self, step: Step) {
        if self.step == Some(step) {
            return;
        }
        self.leave();
        self.step = Some(step);
        if let Some(bar) = &self.bar {
            bar.set_message(match step {
                Step::Copy(table) => format!("copying {table}"),
                Step::Index => "indexing users".to_owned(),
                Step::Compare(table) => format!("comparing {table}"),
            });
        }
    }

    fn advance(&mut self, rows: u64) -> bool {
        self.rows += rows;
        if let Some(bar) = &self.bar {
            bar.inc(rows);
        }
        true
    }
}
