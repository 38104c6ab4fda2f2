//! The figures that are checked in, and how what was counted compares with them.

use std::fmt::{self, Write};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

/// By how many times more than usual a figure may grow that another compiler's code is compared with.
const OTHER_COMPILER: u64 = 3;

/// The file: comments, the compiler, then a kind of request a line.
#[derive(Debug)]
pub(crate) struct Figures {
    compiler: String,
    figures: Vec<Figure>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Figure {
    kind: String,
    instructions: u64,
    /// In percent.
    tolerance: u64,
}

/// How a count compares with its figure.
#[derive(Debug)]
pub(crate) struct Verdict {
    figure: Figure,
    counted: u64,
    /// The other compiler that the figure was taken with.
    other_compiler: Option<String>,
}

impl Figures {
    /// Reads the file.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display();
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
        Self::parse(&text).with_context(|| format!("{name} cannot be understood"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut figures = Self { compiler: String::new(), figures: Vec::new() };
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(compiler) = line.strip_prefix("compiler ") {
                compiler.trim().clone_into(&mut figures.compiler);
                continue;
            }
            let words: Vec<_> = line.split_whitespace().collect();
            let [kind, instructions, tolerance] = words[..] else {
                anyhow::bail!("\"{line}\" is not a kind, its instructions and a tolerance")
            };
            figures.figures.push(Figure {
                kind: kind.to_owned(),
                instructions: instructions.parse().with_context(|| format!("in \"{line}\""))?,
                tolerance: tolerance.parse().with_context(|| format!("in \"{line}\""))?,
            });
        }
        Ok(figures)
    }

    /// Compares what was counted with this compiler's code.
    pub(crate) fn compare(
        &self,
        kind: &str,
        counted: u64,
        compiler: &str,
    ) -> anyhow::Result<Verdict> {
        let mut figure = self.figures.iter().find(|figure| figure.kind == kind).cloned();
        let figure = figure.as_mut().with_context(|| format!("there is no figure for {kind}"))?;
        let other_compiler = (self.compiler != compiler).then(|| self.compiler.clone());
        if other_compiler.is_some() {
            figure.tolerance *= OTHER_COMPILER;
        }
        Ok(Verdict { figure: figure.clone(), counted, other_compiler })
    }

    /// Takes what was counted as the figure from now on.
    pub(crate) fn accept(&mut self, kind: &str, counted: u64) -> anyhow::Result<()> {
        let figure = self.figures.iter_mut().find(|figure| figure.kind == kind);
        figure.with_context(|| format!("there is no figure for {kind}"))?.instructions = counted;
        Ok(())
    }

    /// Writes the file.
    pub(crate) fn write(&self, file: &Path, compiler: &str) -> anyhow::Result<()> {
        let mut text = String::from(
            "# Instructions that roster takes for a request, and by how many percent they may grow.\n\
             # bench/count compares with these; bench/count --accept writes them anew.\n",
        );
        writeln!(text, "compiler {compiler}")?;
        for Figure { kind, instructions, tolerance } in &self.figures {
            writeln!(text, "{kind:<20} {instructions:>9} {tolerance:>3}")?;
        }
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

impl Verdict {
    /// Whether there are more instructions than the tolerance allows.
    pub(crate) const fn is_worse(&self) -> bool {
        self.counted * 100 > self.figure.instructions * (100 + self.figure.tolerance)
    }

    const fn is_better(&self) -> bool {
        self.counted * 100
            < self.figure.instructions * 100_u64.saturating_sub(self.figure.tolerance)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figure { kind, instructions, tolerance } = &self.figure;
        let Self { counted, .. } = self;
        // A tenth of a percent is as exact as it gets; the numbers are far from where that overflows.
        let change = (i128::from(*counted) - i128::from(*instructions)) * 1000
            / i128::from((*instructions).max(1));
        let sign = if change < 0 { '-' } else { '+' };
        let (whole, tenth) = (change.abs() / 10, change.abs() % 10);
        write!(
            formatter,
            "{kind}: {counted} instructions, before {instructions} ({sign}{whole}.{tenth} %)"
        )?;
        if self.is_worse() {
            write!(formatter, ": MORE than the {tolerance} % that are tolerated")?;
        }
        if self.is_better() {
            write!(formatter, ": fewer; keep that with `bench/count --accept`")?;
        }
        if let Some(compiler) = &self.other_compiler {
            write!(formatter, "; the figure is of another compiler, {compiler}")?;
        }
        Ok(())
    }
}

/// The compiler's version, as the program was built with it a moment ago.
pub(crate) fn compiler() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("--version").output().context("cannot run rustc")?;
    ensure!(output.status.success(), "rustc --version failed: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A comment.\ncompiler rustc 1\nget 1000 5\n";

    fn verdict(counted: u64, compiler: &str) -> Verdict {
        Figures::parse(TEXT).unwrap().compare("get", counted, compiler).unwrap()
    }

    #[test]
    fn more_than_the_tolerance_is_worse() {
        assert!(!verdict(1050, "rustc 1").is_worse());
        let worse = verdict(1051, "rustc 1");
        assert!(worse.is_worse());
        assert_eq!(
            worse.to_string(),
            "get: 1051 instructions, before 1000 (+5.1 %): MORE than the 5 % that are tolerated"
        );
    }

    #[test]
    fn fewer_than_the_tolerance_is_told() {
        assert_eq!(
            verdict(951, "rustc 1").to_string(),
            "get: 951 instructions, before 1000 (-4.9 %)"
        );
        assert!(verdict(949, "rustc 1").to_string().contains("(-5.1 %): fewer; keep that"));
    }

    #[test]
    fn another_compiler_is_tolerated_more_and_named() {
        let verdict = verdict(1150, "rustc 2");
        assert!(!verdict.is_worse());
        assert!(verdict.to_string().ends_with("of another compiler, rustc 1"));
        assert!(self::verdict(1151, "rustc 2").is_worse());
    }

    #[test]
    fn what_is_accepted_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("figures");
        let mut figures = Figures::parse(TEXT).unwrap();
        figures.accept("get", 1200).unwrap();
        assert!(figures.accept("put", 1).is_err());
        figures.write(&file, "rustc 2").unwrap();
        let written = Figures::read(&file).unwrap();
        assert_eq!((written.compiler.as_str(), &written.figures), ("rustc 2", &figures.figures));
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let error = format!("{:#}", Figures::parse("get 1000\n").unwrap_err());
        assert!(error.contains("\"get 1000\""), "{error}");
    }
}
