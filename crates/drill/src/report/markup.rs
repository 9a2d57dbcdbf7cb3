//! Tables and text of the HTML report.

use std::fmt::Write;

/// A column: its name, and the CSS class of its cells.
pub(super) type Column = (&'static str, &'static str);

/// A table. Every cell contains its column's name, because on a phone a row is a list of names and values.
pub(super) fn table(
    out: &mut String,
    columns: &[Column],
    rows: impl IntoIterator<Item = Vec<String>>,
    foot: Option<Vec<String>>,
) -> std::fmt::Result {
    let class = |class: &str| {
        if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        }
    };
    let cells = |row: Vec<String>| {
        let cell = |((name, kind), text): (&Column, String)| {
            // An empty cell is hidden on a phone.
            let kind = if text.is_empty() { "none" } else { kind };
            format!("<td{} data-name=\"{name}\">{text}</td>", class(kind))
        };
        columns.iter().zip(row).map(cell).collect::<String>()
    };
    let head: String = columns
        .iter()
        .map(|(name, kind)| format!("<th{}>{name}</th>", class(kind)))
        .collect();
    writeln!(
        out,
        "<div class=\"scroll\"><table class=\"rows\">\n<thead><tr>{head}</tr></thead>\n<tbody>"
    )?;
    for row in rows {
        writeln!(out, "<tr>{}</tr>", cells(row))?;
    }
    writeln!(out, "</tbody>")?;
    if let Some(foot) = foot {
        writeln!(out, "<tfoot><tr>{}</tr></tfoot>", cells(foot))?;
    }
    writeln!(out, "</table></div>")
}

/// Text that no reader takes for markup.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(letter),
        }
    }
    safe
}
