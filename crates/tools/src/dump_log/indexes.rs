//! `.index`, `.timeindex` and `.txnindex`: their entries, and whether they agree with the segment beside them.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::segment::Segment;
use super::{Mode, base_offset};
use crate::output::say;

/// An entry of an index: what it points from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    offset: i64,
    position: u64,
}

/// The same by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TimeEntry {
    timestamp_ms: i64,
    offset: i64,
}

/// Where an index and its segment differ; each line is shown to the user.
pub(super) type Differences = Vec<String>;

/// Prints an offset index.
pub(super) fn dump_offsets(path: &Path, mode: Mode, is_json: bool) -> Result<Differences> {
    let base = base_offset(path)?;
    let bytes = read(path)?;
    let entries = offset_entries(&bytes, base);
    if entries.is_empty() {
        if !is_json {
            say!("{} is empty.", path.display());
        }
        return Ok(Vec::new());
    }
    if mode == Mode::Sanity {
        check_last(path, &bytes, 8, entries.last().map(|it| it.offset), base)?;
        passed(path, is_json);
        return Ok(Vec::new());
    }
    let segment = Segment::open(&path.with_extension("log"))?;
    let mut differences = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        // After a crash there may be zeros behind the last entry.
        if entry.offset == base && at > 0 {
            break;
        }
        let found = segment.batch_at(entry.position)?;
        let found = found.map_or(-1, |(batch, _)| batch.last_offset());
        if found != entry.offset {
            differences.push(format!(
                "Mismatches in :{}\n  Index offset: {}, log offset: {found}",
                path.display(),
                entry.offset
            ));
        }
        if mode == Mode::Print && is_json {
            say!(
                "{}",
                json!({ "offset": entry.offset, "position": entry.position })
            );
        } else if mode == Mode::Print {
            say!("offset: {} position: {}", entry.offset, entry.position);
        }
    }
    Ok(differences)
}

/// Prints a time index.
pub(super) fn dump_times(path: &Path, mode: Mode, is_json: bool) -> Result<Differences> {
    let base = base_offset(path)?;
    let bytes = read(path)?;
    let entries = time_entries(&bytes, base);
    if mode == Mode::Sanity {
        check_last(path, &bytes, 12, entries.last().map(|it| it.offset), base)?;
        let times = (entries.first(), entries.last());
        if let (Some(first), Some(last)) = times
            && last.timestamp_ms < first.timestamp_ms
        {
            bail!(
                "{}: the last timestamp is {}, which is less than the first, {}",
                path.display(),
                last.timestamp_ms,
                first.timestamp_ms
            );
        }
        passed(path, is_json);
        return Ok(Vec::new());
    }
    let segment = Segment::open(&path.with_extension("log"))?;
    let index = offset_entries(&read(&path.with_extension("index"))?, base);
    let (mut differences, mut previous_ms) = (Vec::new(), -1);
    for (at, entry) in entries.iter().enumerate() {
        if entry.offset == base && at > 0 {
            break;
        }
        differences.extend(time_difference(
            path,
            &segment,
            &index,
            *entry,
            previous_ms,
        )?);
        if mode == Mode::Print && is_json {
            say!(
                "{}",
                json!({ "timestamp": entry.timestamp_ms, "offset": entry.offset })
            );
        } else if mode == Mode::Print {
            say!("timestamp: {} offset: {}", entry.timestamp_ms, entry.offset);
        }
        previous_ms = entry.timestamp_ms;
    }
    Ok(differences)
}

fn time_difference(
    path: &Path,
    segment: &Segment,
    index: &[Entry],
    entry: TimeEntry,
    previous_ms: i64,
) -> Result<Option<String>> {
    let before = index.partition_point(|it| it.offset <= entry.offset);
    let before = before.checked_sub(1).and_then(|at| index.get(at));
    let mut position = before.map_or(0, |it| it.position);
    let found = loop {
        match segment.batch_at(position)? {
            Some((batch, next)) if batch.last_offset() < entry.offset => position = next,
            found => break found.map(|(batch, _)| batch),
        }
    };
    let last_offset = found.as_ref().map_or(-1, |it| it.last_offset());
    let Some(batch) = found.filter(|_| last_offset == entry.offset) else {
        return Ok(Some(format!(
            "The following indexed offsets are not found in the log.\nIndexed offset: {}, found log offset: {last_offset}",
            entry.offset
        )));
    };
    if batch.max_timestamp_ms() != entry.timestamp_ms {
        return Ok(Some(format!(
            "Found timestamp mismatch in :{}\n  Index timestamp: {}, log timestamp: {}",
            path.display(),
            entry.timestamp_ms,
            batch.max_timestamp_ms()
        )));
    }
    // An entry that repeats the one before says nothing new; this project's logs have them, see docs/design/log.md.
    Ok((previous_ms > entry.timestamp_ms).then(|| {
        format!(
            "Found out of order timestamp in :{}\n  Index timestamp: {}, Previously indexed timestamp: {previous_ms}",
            path.display(),
            entry.timestamp_ms
        )
    }))
}

/// Prints a transaction index, which Kafka writes beside its segments.
pub(super) fn dump_transactions(path: &Path, is_json: bool) -> Result<()> {
    for entry in read(path)?.as_chunks::<34>().0 {
        let [a, b, rest @ ..] = entry;
        let number = |at: usize| rest.get(at * 8..).and_then(<[u8]>::first_chunk);
        let number = |at| number(at).map_or(0, |it| i64::from_be_bytes(*it));
        let mut fields = super::fields::Fields::default();
        fields.add("version", i16::from_be_bytes([*a, *b]));
        for (at, name) in (0..).zip(super::snapshots::ABORTED_FIELDS) {
            fields.add(name, number(at));
        }
        if is_json {
            say!("{}", fields.json());
        } else {
            say!("{}", fields.line());
        }
    }
    Ok(())
}

/// Whether the file is as long as its entries say, and ends where it may.
fn check_last(
    path: &Path,
    bytes: &[u8],
    entry_len: usize,
    last: Option<i64>,
    base: i64,
) -> Result<()> {
    if !bytes.len().is_multiple_of(entry_len) {
        bail!(
            "{}: {} bytes, which is no multiple of {entry_len}",
            path.display(),
            bytes.len()
        );
    }
    if let Some(last) = last.filter(|last| *last < base) {
        bail!(
            "{}: the last offset is {last}, which is less than the base offset {base}",
            path.display()
        );
    }
    Ok(())
}

fn passed(path: &Path, is_json: bool) {
    if !is_json {
        say!("{} passed sanity check.", path.display());
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn offset_entries(bytes: &[u8], base: i64) -> Vec<Entry> {
    let entries = bytes.as_chunks::<8>().0.iter();
    let entries = entries.map(|[a, b, c, d, e, f, g, h]| Entry {
        offset: base.saturating_add(i32::from_be_bytes([*a, *b, *c, *d]).into()),
        position: u32::from_be_bytes([*e, *f, *g, *h]).into(),
    });
    entries.collect()
}

fn time_entries(bytes: &[u8], base: i64) -> Vec<TimeEntry> {
    let entries = bytes.as_chunks::<12>().0.iter();
    let entries = entries.map(|[time @ .., a, b, c, d]| TimeEntry {
        timestamp_ms: i64::from_be_bytes(*time),
        offset: base.saturating_add(i32::from_be_bytes([*a, *b, *c, *d]).into()),
    });
    entries.collect()
}
