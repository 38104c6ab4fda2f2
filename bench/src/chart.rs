//! The ratios to nginx as a chart, in SVG that suits light and dark backgrounds.

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

/// The chart of these rows, each with the least ratio that it is to have.
pub(crate) fn draw(users: usize, rows: &[RowFigures]) -> Result<String, fmt::Error> {
    #[expect(clippy::cast_precision_loss, reason = "there are few rows")]
    let height = LINE.mul_add(rows.len() as f64, HEAD + 10.0);
    let width = NAMES + BARS + FIGURES;
    let longest = rows.iter().map(RowFigures::of_nginx).fold(1.0, f64::max);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="roster's rate as a part of nginx's">
<style>{STYLE}
</style>
<text class="title" x="10" y="24">roster over {} users, as a part of nginx answering a constant of the same size</text>
<text class="quiet" x="10" y="44">a mark is the least that is asked for; requests per second are beside the bars</text>
"#,
        grouped(users)
    );
    let mut top = HEAD;
    for figures in rows {
        draw_row(&mut svg, figures, top, BARS / longest)?;
        top += LINE;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn draw_row(svg: &mut String, figures: &RowFigures, top: f64, scale: f64) -> fmt::Result {
    let ratio = figures.of_nginx();
    let missed = figures.row.least.is_some_and(|least| ratio < least);
    let class = if missed { "missed" } else { "bar" };
    let (text, bar, length) = (top + 14.0, top + 2.0, ratio * scale);
    let rate = figures.median(|round| round.large.rate);
    writeln!(svg, r#"<text x="10" y="{text:.0}">{}</text>"#, figures.row.name)?;
    writeln!(
        svg,
        r#"<rect class="track" x="{NAMES}" y="{bar:.0}" width="{BARS}" height="16" rx="3"/>"#
    )?;
    writeln!(
        svg,
        r#"<rect class="{class}" x="{NAMES}" y="{bar:.0}" width="{length:.1}" height="16" rx="3"/>"#
    )?;
    if let Some(least) = figures.row.least {
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
        r#"<text x="{x:.0}" y="{text:.0}">{ratio:.2}<tspan class="quiet" dx="8">{rate:.0}/s</tspan></text>"#
    )
}
