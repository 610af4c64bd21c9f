//! A table of properties as a page of Markdown.

use std::fmt::Write as _;

use crate::number::format_g;
use crate::property::{Importance, Kind, Property, Side};
use crate::table::Table;

/// The rows of `table` that are not hidden, as a Markdown table.
#[must_use]
pub fn markdown(table: &Table) -> String {
    let mut page = String::from(
        "Property | C/P | Range | Default | Importance | Description\n\
         ---------|-----|-------|--------:|------------|------------\n",
    );
    for row in table.rows {
        if !row.is_hidden && !matches!(row.kind, Kind::Refused(_)) {
            page.push_str(&line(table, row));
        }
    }
    page
}

/// The line of one row. An alias shows what it stands for.
fn line(table: &Table, row: &Property) -> String {
    let target = match row.kind {
        Kind::Alias(target) => table.row(target).unwrap_or(row),
        _ => row,
    };
    let mut line = format!(
        "{} | {} | {} | {} | {} | ",
        row.name,
        side(target.side),
        cell(&range(target)),
        cell(&default(target)),
        importance(target.importance),
    );
    if row.is_deprecated || target.is_deprecated {
        line.push_str("**DEPRECATED** ");
    }
    if target.is_experimental {
        line.push_str("**EXPERIMENTAL** ");
    }
    line.push_str(&cell(row.doc));
    if let Some(reason) = target.unsupported {
        let _ = write!(line, " Not settable: {reason}.");
    }
    let _ = writeln!(line, " <br>*Type: {}*", type_name(&target.kind));
    line
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Any => "*",
        Side::Producer => "P",
        Side::Consumer => "C",
    }
}

fn importance(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Medium => "medium",
        Importance::High => "high",
    }
}

fn range(row: &Property) -> String {
    match row.kind {
        Kind::Int { min, max, .. } => format!("{min} .. {max}"),
        Kind::Float { min, max, .. } => format!("{} .. {}", format_g(min), format_g(max)),
        Kind::Bool { .. } => "true, false".into(),
        Kind::Choice { names, .. } => names
            .iter()
            .map(|choice| choice.name)
            .collect::<Vec<_>>()
            .join(", "),
        Kind::Flags { names, .. } => names
            .iter()
            .filter(|flag| flag.unsupported.is_none())
            .map(|flag| flag.name)
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    }
}

fn default(row: &Property) -> String {
    match row.kind {
        Kind::Text { default, .. } => default.unwrap_or_default().into(),
        Kind::Int { default, .. } => default.to_string(),
        Kind::Float { default, .. } => format_g(default),
        Kind::Bool { default } => default.to_string(),
        Kind::Choice { names, default } => {
            let chosen = names.iter().find(|choice| choice.value == default);
            chosen.map(|choice| choice.name).unwrap_or_default().into()
        }
        Kind::Flags { names, default } => names
            .iter()
            .filter(|flag| flag.unsupported.is_none() && default & flag.bits == flag.bits)
            .map(|flag| flag.name)
            .collect::<Vec<_>>()
            .join(", "),
        _ => String::new(),
    }
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { .. } => "string",
        Kind::Patterns { .. } => "pattern list",
        Kind::Int { .. } => "integer",
        Kind::Float { .. } => "float",
        Kind::Bool { .. } => "boolean",
        Kind::Choice { .. } => "enum value",
        Kind::Flags { .. } => "CSV flags",
        Kind::Pointer { .. } | Kind::Internal | Kind::Alias(_) | Kind::Refused(_) => {
            "see dedicated API"
        }
    }
}

/// Text made safe for a cell: a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
