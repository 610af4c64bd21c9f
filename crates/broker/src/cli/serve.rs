//! `rdkafka-broker serve`: the broker as a process.
//!
//! Prints one line on stdout when it is ready, logs to stderr, and stops cleanly on SIGTERM and SIGINT.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use rdkafka_broker::{
    Accepted, Broker, BrokerConf, BrokerConfig, ConfError, ScramUser, StartError, Storage,
};
use rdkafka_conf::properties::{Property, parse_properties};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use super::environment::{self, Variable};

/// The options of `serve`. Later ones win: file, then environment variables (KAFKA_...), then `--set`, then the others.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A server.properties file, as Apache Kafka has it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Where to serve metrics (/metrics, for Prometheus) and health (/health) over HTTP.
    #[arg(long, value_name = "HOST:PORT")]
    http: Option<String>,
    /// The folder for the data; it is created if it is missing.
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data_dir: Option<PathBuf>,
    /// Keep everything in memory; it is gone when the broker stops.
    #[arg(long)]
    ephemeral: bool,
    /// A topic to create if it does not exist. May be repeated.
    #[arg(long, value_name = "NAME:PARTITIONS", value_parser = parse_topic)]
    topic: Vec<(String, i32)>,
    /// A user of SCRAM to create, or to give another password. May be repeated.
    #[arg(
        long,
        value_name = "SCRAM-SHA-256=[name=NAME,password=PASSWORD]",
        value_parser = ScramUser::parse
    )]
    add_scram: Vec<ScramUser>,
    /// A property of the broker, by Kafka's name. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_setting)]
    set: Vec<(String, String)>,
    /// What to log on stderr: error, warn, info, debug, trace, or a filter as RDKAFKA_BROKER_LOG has it.
    #[arg(
        long,
        value_name = "LEVEL",
        env = "RDKAFKA_BROKER_LOG",
        default_value = "info"
    )]
    log_level: String,
    /// How a line of log looks: for people, or an object of JSON.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Serve {
    pub(crate) fn run(self) -> Result<()> {
        start_logging(&self.log_level, self.log_format)?;
        raise_open_files();
        // Before the first thread, so that all of them inherit it and `wait` below sees the signals.
        let stop_signals = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT]);
        stop_signals
            .thread_block()
            .context("cannot block signals")?;

        let mut lines = Lines::default();
        let conf = self.conf(&mut lines)?;
        let broker = Broker::start(conf).map_err(|error| lines.place(error))?;
        let address = broker.bootstrap_servers();
        let address = address.split(',').next().unwrap_or_default();
        let mut stdout = std::io::stdout();
        writeln!(stdout, "rdkafka-broker ready on {address}")?;
        stdout.flush()?;
        if let Some(http) = broker.http_addr() {
            tracing::info!("metrics on http://{http}/metrics, health on http://{http}/health");
        }
        tracing::info!(addresses = ?broker.addresses(), cluster = broker.cluster_id(), "ready");

        let signal = wait(stop_signals, &broker)?;
        tracing::info!(signal = signal.as_str(), "stopping");
        broker.stop();
        tracing::info!("stopped");
        Ok(())
    }

    fn conf(self, lines: &mut Lines) -> Result<BrokerConf> {
        let mut config = BrokerConfig::default();
        if let Some(path) = &self.config {
            *lines = read_config(&mut config, path)?;
        }
        read_environment(&mut config, lines)?;
        for (name, value) in &self.set {
            lines.overridden(name);
            if let Accepted::WithoutMeaning(note) = config.set(name, value)? {
                tracing::warn!(name, note, "this property has no meaning for this broker");
            }
        }
        if let Some(listen) = &self.listen {
            lines.overridden("listeners");
            config.set("listeners", &format!("PLAINTEXT://{listen}"))?;
            config.set("advertised.listeners", "")?;
        }
        if let Some(http) = &self.http {
            lines.overridden("rdkafka.http.listener");
            config.set("rdkafka.http.listener", http)?;
        }
        let mut conf = BrokerConf::new(config);
        if self.ephemeral {
            conf.storage = Storage::Memory;
        } else if let Some(folder) = self.data_dir {
            conf.storage = Storage::Disk(vec![folder]);
        }
        conf.topics = self.topic;
        conf.scram_users = self.add_scram;
        Ok(conf)
    }
}

/// Where each property was said, for errors that show only when everything is put together.
#[derive(Debug, Default)]
struct Lines {
    /// `FILE:LINE` or a variable, by property.
    of: HashMap<String, String>,
}

impl Lines {
    fn overridden(&mut self, name: &str) {
        self.of.remove(name);
    }

    /// The error with the place of the property it is about.
    fn place(&self, error: StartError) -> anyhow::Error {
        let StartError::Listeners(reason) = &error else {
            return error.into();
        };
        let name = reason.split(':').next().unwrap_or_default();
        // What is said for one listener has a prefix.
        let ends_with_name = |said: &str| {
            said.strip_suffix(name)
                .is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        };
        let said = self.of.iter().find(|(said, _)| ends_with_name(said));
        // What nobody said is missing for a listener.
        match said.map(|it| it.1).or_else(|| self.of.get("listeners")) {
            Some(place) => anyhow!("{place}: {reason}"),
            None => error.into(),
        }
    }
}

/// A property that nobody knows is a warning in a file (files are written for other versions too), an error on the
/// command line; a value that is not legal or that cannot be honoured is an error everywhere.
fn read_config(config: &mut BrokerConfig, path: &Path) -> Result<Lines> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = Lines::default();
    let file = path.display();
    let properties = parse_properties(&text)
        .map_err(|error| anyhow!("{file}:{}: {}", error.line, error.reason))?;
    for Property { line, name, value } in properties {
        take(config, &mut lines, format!("{file}:{line}"), &name, &value)?;
    }
    Ok(lines)
}

fn read_environment(config: &mut BrokerConfig, lines: &mut Lines) -> Result<()> {
    // Names and values that are no text belong to somebody else.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    for Variable {
        variable,
        property,
        value,
    } in environment::settings(variables)
    {
        take(config, lines, variable, &property, &value)?;
    }
    Ok(())
}

fn take(
    config: &mut BrokerConfig,
    lines: &mut Lines,
    place: String,
    name: &str,
    value: &str,
) -> Result<()> {
    match config.set(name, value) {
        Ok(Accepted::Used) => {
            let name = if name == "broker.id" { "node.id" } else { name };
            lines.of.insert(name.into(), place);
        }
        Ok(Accepted::WithoutMeaning(note)) => {
            tracing::info!("{place}: {name} is accepted and has no effect: {note}");
        }
        Err(ConfError::Unknown { name, meant }) => match meant {
            Some(meant) => {
                tracing::warn!("{place}: unknown property {name}, ignored; did you mean {meant}?");
            }
            None => tracing::warn!(
                "{place}: unknown property {name}, ignored; remove it or correct its name"
            ),
        },
        Err(error) => bail!("{place}: {error}"),
    }
    Ok(())
}

/// Until a signal comes, or the broker has failed.
fn wait(signals: SigSet, broker: &Broker) -> Result<Signal> {
    let (sender, received) = std::sync::mpsc::channel();
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            // The receiver waits until the process ends.
            let _ = sender.send(signals.wait());
        })?;
    loop {
        match received.recv_timeout(ALIVE_CHECK_EVERY) {
            Ok(signal) => return signal.context("cannot wait for signals"),
            Err(_) if broker.is_alive() => {}
            Err(_) => bail!("the broker has failed; see the log"),
        }
    }
}

/// Connections and segments are open files: as many as the system allows.
fn raise_open_files() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
    {
        tracing::warn!(soft, hard, %error, "the limit of open files stays");
    }
}

fn start_logging(filter: &str, format: LogFormat) -> Result<()> {
    let filter = log_filter(filter)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .init();
    Ok(())
}

/// A level, or levels of parts of the program (`warn,rdkafka_log=debug`).
fn log_filter(text: &str) -> Result<Targets> {
    let wrong = || format!("bad log level {text:?}: it is error, warn, info, debug or trace");
    // A name without a level would silence all others, so a slip in the level would silence everything.
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    for part in parts.iter().filter(|part| !part.contains('=')) {
        part.parse::<LevelFilter>().with_context(wrong)?;
    }
    parts.join(",").parse().with_context(wrong)
}

fn parse_topic(text: &str) -> Result<(String, i32), String> {
    let (name, partitions) = text.split_once(':').unwrap_or((text, "1"));
    let partitions = partitions
        .parse()
        .map_err(|_| format!("{partitions:?} is no number of partitions"))?;
    Ok((name.to_owned(), partitions))
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a setting is KEY=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

const ALIVE_CHECK_EVERY: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_slip_in_the_log_level_is_an_error_and_not_silence() {
        for bad in ["inof", "info,warm", "warn,rdkafka_log=loud", "7"] {
            let error = log_filter(bad).unwrap_err();
            assert!(format!("{error:#}").contains("bad log level"), "{bad}");
        }
        let filter = log_filter("warn, rdkafka_log=debug").unwrap();
        assert!(filter.would_enable("rdkafka_log", &Level::DEBUG));
        assert!(filter.would_enable("rdkafka_broker", &Level::WARN));
        assert!(!filter.would_enable("rdkafka_broker", &Level::INFO));
        assert!(!log_filter("off").unwrap().would_enable("x", &Level::ERROR));
    }
}
