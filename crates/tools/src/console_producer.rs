//! `kafka-console-producer.sh`.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result, bail};
use clap::Args;
use rdkafka_client::conf::{Callback, ClientKind};
use rdkafka_client::{Client, ErrorCode, Event, Flow, MSG_F_BLOCK, ProduceRecord};

use crate::cluster::Cluster;
use crate::connect::{Connect, note};
use crate::signals;

/// Send the lines of standard input to a topic.
#[derive(Debug, Args)]
pub struct ConsoleProducer {
    #[command(flatten)]
    connect: Connect,
    /// The topic.
    #[arg(long)]
    topic: String,
    /// Wait for each line's acknowledgement before the next is sent.
    #[arg(long)]
    sync: bool,
    /// none, gzip (when it is not said which), snappy, lz4 or zstd.
    #[arg(long, num_args = 0..=1, default_missing_value = "gzip")]
    compression_codec: Option<String>,
    /// Bytes of a batch.
    #[arg(long, alias = "max-partition-memory-bytes")]
    batch_size: Option<u32>,
    /// Acknowledgements: 0, 1, all or -1.
    #[arg(long, allow_hyphen_values = true)]
    request_required_acks: Option<String>,
    /// How the lines are read: parse.key, key.separator, parse.headers, headers.delimiter, headers.separator,
    /// headers.key.separator, null.marker, ignore.error. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", alias = "property", num_args = 1.., action = clap::ArgAction::Append)]
    reader_property: Vec<String>,
    /// A properties file with the same.
    #[arg(long, value_name = "FILE")]
    reader_config: Option<std::path::PathBuf>,
    /// How long to wait for a batch to fill, in milliseconds.
    #[arg(long, value_name = "MS")]
    linger_ms: Option<u32>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    line_reader: Option<String>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    max_block_ms: Option<u64>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    message_send_max_retries: Option<u32>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    retry_backoff_ms: Option<u32>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    request_timeout_ms: Option<u32>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    metadata_expiry_ms: Option<u32>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    max_memory_bytes: Option<u64>,
    /// Accepted for Kafka's script.
    #[arg(long, hide = true)]
    socket_buffer_size: Option<u32>,
}

impl ConsoleProducer {
    pub(crate) fn run(self) -> Result<()> {
        let reader = LineReader::new(&self.reader_properties()?)?;
        signals::catch()?;
        let client = self.client()?;
        self.see_that_the_cluster_is_there(&client)?;
        let topic = client
            .topic(&self.topic, None)
            .map_err(|error| anyhow::anyhow!("{}", error.text))?;
        let stdin = std::io::stdin();
        let prompts = stdin.is_terminal();
        let mut failures = Failures::default();
        prompt(prompts);
        for line in stdin.lock().split(b'\n') {
            let mut line = line.context("cannot read standard input")?;
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            match reader.parse(&line) {
                Ok(parsed) => {
                    let sent =
                        topic.produce(-1, MSG_F_BLOCK, &parsed.record(), &signals::is_stopped);
                    if let Err(code) = sent {
                        failures.add(code);
                    }
                }
                Err(error) if reader.ignores_errors => note(&format!("{error:#}")),
                Err(error) => {
                    drain(&client, self.connect.timeout_ms, &mut failures);
                    return Err(error);
                }
            }
            if self.sync {
                drain(&client, self.connect.timeout_ms, &mut failures);
            } else {
                client.poll(0, &mut |event| failures.look(event), &|| false);
            }
            if signals::is_stopped() {
                break;
            }
            prompt(prompts);
        }
        drain(&client, self.connect.timeout_ms, &mut failures);
        if failures.count > 0 {
            bail!("{} record(s) could not be sent", failures.count);
        }
        Ok(())
    }

    fn client(&self) -> Result<Client> {
        let batch = self.batch_size.map(|size| size.to_string());
        let linger = self.linger_ms.map(|time| time.to_string());
        // A key's records go where Java's clients put them.
        let mut settings = vec![
            ("client.id", "console-producer"),
            ("partitioner", "murmur2_random"),
        ];
        let options = [
            ("compression.type", self.compression_codec.as_deref()),
            ("batch.size", batch.as_deref()),
            ("linger.ms", linger.as_deref()),
            ("acks", self.request_required_acks.as_deref()),
        ];
        settings.extend(
            options
                .iter()
                .filter_map(|(name, value)| Some((*name, (*value)?))),
        );
        self.connect
            .client(ClientKind::Producer, &settings, &[Callback::Delivery])
    }

    /// Before the first line is read: who types should learn at once that nobody listens.
    fn see_that_the_cluster_is_there(&self, client: &Client) -> Result<()> {
        Cluster::of(client.clone(), self.connect.timeout_ms).wait_until_reachable()
    }

    fn reader_properties(&self) -> Result<Vec<(String, String)>> {
        let mut properties = Vec::new();
        if let Some(path) = &self.reader_config {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            for line in text
                .lines()
                .filter(|line| !line.trim_start().starts_with('#'))
            {
                properties.extend(
                    line.split_once('=')
                        .map(|(a, b)| (a.trim().to_owned(), b.to_owned())),
                );
            }
        }
        for property in &self.reader_property {
            let (name, value) = property
                .split_once('=')
                .with_context(|| format!("--reader-property {property}: not KEY=VALUE"))?;
            properties.push((name.to_owned(), value.to_owned()));
        }
        Ok(properties)
    }
}

fn prompt(wanted: bool) {
    if wanted {
        print!(">");
        _ = std::io::stdout().flush();
    }
}

/// What could not be sent.
#[derive(Debug, Default)]
struct Failures {
    count: u64,
}

impl Failures {
    const SHOWN: u64 = 10;

    fn add(&mut self, code: ErrorCode) {
        self.count += 1;
        if self.count <= Self::SHOWN {
            eprintln!("error: a record was not sent: {}", code.text());
        }
    }

    fn look(&mut self, event: Event) -> Flow {
        match event {
            Event::Delivered(batch) if batch.error().is_error() => {
                for _ in 0..batch.len() {
                    self.add(batch.error());
                }
            }
            Event::Error(error) => eprintln!("error: {}", error.text),
            _ => {}
        }
        Flow::Continue
    }
}

fn drain(client: &Client, timeout_ms: i32, failures: &mut Failures) {
    let code = client.flush(timeout_ms, &mut |event| failures.look(event), &|| false);
    let left = client.out_queue_len();
    if code.is_error() && left > 0 {
        eprintln!(
            "error: {left} record(s) were not acknowledged within {timeout_ms} ms (--timeout)"
        );
        failures.count += u64::try_from(left).unwrap_or(u64::MAX);
    }
}

/// How lines become records.
#[derive(Debug)]
struct LineReader {
    parses_key: bool,
    key_separator: Vec<u8>,
    parses_headers: bool,
    headers_delimiter: Vec<u8>,
    headers_separator: Vec<u8>,
    header_key_separator: Vec<u8>,
    null_marker: Option<Vec<u8>>,
    ignores_errors: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct ParsedLine<'a> {
    key: Option<&'a [u8]>,
    payload: Option<&'a [u8]>,
    headers: Vec<(&'a [u8], Option<&'a [u8]>)>,
}

impl ParsedLine<'_> {
    fn record(&self) -> ProduceRecord<'_> {
        ProduceRecord {
            key: self.key,
            payload: self.payload,
            headers: &self.headers,
            ..ProduceRecord::default()
        }
    }
}

impl LineReader {
    fn new(properties: &[(String, String)]) -> Result<Self> {
        let mut reader = Self {
            parses_key: false,
            key_separator: b"\t".to_vec(),
            parses_headers: false,
            headers_delimiter: b"\t".to_vec(),
            headers_separator: b",".to_vec(),
            header_key_separator: b":".to_vec(),
            null_marker: None,
            ignores_errors: false,
        };
        for (name, value) in properties {
            let is_true = value.trim().eq_ignore_ascii_case("true");
            let bytes = || value.replace("\\t", "\t").into_bytes();
            match name.as_str() {
                "parse.key" => reader.parses_key = is_true,
                "key.separator" => reader.key_separator = bytes(),
                "parse.headers" => reader.parses_headers = is_true,
                "headers.delimiter" => reader.headers_delimiter = bytes(),
                "headers.separator" => reader.headers_separator = bytes(),
                "headers.key.separator" => reader.header_key_separator = bytes(),
                "null.marker" => reader.null_marker = Some(bytes()),
                "ignore.error" => reader.ignores_errors = is_true,
                _ => bail!("--reader-property {name} is unknown"),
            }
        }
        Ok(reader)
    }

    fn parse<'a>(&self, line: &'a [u8]) -> Result<ParsedLine<'a>> {
        let shown = || String::from_utf8_lossy(line).into_owned();
        let mut rest = line;
        let mut headers = Vec::new();
        if self.parses_headers {
            let (text, after) = split_once(rest, &self.headers_delimiter)
                .with_context(|| format!("no header delimiter in the line {:?}", shown()))?;
            rest = after;
            if self.value(text).is_some() && !text.is_empty() {
                for header in split(text, &self.headers_separator) {
                    let (name, value) = split_once(header, &self.header_key_separator)
                        .with_context(|| {
                            format!("no header key separator in the line {:?}", shown())
                        })?;
                    headers.push((name, self.value(value)));
                }
            }
        }
        let mut key = None;
        if self.parses_key {
            match split_once(rest, &self.key_separator) {
                Some((found, after)) => (key, rest) = (self.value(found), after),
                None if self.ignores_errors => {}
                None => bail!("no key separator in the line {:?}", shown()),
            }
        }
        Ok(ParsedLine {
            key,
            payload: self.value(rest),
            headers,
        })
    }

    fn value<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        (self.null_marker.as_deref() != Some(bytes)).then_some(bytes)
    }
}

fn split_once<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    if separator.is_empty() {
        return None;
    }
    let at = bytes
        .windows(separator.len())
        .position(|window| window == separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

fn split<'a>(mut bytes: &'a [u8], separator: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some((part, rest)) = split_once(bytes, separator) {
        parts.push(part);
        bytes = rest;
    }
    parts.push(bytes);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(properties: &[(&str, &str)]) -> LineReader {
        let owned: Vec<_> = properties
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        LineReader::new(&owned).unwrap()
    }

    #[test]
    fn a_line_is_a_payload_unless_told_otherwise() {
        let parsed = reader(&[])
            .parse(b"a\tb")
            .unwrap()
            .payload
            .map(<[u8]>::to_vec);
        assert_eq!(parsed, Some(b"a\tb".to_vec()));
    }

    #[test]
    fn headers_key_and_payload_are_split_in_this_order() {
        let reader = reader(&[
            ("parse.headers", "true"),
            ("parse.key", "true"),
            ("key.separator", "="),
            ("null.marker", "NULL"),
        ]);
        let parsed = reader.parse(b"a:1,b:NULL\tk=NULL").unwrap();
        assert_eq!(
            parsed.headers,
            [(&b"a"[..], Some(&b"1"[..])), (&b"b"[..], None)]
        );
        assert_eq!(parsed.key, Some(&b"k"[..]));
        assert_eq!(parsed.payload, None);
    }

    #[test]
    fn a_line_without_its_key_is_an_error_unless_errors_are_ignored() {
        let strict = reader(&[("parse.key", "true")]);
        assert!(strict.parse(b"no separator").is_err());
        let lenient = reader(&[("parse.key", "true"), ("ignore.error", "true")]);
        assert_eq!(lenient.parse(b"no separator").unwrap().key, None);
    }
}
