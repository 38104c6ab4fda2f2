//! Lists for a person: columns as wide as they need to be.

/// Prints rows under a heading. Columns are separated by two spaces.
pub(crate) fn print<const N: usize>(heading: [&str; N], rows: &[[String; N]]) {
    let mut widths = heading.map(|text| text.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[&str]| {
        let padded: Vec<_> =
            cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("{}", padded.join("  ").trim_end());
    };
    line(&heading);
    for row in rows {
        line(&row.each_ref().map(String::as_str));
    }
}
