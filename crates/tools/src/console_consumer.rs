//! `kafka-console-consumer.sh`.

use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use rdkafka_client::conf::ClientKind;
use rdkafka_client::consumer::{Closing, ConsumedRecord, Consumer, Item, Served};
use rdkafka_client::{ErrorCode, Event, TopicPartitionOffset};
use rdkafka_records::TimestampType;
use serde_json::{Map, Value, json};

use crate::connect::Connect;
use crate::output::text;
use crate::signals;

/// librdkafka's numbers for the first and the next offset.
const OFFSET_BEGINNING: i64 = -2;
const OFFSET_END: i64 = -1;
/// How often to look whether it is time to stop.
const SLICE_MS: i32 = 200;

/// Print the records of topics.
#[derive(Debug, Args)]
pub struct ConsoleConsumer {
    #[command(flatten)]
    connect: Connect,
    /// The topic.
    #[arg(long, required_unless_present = "include")]
    topic: Option<String>,
    /// Topics by regular expression.
    #[arg(long, alias = "whitelist", conflicts_with = "topic")]
    include: Option<String>,
    /// Only this partition; without a group.
    #[arg(long, requires = "topic")]
    partition: Option<i32>,
    /// Where to begin in the partition: earliest, latest or an offset.
    #[arg(long, requires = "partition")]
    offset: Option<String>,
    /// Begin with the first record, where the group has no offset of its own.
    #[arg(long)]
    from_beginning: bool,
    /// End after so many records.
    #[arg(long)]
    max_messages: Option<u64>,
    /// End when no record came for so many milliseconds.
    #[arg(long = "timeout-ms", value_name = "MS")]
    patience_ms: Option<u64>,
    /// The group; one of its own if it is not said.
    #[arg(long)]
    group: Option<String>,
    /// read_uncommitted or read_committed.
    #[arg(long, default_value = "read_uncommitted")]
    isolation_level: String,
    /// What to print: print.value, print.key, print.timestamp, print.partition, print.offset, print.headers,
    /// key.separator, line.separator, headers.separator, null.literal. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", alias = "property", num_args = 1.., action = clap::ArgAction::Append)]
    formatter_property: Vec<String>,
    /// Accepted for Kafka's script: the default formatter is the only one.
    #[arg(long)]
    formatter: Option<String>,
    /// Go on after an error.
    #[arg(long)]
    skip_message_on_error: bool,
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

impl ConsoleConsumer {
    pub(crate) fn run(self) -> Result<()> {
        let format = Format::new(&self.formatter_property)?;
        signals::catch()?;
        let consumer = self.consumer()?;
        let mut out = BufWriter::new(std::io::stdout().lock());
        let mut count = 0;
        let result = self.consume(&consumer, &format, &mut out, &mut count);
        out.flush()?;
        drop(out);
        let until = consumer.close();
        while let Closing::Event(event) = consumer.closing(until) {
            serve(&consumer, &event)?;
        }
        eprintln!("Processed a total of {count} messages");
        match result {
            // Whoever piped us elsewhere has seen enough.
            Err(error) if is_broken_pipe(&error) => Ok(()),
            result => result,
        }
    }

    fn consumer(&self) -> Result<Consumer> {
        let group = match &self.group {
            Some(group) => group.clone(),
            None => format!("console-consumer-{}", fastrand::u32(1..100_000)),
        };
        let reset = if self.from_beginning {
            "earliest"
        } else {
            "latest"
        };
        let commits = if self.group.is_some() {
            "true"
        } else {
            "false"
        };
        let settings = [
            ("client.id", "console-consumer"),
            ("group.id", &group),
            ("auto.offset.reset", reset),
            ("enable.auto.commit", commits),
            ("isolation.level", &self.isolation_level),
            ("allow.auto.create.topics", "true"),
        ];
        let client = self.connect.client(ClientKind::Consumer, &settings, &[])?;
        let consumer = Consumer::new(client);
        match (&self.topic, &self.include) {
            (Some(topic), _) if self.partition.is_some() => {
                let partition = self.partition.unwrap_or_default();
                let start =
                    TopicPartitionOffset::new(topic.as_str().into(), partition, self.start()?);
                consumer
                    .assign(Some(vec![start]))
                    .map_err(|error| anyhow!("{}", error.text))?;
            }
            (Some(topic), _) => subscribe(&consumer, topic)?,
            (None, Some(expression)) => {
                let expression = expression.replace(',', "|");
                subscribe(&consumer, &format!("^({expression})$"))?;
            }
            (None, None) => bail!("name a topic with --topic or --include"),
        }
        Ok(consumer)
    }

    fn start(&self) -> Result<i64> {
        match self.offset.as_deref() {
            Some("earliest") => Ok(OFFSET_BEGINNING),
            Some("latest") => Ok(OFFSET_END),
            Some(number) => {
                let offset: i64 = number.parse().with_context(|| {
                    format!("--offset {number}: not earliest, latest or a number")
                })?;
                if offset < 0 {
                    bail!("--offset {number}: offsets are not negative");
                }
                Ok(offset)
            }
            None if self.from_beginning => Ok(OFFSET_BEGINNING),
            None => Ok(OFFSET_END),
        }
    }

    fn consume(
        &self,
        consumer: &Consumer,
        format: &Format,
        out: &mut impl Write,
        count: &mut u64,
    ) -> Result<()> {
        let mut last = Instant::now();
        let patience = self.patience_ms.map(Duration::from_millis);
        while self.max_messages.is_none_or(|max| *count < max) && !signals::is_stopped() {
            // What is there is printed before anybody waits.
            let mut served = consumer.consume(0, &signals::is_stopped, |item| {
                self.print(&item, format, out)
            });
            if matches!(served, Served::TimedOut) {
                out.flush()?;
                served = consumer.consume(SLICE_MS, &signals::is_stopped, |item| {
                    self.print(&item, format, out)
                });
            }
            match served {
                Served::Item(printed) => {
                    *count += u64::from(printed?);
                    last = Instant::now();
                }
                Served::Event(event) => serve(consumer, &event)?,
                Served::TimedOut => {
                    if patience.is_some_and(|patience| last.elapsed() >= patience) {
                        break;
                    }
                }
                Served::Interrupted => break,
            }
        }
        Ok(())
    }

    /// Whether it was a record.
    fn print(&self, item: &Item<'_>, format: &Format, out: &mut impl Write) -> Result<bool> {
        match item {
            Item::Record(record) if self.connect.json => {
                writeln!(out, "{}", record_json(record))?;
                Ok(true)
            }
            Item::Record(record) => {
                format.write(record, out)?;
                Ok(true)
            }
            Item::Error(error) if error.code == ErrorCode::_PARTITION_EOF => Ok(false),
            Item::Error(error) if self.skip_message_on_error => {
                eprintln!("error: {}", error.text);
                Ok(false)
            }
            Item::Error(error) => bail!("{}", error.text),
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

pub(crate) fn subscribe(consumer: &Consumer, topic: &str) -> Result<()> {
    consumer
        .subscribe(vec![topic.into()])
        .map_err(|code| anyhow!("cannot subscribe to {topic}: {}", code.text()))
}

/// What is not a record: errors are shown, rebalances happen by themselves.
pub(crate) fn serve(_consumer: &Consumer, event: &Event) -> Result<()> {
    match event {
        Event::Error(error) if error.fatal => bail!("{}", error.text),
        Event::Error(error) => eprintln!("error: {}", error.text),
        _ => {}
    }
    Ok(())
}

fn record_json(record: &ConsumedRecord<'_>) -> Value {
    let headers = record.headers.clone().map(|(name, value)| {
        let mut header = Map::new();
        header.insert(
            text(name),
            value.map_or(Value::Null, |value| Value::String(text(value))),
        );
        Value::Object(header)
    });
    json!({
        "topic": record.topic.name.as_str(),
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key": record.key.map(text),
        "value": record.value.map(text),
        "headers": headers.collect::<Vec<_>>(),
    })
}

/// What of a record is printed, and between what.
#[derive(Debug)]
struct Format {
    timestamp: bool,
    partition: bool,
    offset: bool,
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
                | "print.epoch"
                | "print.delivery" => {}
                _ => bail!("--formatter-property {name} is unknown"),
            }
        }
        Ok(format)
    }

    fn write(&self, record: &ConsumedRecord<'_>, out: &mut impl Write) -> std::io::Result<()> {
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

    fn write_headers(
        &self,
        record: &ConsumedRecord<'_>,
        out: &mut dyn Write,
    ) -> std::io::Result<()> {
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
