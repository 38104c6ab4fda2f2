//! Ratios as a chart, in SVG that suits light and dark backgrounds.

use std::fmt::{self, Write};

use crate::figures::{RowFigures, grouped};

/// How wide the names are, the bars, and the figures beside them, in pixels.
const NAMES: f64 = 430.0;
const BARS: f64 = 380.0;
const FIGURES: f64 = 130.0;
const HEAD: f64 = 58.0;
const LINE: f64 = 26.0;

const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .track { fill: #eaeef2; }
  .bar { fill: #0969da; }
  .missed { fill: #bc4c00; }
  .least { stroke: #1f2328; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .track { fill: #21262d; }
    .bar { fill: #4493f8; }
    .missed { fill: #db6d28; }
    .least { stroke: #f0f6fc; }
  }";

/// A bar, with what is written beside it.
pub(crate) struct Bar {
    /// What it is of.
    pub(crate) name: String,
    /// How long it is.
    pub(crate) ratio: f64,
    /// How long it is to be at least.
    pub(crate) least: Option<f64>,
    /// What is written after its length.
    pub(crate) note: String,
}

/// The chart of these rows, each with the least ratio that it is to have.
pub(crate) fn of_rows(users: usize, rows: &[RowFigures]) -> Result<String, fmt::Error> {
    let title = format!(
        "roster over {} users, as a part of nginx answering a constant of the same size",
        grouped(users)
    );
    let bars: Vec<Bar> = rows
        .iter()
        .map(|figures| Bar {
            name: figures.row.name.to_owned(),
            ratio: figures.of_nginx(),
            least: figures.row.least,
            note: format!("{:.0}/s", figures.median(|round| round.large.rate)),
        })
        .collect();
    let hint = "a mark is the least that is asked for; requests per second are beside the bars";
    draw(&title, hint, &bars)
}

/// A chart of bars.
pub(crate) fn draw(title: &str, hint: &str, bars: &[Bar]) -> Result<String, fmt::Error> {
    #[expect(clippy::cast_precision_loss, reason = "there are few bars")]
    let height = LINE.mul_add(bars.len() as f64, HEAD + 10.0);
    let width = NAMES + BARS + FIGURES;
    let longest = bars.iter().map(|bar| bar.ratio).fold(1.0, f64::max);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{title}">
<style>{STYLE}
</style>
<text class="title" x="10" y="24">{title}</text>
<text class="quiet" x="10" y="44">{hint}</text>
"#
    );
    let mut top = HEAD;
    for bar in bars {
        draw_bar(&mut svg, bar, top, BARS / longest)?;
        top += LINE;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn draw_bar(svg: &mut String, bar: &Bar, top: f64, scale: f64) -> fmt::Result {
    let Bar { name, ratio, least, note } = bar;
    let missed = least.is_some_and(|least| *ratio < least);
    let class = if missed { "missed" } else { "bar" };
    let (text, y, length) = (top + 14.0, top + 2.0, ratio * scale);
    writeln!(svg, r#"<text x="10" y="{text:.0}">{name}</text>"#)?;
    writeln!(
        svg,
        r#"<rect class="track" x="{NAMES}" y="{y:.0}" width="{BARS}" height="16" rx="3"/>"#
    )?;
    writeln!(
        svg,
        r#"<rect class="{class}" x="{NAMES}" y="{y:.0}" width="{length:.1}" height="16" rx="3"/>"#
    )?;
    if let Some(least) = least {
        let (x, low) = (least.mul_add(scale, NAMES), top + 20.0);
        writeln!(
            svg,
            r#"<line class="least" x1="{x:.1}" x2="{x:.1}" y1="{:.0}" y2="{low:.0}"/>"#,
            top - 2.0
        )?;
    }
    let x = NAMES + BARS + 10.0;
    writeln!(
        svg,
        r#"<text x="{x:.0}" y="{text:.0}">{ratio:.2}<tspan class="quiet" dx="8">{note}</tspan></text>"#
    )
}
