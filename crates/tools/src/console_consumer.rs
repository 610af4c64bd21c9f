//! `kafka-console-consumer.sh`.

use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use rdkafka_client::conf::ClientKind;
use rdkafka_client::consumer::{Closing, Consumer, Item, Served};
use rdkafka_client::{ErrorCode, Event, TopicPartitionOffset};

use crate::connect::Connect;
use crate::record_format::{Format, FormatOptions, Shown};
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
    #[command(flatten)]
    format: FormatOptions,
    /// Go on after an error.
    #[arg(long)]
    skip_message_on_error: bool,
}

impl ConsoleConsumer {
    pub(crate) fn run(self) -> Result<()> {
        let format = self.format.format()?;
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
                writeln!(out, "{}", Shown::from(record).json())?;
                Ok(true)
            }
            Item::Record(record) => {
                format.write(&Shown::from(record), out)?;
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

pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
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
