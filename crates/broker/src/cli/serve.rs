//! `rdkafka-broker serve`: the broker as a process.
//!
//! Prints one line on stdout when it is ready, logs to stderr, and stops cleanly on SIGTERM and SIGINT.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use rdkafka_broker::{Accepted, Broker, BrokerConf, BrokerConfig, ConfError, StartError, Storage};
use rdkafka_conf::properties::{Property, parse_properties};
use tracing_subscriber::EnvFilter;

/// The options of `serve`. Later ones win: file, then `--set`, then the others.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A server.properties file, as Apache Kafka has it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// The folder for the data; it is created if it is missing.
    #[arg(long, value_name = "DIR", conflicts_with = "ephemeral")]
    data_dir: Option<PathBuf>,
    /// Keep everything in memory; it is gone when the broker stops.
    #[arg(long)]
    ephemeral: bool,
    /// A topic to create if it does not exist. May be repeated.
    #[arg(long, value_name = "NAME:PARTITIONS", value_parser = parse_topic)]
    topic: Vec<(String, i32)>,
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
}

/// Segments and connections are files; the soft limit of a shell (often 1024) is for programs that use `select`.
fn raise_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "the number of open files stays bounded as it is");
    }
}

impl Serve {
    pub(crate) fn run(self) -> Result<()> {
        start_logging(&self.log_level)?;
        // Before the first thread, so that all of them inherit it and `wait` below sees the signals.
        let stop_signals = SigSet::from_iter([Signal::SIGTERM, Signal::SIGINT]);
        stop_signals
            .thread_block()
            .context("cannot block signals")?;

        raise_file_limit();
        let mut lines = Lines::default();
        let conf = self.conf(&mut lines)?;
        let broker = Broker::start(conf).map_err(|error| lines.place(error))?;
        let address = broker.bootstrap_servers();
        let address = address.split(',').next().unwrap_or_default();
        let mut stdout = std::io::stdout();
        writeln!(stdout, "rdkafka-broker ready on {address}")?;
        stdout.flush()?;
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
        let mut conf = BrokerConf::new(config);
        if self.ephemeral {
            conf.storage = Storage::Memory;
        } else if let Some(folder) = self.data_dir {
            conf.storage = Storage::Disk(folder);
        }
        conf.topics = self.topic;
        Ok(conf)
    }
}

/// Where in which file each property stands, for errors that show only when everything is put together.
#[derive(Debug, Default)]
struct Lines {
    file: String,
    of: HashMap<String, usize>,
}

impl Lines {
    fn overridden(&mut self, name: &str) {
        self.of.remove(name);
    }

    /// The error with the line of the property it is about.
    fn place(&self, error: StartError) -> anyhow::Error {
        let StartError::Listeners(reason) = &error else {
            return error.into();
        };
        let name = reason.split(':').next().unwrap_or_default();
        match self.of.get(name) {
            Some(line) => anyhow!("{}:{line}: {reason}", self.file),
            None => error.into(),
        }
    }
}

/// A property that nobody knows is a warning in a file (files are written for other versions too), an error on the
/// command line; a value that is not legal or that cannot be honoured is an error everywhere.
fn read_config(config: &mut BrokerConfig, path: &Path) -> Result<Lines> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut lines = Lines {
        file: path.display().to_string(),
        of: HashMap::new(),
    };
    let properties = parse_properties(&text)
        .map_err(|error| anyhow!("{}:{}: {}", lines.file, error.line, error.reason))?;
    for Property { line, name, value } in properties {
        let place = format!("{}:{line}", lines.file);
        match config.set(&name, &value) {
            Ok(Accepted::Used) => {
                let name = if name == "broker.id" {
                    "node.id".into()
                } else {
                    name
                };
                lines.of.insert(name, line);
            }
            Ok(_) if name.starts_with("zookeeper.") => {
                tracing::info!("{place}: {name} is not needed: this broker has no ZooKeeper");
            }
            Ok(_) => {
                tracing::info!("{place}: {name} is accepted; it has no meaning for this broker")
            }
            Err(ConfError::Unknown { .. }) => {
                tracing::warn!(
                    "{place}: unknown property {name}, ignored; remove it or correct its name"
                );
            }
            Err(error) => bail!("{place}: {error}"),
        }
    }
    Ok(lines)
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

fn start_logging(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("bad log level {filter:?}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    Ok(())
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
