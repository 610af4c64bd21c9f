//! What tools print: columns as wide as their content, JSON, and progress on a terminal.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// `println!`, but whoever reads us through a pipe may stop reading.
macro_rules! say {
    ($($words:tt)*) => { $crate::output::print_line(format_args!($($words)*)) };
}
pub(crate) use say;

pub(crate) fn print_line(line: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if out
        .write_fmt(line)
        .and_then(|()| out.write_all(b"\n"))
        .is_err()
    {
        // Nobody is left to tell anything.
        std::process::exit(0);
    }
}

/// A column: its title, and how wide it is at least; 0 for the last one of a table, which is not padded.
pub(crate) type Column = (&'static str, usize);

/// Columns as wide as their content and their least width, a space between them, as Kafka's tools print them.
pub(crate) fn print_columns(columns: &[Column], rows: &[Vec<String>]) {
    for line in columns_of(columns, rows) {
        say!("{line}");
    }
}

fn columns_of(columns: &[Column], rows: &[Vec<String>]) -> Vec<String> {
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, (title, least))| match least {
            0 => 0,
            _ => {
                let cells = rows.iter().filter_map(|row| row.get(at)).map(String::len);
                cells.max().unwrap_or(0).max(title.len()).max(*least)
            }
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join(" ")
    };
    let header = line(&mut columns.iter().map(|(title, _)| *title));
    let rows = rows
        .iter()
        .map(|row| line(&mut row.iter().map(String::as_str)));
    std::iter::once(header).chain(rows).collect()
}

/// Cells as wide as their column, with a tab behind each, as Kafka's newer tools print them.
pub(crate) fn print_tabbed(header: &[&str], rows: &[Vec<String>]) {
    let width = |at: usize, title: &str| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(String::len);
        cells.max().unwrap_or(0).max(title.len())
    };
    let widths: Vec<usize> = (0..).zip(header).map(|(at, it)| width(at, it)).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths);
        padded
            .map(|(cell, width)| format!("{cell:<width$}\t"))
            .collect::<String>()
    };
    say!("{}", line(&mut header.iter().copied()));
    for row in rows {
        say!("{}", line(&mut row.iter().map(String::as_str)));
    }
}

/// `-` where there is nothing, as Kafka's group tools print it.
pub(crate) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Bytes that are text for people: UTF-8 as it is, other bytes replaced.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A bar on standard error while something long runs; silent where nobody looks.
#[derive(Debug)]
pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    const EVERY: Duration = Duration::from_millis(200);
    const WIDTH: u64 = 30;

    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        Self {
            what,
            total,
            shown: None,
            is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// So much is done.
    pub(crate) fn at(&mut self, done: u64) {
        let is_due = self
            .shown
            .is_none_or(|shown| shown.elapsed() >= Self::EVERY);
        if !self.is_terminal || self.total == 0 || !is_due {
            return;
        }
        self.shown = Some(Instant::now());
        let done = done.min(self.total);
        let filled = done * Self::WIDTH / self.total;
        let bar: String = (0..Self::WIDTH)
            .map(|at| if at < filled { '#' } else { '.' })
            .collect();
        eprint!("\r{} [{bar}] {done}/{}", self.what, self.total);
        _ = std::io::stderr().flush();
    }

    /// It is over; the bar goes.
    pub(crate) fn end(&mut self) {
        if self.shown.take().is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_must_be_and_the_last_is_not_padded() {
        let rows = [
            vec!["a".to_owned(), "bb".to_owned()],
            vec!["cccccc".to_owned(), "d".to_owned()],
        ];
        let lines = columns_of(&[("ONE", 4), ("TWO", 0)], &rows);
        assert_eq!(lines, ["ONE    TWO", "a      bb", "cccccc d"]);
    }
}
