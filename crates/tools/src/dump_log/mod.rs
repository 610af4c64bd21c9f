//! `kafka-dump-log.sh`: what lies in the files of a log, without a broker.
//!
//! Reads Kafka's files and this project's, which are the same but for the snapshots of producers. Owns the options;
//! [`segment`], [`indexes`] and [`snapshots`] know the files, [`decoders`] the records of internal topics. Guarantees:
//! nothing is written, and what is damaged is an error that names the file and the place.

mod decoders;
mod fields;
mod indexes;
mod layouts;
mod schema;
mod segment;
mod snapshots;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{ArgGroup, Args};

use crate::output::say;
use decoders::{Decoder, Plain};

/// Kafka's class where none is named.
const STRING_DECODER: &str = "StringDecoder";

/// Print what is in the files of a log.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("topic").args(["offsets_decoder", "transaction_log_decoder",
    "share_group_state_decoder", "cluster_metadata_decoder", "remote_log_metadata_decoder"])))]
pub struct DumpLog {
    /// The files: .log, .index, .timeindex, .txnindex and .snapshot.
    #[arg(long, value_name = "FILE,...", value_delimiter = ',', required = true)]
    files: Vec<PathBuf>,
    /// Print keys and values; any decoder does so, too.
    #[arg(long)]
    print_data_log: bool,
    /// Print the records of each batch.
    #[arg(long)]
    deep_iteration: bool,
    /// Do not print entries of indexes, just where they differ from the log.
    #[arg(long)]
    verify_index_only: bool,
    /// Only look whether indexes are fit to be used.
    #[arg(long, conflicts_with = "verify_index_only")]
    index_sanity_check: bool,
    /// Do not print what is known about a record beside key and value, nor control records.
    #[arg(long)]
    skip_record_metadata: bool,
    /// Read no more than so many bytes of a segment.
    #[arg(long, value_name = "BYTES", default_value_t = i32::MAX as u64)]
    max_bytes: u64,
    /// Accepted for Kafka's script: a batch is read whole, whatever its size.
    #[arg(long, value_name = "BYTES", hide = true)]
    max_message_size: Option<u64>,
    /// What keys are: StringDecoder, IntegerDecoder, LongDecoder, or DefaultDecoder for bytes.
    #[arg(long, value_name = "CLASS", num_args = 0..=1, default_missing_value = STRING_DECODER, alias = "key-decoder")]
    key_decoder_class: Option<String>,
    /// What values are, likewise.
    #[arg(long, value_name = "CLASS", num_args = 0..=1, default_missing_value = STRING_DECODER, alias = "value-decoder")]
    value_decoder_class: Option<String>,
    /// The records are those of __consumer_offsets.
    #[arg(long)]
    offsets_decoder: bool,
    /// The records are those of __transaction_state.
    #[arg(long)]
    transaction_log_decoder: bool,
    /// The records are those of __share_group_state.
    #[arg(long)]
    share_group_state_decoder: bool,
    /// Not there: says why.
    #[arg(long, hide = true)]
    cluster_metadata_decoder: bool,
    /// Not there: says why.
    #[arg(long, hide = true)]
    remote_log_metadata_decoder: bool,
    /// Print JSON, an object a line.
    #[arg(long)]
    json: bool,
}

/// What is done with indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Print,
    Verify,
    Sanity,
}

impl DumpLog {
    pub(crate) fn run(self) -> Result<()> {
        let options = self.options()?;
        let mut differences = Vec::new();
        for path in &self.files {
            if !self.json {
                say!("Dumping {}", path.display());
            }
            differences.extend(self.dump(path, &options)?);
        }
        for difference in &differences {
            eprintln!("{difference}");
        }
        Ok(())
    }

    fn options(&self) -> Result<segment::Options> {
        if self.cluster_metadata_decoder {
            bail!(
                "--cluster-metadata-decoder: rdkafka-broker keeps its metadata in a layout of its own; --print-data-log shows the bytes"
            );
        }
        if self.remote_log_metadata_decoder {
            bail!("--remote-log-metadata-decoder: rdkafka-broker has no tiered storage");
        }
        let class =
            |name: &Option<String>| Plain::of_class(name.as_deref().unwrap_or(STRING_DECODER));
        let plain = Decoder::Plain {
            key: class(&self.key_decoder_class)?,
            value: class(&self.value_decoder_class)?,
        };
        let decoder = if self.offsets_decoder {
            Decoder::Offsets
        } else if self.transaction_log_decoder {
            Decoder::Transactions
        } else if self.share_group_state_decoder {
            Decoder::ShareState
        } else {
            plain
        };
        let has_contents = self.print_data_log
            || self.key_decoder_class.is_some()
            || self.value_decoder_class.is_some()
            || !matches!(decoder, Decoder::Plain { .. });
        Ok(segment::Options {
            has_records: has_contents || self.deep_iteration,
            has_contents,
            skips_metadata: self.skip_record_metadata,
            bytes_max: self.max_bytes,
            decoder,
            is_json: self.json,
        })
    }

    fn mode(&self) -> Mode {
        match (self.index_sanity_check, self.verify_index_only) {
            (true, _) => Mode::Sanity,
            (_, true) => Mode::Verify,
            _ => Mode::Print,
        }
    }

    /// What is to be said at the end.
    fn dump(&self, path: &Path, options: &segment::Options) -> Result<indexes::Differences> {
        let extension = path.extension().and_then(|it| it.to_str());
        match extension.unwrap_or_default() {
            "log" => {
                if !self.json {
                    say!("Log starting offset: {}", base_offset(path)?);
                }
                let gaps = segment::dump(path, options)?.into_iter();
                let name = path.display();
                let gaps = gaps.map(|(last, next)| {
                    format!("Non-consecutive offsets in {name}\n  {last} is followed by {next}")
                });
                return Ok(gaps.collect());
            }
            "index" => return indexes::dump_offsets(path, self.mode(), self.json),
            "timeindex" => return indexes::dump_times(path, self.mode(), self.json),
            "txnindex" => indexes::dump_transactions(path, self.json)?,
            "snapshot" => snapshots::dump(path, self.json)?,
            _ => eprintln!("Ignoring unknown file {}", path.display()),
        }
        Ok(Vec::new())
    }
}

/// The offset that a file is named by.
fn base_offset(path: &Path) -> Result<i64> {
    let name = path.file_name().and_then(|it| it.to_str());
    let offset = name
        .and_then(|it| it.split('.').next())
        .and_then(|it| it.parse().ok());
    offset.with_context(|| {
        format!(
            "{}: the name of a log's file is an offset, as 00000000000000000000.log",
            path.display()
        )
    })
}
