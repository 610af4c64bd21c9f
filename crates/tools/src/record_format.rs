//! How the console consumers print a record: `--formatter-property`, or JSON.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use rdkafka_client::consumer::ConsumedRecord;
use rdkafka_records::{Headers, TimestampType};
use serde_json::{Map, Value, json};

use crate::connect::properties_of;
use crate::output::text;

/// The options about it.
#[derive(Debug, Args)]
pub(crate) struct FormatOptions {
    /// What to print: print.value, print.key, print.timestamp, print.partition, print.offset, print.headers,
    /// print.epoch, print.delivery, key.separator, line.separator, headers.separator, null.literal. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", alias = "property", num_args = 1.., action = clap::ArgAction::Append)]
    formatter_property: Vec<String>,
    /// A file of the same.
    #[arg(long, value_name = "FILE")]
    formatter_config: Option<PathBuf>,
    /// Accepted for Kafka's script: the default formatter is the only one.
    #[arg(long)]
    formatter: Option<String>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    key_deserializer: Option<String>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    value_deserializer: Option<String>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    enable_systest_events: bool,
}

impl FormatOptions {
    /// What the file says, and over it the options.
    pub(crate) fn format(&self) -> Result<Format> {
        let mut properties = Vec::new();
        if let Some(file) = &self.formatter_config {
            let pairs = properties_of(file)?.into_iter();
            properties.extend(pairs.map(|(name, value)| format!("{name}={value}")));
        }
        properties.extend(self.formatter_property.iter().cloned());
        Format::new(&properties)
    }
}

/// A record, wherever it came from.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    /// Milliseconds since 1970, -1 for none.
    pub(crate) timestamp_ms: i64,
    pub(crate) timestamp_type: TimestampType,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: Headers<'a>,
    /// The epoch of the leader that appended it, -1 when unknown.
    pub(crate) leader_epoch: i32,
    /// The how-manieth time a share group has been given it.
    pub(crate) delivery: Option<i16>,
}

impl<'a> From<&'a ConsumedRecord<'a>> for Shown<'a> {
    fn from(record: &'a ConsumedRecord<'a>) -> Self {
        Self {
            topic: record.topic.name.as_str(),
            partition: record.partition,
            offset: record.offset,
            timestamp_ms: record.timestamp_ms,
            timestamp_type: record.timestamp_type,
            key: record.key,
            value: record.value,
            headers: record.headers.clone(),
            leader_epoch: record.leader_epoch,
            delivery: None,
        }
    }
}

impl Shown<'_> {
    /// All there is to it.
    pub(crate) fn json(&self) -> Value {
        let headers = self.headers.clone().map(|(name, value)| {
            let mut header = Map::new();
            header.insert(
                text(name),
                value.map_or(Value::Null, |value| Value::String(text(value))),
            );
            Value::Object(header)
        });
        let mut shown = json!({
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "timestamp": self.timestamp_ms,
            "key": self.key.map(text),
            "value": self.value.map(text),
            "headers": headers.collect::<Vec<_>>(),
        });
        if let (Some(count), Value::Object(shown)) = (self.delivery, &mut shown) {
            shown.insert("deliveryCount".to_owned(), count.into());
        }
        shown
    }
}

/// What of a record is printed, and between what.
#[derive(Debug)]
pub(crate) struct Format {
    timestamp: bool,
    partition: bool,
    offset: bool,
    delivery: bool,
    epoch: bool,
    headers: bool,
    key: bool,
    value: bool,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null_literal: String,
}

impl Format {
    fn new(properties: &[String]) -> Result<Self> {
        let mut format = Self {
            timestamp: false,
            partition: false,
            offset: false,
            delivery: false,
            epoch: false,
            headers: false,
            key: false,
            value: true,
            key_separator: "\t".to_owned(),
            line_separator: "\n".to_owned(),
            headers_separator: ",".to_owned(),
            null_literal: "null".to_owned(),
        };
        for property in properties {
            let (name, value) = property
                .split_once('=')
                .with_context(|| format!("--formatter-property {property}: not KEY=VALUE"))?;
            let is_true = value.trim().eq_ignore_ascii_case("true");
            match name {
                "print.timestamp" => format.timestamp = is_true,
                "print.partition" => format.partition = is_true,
                "print.offset" => format.offset = is_true,
                "print.delivery" => format.delivery = is_true,
                "print.epoch" => format.epoch = is_true,
                "print.headers" => format.headers = is_true,
                "print.key" => format.key = is_true,
                "print.value" => format.value = is_true,
                "key.separator" => format.key_separator = value.to_owned(),
                "line.separator" => format.line_separator = value.to_owned(),
                "headers.separator" => format.headers_separator = value.to_owned(),
                "null.literal" => format.null_literal = value.to_owned(),
                // Values are printed as the bytes they are.
                "key.deserializer"
                | "value.deserializer"
                | "headers.deserializer"
                | "header.deserializer" => {}
                _ => bail!("--formatter-property {name} is unknown"),
            }
        }
        Ok(format)
    }

    pub(crate) fn write(&self, record: &Shown<'_>, out: &mut impl Write) -> std::io::Result<()> {
        let mut is_first = true;
        let mut separate = |out: &mut dyn Write| {
            if std::mem::take(&mut is_first) {
                return Ok(());
            }
            out.write_all(self.key_separator.as_bytes())
        };
        if self.timestamp {
            separate(out)?;
            if record.timestamp_ms < 0 {
                write!(out, "NO_TIMESTAMP")?;
            } else {
                let kind = match record.timestamp_type {
                    TimestampType::LogAppendTime => "LogAppendTime",
                    TimestampType::CreateTime | TimestampType::NotAvailable => "CreateTime",
                };
                write!(out, "{kind}:{}", record.timestamp_ms)?;
            }
        }
        if self.partition {
            separate(out)?;
            write!(out, "Partition:{}", record.partition)?;
        }
        if self.offset {
            separate(out)?;
            write!(out, "Offset:{}", record.offset)?;
        }
        if self.delivery {
            separate(out)?;
            match record.delivery {
                Some(count) => write!(out, "Delivery:{count}")?,
                None => write!(out, "Delivery:NOT_PRESENT")?,
            }
        }
        if self.epoch {
            separate(out)?;
            match record.leader_epoch {
                ..0 => write!(out, "Epoch:NOT_PRESENT")?,
                epoch => write!(out, "Epoch:{epoch}")?,
            }
        }
        if self.headers {
            separate(out)?;
            self.write_headers(record, out)?;
        }
        let null = self.null_literal.as_bytes();
        if self.key {
            separate(out)?;
            out.write_all(record.key.unwrap_or(null))?;
        }
        if self.value {
            separate(out)?;
            out.write_all(record.value.unwrap_or(null))?;
        }
        out.write_all(self.line_separator.as_bytes())
    }

    fn write_headers(&self, record: &Shown<'_>, out: &mut dyn Write) -> std::io::Result<()> {
        let mut is_empty = true;
        for (name, value) in record.headers.clone() {
            if !std::mem::take(&mut is_empty) {
                out.write_all(self.headers_separator.as_bytes())?;
            }
            out.write_all(name)?;
            out.write_all(b":")?;
            out.write_all(value.unwrap_or(self.null_literal.as_bytes()))?;
        }
        if is_empty {
            out.write_all(b"NO_HEADERS")?;
        }
        Ok(())
    }
}
