//! How a tool reaches the cluster: the options all tools share.
//!
//! Owns the names these options had in older releases, and what is said about them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use rdkafka_client::conf::{Callback, ClientKind, Conf};
use rdkafka_client::{Client, Logs, Options};

use crate::client_properties;

/// Where Kafka listens by default.
const DEFAULT_BOOTSTRAP: &str = "localhost:9092";

/// The options of every tool.
#[derive(Debug, Clone, Args)]
pub(crate) struct Connect {
    /// The brokers to ask first.
    #[arg(long, value_name = "HOST:PORT,...")]
    bootstrap_server: Option<String>,
    /// The controllers to ask instead; here they are the brokers.
    #[arg(
        long,
        value_name = "HOST:PORT,...",
        conflicts_with = "bootstrap_server"
    )]
    bootstrap_controller: Option<String>,
    /// What --bootstrap-server was called.
    #[arg(long, value_name = "HOST:PORT,...", hide = true)]
    broker_list: Option<String>,
    /// What tools of old asked instead of a broker.
    #[arg(long, value_name = "HOST:PORT", hide = true)]
    zookeeper: Option<String>,
    /// A file of client properties, with Kafka's names or librdkafka's.
    #[arg(long, value_name = "FILE", aliases = ["producer.config", "consumer.config", "producer-config", "consumer-config"])]
    command_config: Option<PathBuf>,
    /// A client property. May be repeated.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1.., action = clap::ArgAction::Append,
        aliases = ["producer-property", "consumer-property", "producer-props"])]
    command_property: Vec<String>,
    /// How long to wait for an answer, in milliseconds.
    #[arg(long = "timeout", value_name = "MS", default_value_t = 30_000)]
    pub(crate) timeout_ms: i32,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Connect {
    /// A client of this kind, with more settings (librdkafka's names) that the user's win over.
    pub(crate) fn client(
        &self,
        kind: ClientKind,
        defaults: &[(&str, &str)],
        callbacks: &[Callback],
    ) -> Result<Client> {
        let mut conf = Conf::new();
        for (name, value) in defaults {
            conf.set(name, value).map_err(|error| anyhow!("{error}"))?;
        }
        let mut user = Vec::new();
        if let Some(path) = &self.command_config {
            user.extend(properties_of(path)?);
        }
        for property in &self.command_property {
            let (name, value) = property
                .split_once('=')
                .with_context(|| format!("--command-property {property}: not KEY=VALUE"))?;
            user.push((name.trim().to_owned(), value.to_owned()));
        }
        let has_bootstrap = user.iter().any(|(name, _)| name == "bootstrap.servers");
        for (name, value) in client_properties::translate(user)? {
            conf.set(&name, &value)
                .map_err(|error| anyhow!("{error}"))?;
        }
        if let Some(servers) = self.bootstrap(has_bootstrap) {
            conf.set("bootstrap.servers", &servers)
                .map_err(|error| anyhow!("{error}"))?;
        }
        // Errors are for the tool to tell, not for the log.
        for callback in [Callback::Error].iter().chain(callbacks) {
            conf.set_callback(*callback, true);
        }
        let options = Options {
            logs: Logs::Off,
            bootstrap: None,
            generation: || 1,
        };
        Client::new(kind, &conf, options).map_err(|error| anyhow!("{}", error.text))
    }

    /// Client properties are in this file, which the tool has an option of its own for.
    pub(crate) fn configure_by(&mut self, file: PathBuf) {
        self.command_config = Some(file);
    }

    /// The file of properties, for a tool that means something else by it.
    pub(crate) fn take_config(&mut self) -> Option<PathBuf> {
        self.command_config.take()
    }

    /// One client property more.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.command_property.push(format!("{name}={value}"));
    }

    /// The ids in --broker-list, which some tools have for brokers they are to do something with.
    pub(crate) fn take_broker_ids(&mut self) -> Vec<i32> {
        let ids = self.broker_list.as_deref().and_then(|list| {
            let ids = list.split(',').map(|it| it.trim().parse().ok());
            ids.collect::<Option<Vec<i32>>>()
        });
        if ids.is_some() {
            self.broker_list = None;
        }
        ids.unwrap_or_default()
    }

    /// Ask these, which the tool has a shorter option for.
    pub(crate) fn ask_at(&mut self, servers: String) {
        self.bootstrap_server = Some(servers);
    }

    /// Where to connect, as asked for; `None` where the properties say it.
    pub(crate) fn bootstrap(&self, has_property: bool) -> Option<String> {
        if let Some(servers) = self
            .bootstrap_server
            .as_ref()
            .or(self.bootstrap_controller.as_ref())
        {
            return Some(servers.clone());
        }
        if let Some(servers) = &self.broker_list {
            note("--broker-list is called --bootstrap-server now");
            return Some(servers.clone());
        }
        if let Some(zookeeper) = &self.zookeeper {
            let servers = broker_beside(zookeeper);
            note(&format!(
                "there is no ZooKeeper to ask: asking the broker at {servers} (--bootstrap-server {servers})"
            ));
            return Some(servers);
        }
        (!has_property).then(|| DEFAULT_BOOTSTRAP.to_owned())
    }
}

/// The properties of a file, by name and value.
pub(crate) fn properties_of(path: &Path) -> Result<Vec<(String, String)>> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let properties = rdkafka_conf::properties::parse_properties(&text)
        .map_err(|error| anyhow!("{}:{}: {}", path.display(), error.line, error.reason))?;
    let pairs = properties.into_iter();
    Ok(pairs.map(|it| (it.name, it.value)).collect())
}

/// The broker on a ZooKeeper's host, at Kafka's port.
fn broker_beside(zookeeper: &str) -> String {
    let first = zookeeper.split([',', '/']).next().unwrap_or_default();
    let host = first.rsplit_once(':').map_or(first, |(host, _)| host);
    format!("{host}:9092")
}

/// Say something that is neither output nor an error.
pub(crate) fn note(text: &str) {
    eprintln!("note: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zookeeper_address_names_the_broker_beside_it() {
        assert_eq!(broker_beside("localhost:2181"), "localhost:9092");
        assert_eq!(broker_beside("zk1:2181,zk2:2181/kafka"), "zk1:9092");
        assert_eq!(broker_beside("zk"), "zk:9092");
    }
}
