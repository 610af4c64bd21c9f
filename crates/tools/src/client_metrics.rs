//! `kafka-client-metrics.sh`: which metrics clients are to push (KIP-714).

use anyhow::{Context, Result, bail};
use clap::{ArgGroup, Args};
use rdkafka_client::Target;
use rdkafka_wire::messages::list_config_resources::ListConfigResourcesRequest;
use rdkafka_wire::types::Uuid;
use serde_json::{Map, Value, json};

use crate::cluster::{Cluster, checked};
use crate::configs::{ResourceType, change, describe};
use crate::connect::Connect;
use crate::output::say;

/// What is asked of clients.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("action").required(true).args(["alter", "delete", "describe", "list"])))]
pub struct ClientMetrics {
    #[command(flatten)]
    connect: Connect,
    /// Set up or change what is asked for.
    #[arg(long)]
    alter: bool,
    /// Ask for it no more.
    #[arg(long, requires = "name")]
    delete: bool,
    /// Show what is asked for; all without --name.
    #[arg(long)]
    describe: bool,
    /// The names of what is asked for.
    #[arg(long)]
    list: bool,
    /// A name for it.
    #[arg(long, conflicts_with = "list")]
    name: Option<String>,
    /// With --alter: have a name made up.
    #[arg(long, requires = "alter", conflicts_with = "name")]
    generate_name: bool,
    /// With --alter: every so many milliseconds; nothing: as often as Kafka does by itself.
    #[arg(long, value_name = "MS", requires = "alter")]
    interval: Option<String>,
    /// With --alter: of these clients only, by client_id, client_instance_id, client_software_name, client_software_version,
    /// client_source_address, client_source_port.
    #[arg(long, value_name = "KEY=REGEX,...", requires = "alter")]
    r#match: Option<String>,
    /// With --alter: metrics whose names begin so.
    #[arg(long, value_name = "PREFIX,...", requires = "alter")]
    metrics: Option<String>,
}

impl ClientMetrics {
    pub(crate) fn run(self) -> Result<()> {
        self.act()
            .context("Error while executing client metrics command ")
    }

    fn act(&self) -> Result<()> {
        let name = match (&self.name, self.generate_name) {
            (Some(name), _) => Some(name.clone()),
            (None, true) => Some(Uuid(std::array::from_fn(|_| fastrand::u8(..))).to_string()),
            (None, false) if self.alter => {
                bail!("One of --name or --generate-name must be specified with --alter.")
            }
            (None, false) => None,
        };
        let cluster = Cluster::connect(&self.connect)?;
        match name {
            Some(name) if self.alter => self.alter(&cluster, &name),
            Some(name) if self.delete => self.delete(&cluster, &name),
            _ if self.list => {
                self.print_names(&names(&cluster)?);
                Ok(())
            }
            name => self.print(&cluster, name),
        }
    }

    fn alter(&self, cluster: &Cluster, name: &str) -> Result<()> {
        let settings = [
            ("interval.ms", &self.interval),
            ("match", &self.r#match),
            ("metrics", &self.metrics),
        ];
        let (mut set, mut delete) = (Vec::new(), Vec::new());
        for (key, value) in settings {
            match value.as_deref() {
                None => {}
                Some("") => delete.push(key),
                Some(value) => set.push((key.to_owned(), value.to_owned())),
            }
        }
        if set.is_empty() && delete.is_empty() {
            bail!("--alter needs --interval, --match or --metrics");
        }
        change(cluster, ResourceType::ClientMetrics, name, &set, &delete)?;
        self.print_done(
            "altered",
            &format!("Altered client metrics config for {name}."),
            name,
        );
        Ok(())
    }

    fn delete(&self, cluster: &Cluster, name: &str) -> Result<()> {
        let delete = ["interval.ms", "match", "metrics"];
        change(cluster, ResourceType::ClientMetrics, name, &[], &delete)?;
        self.print_done(
            "deleted",
            &format!("Deleted client metrics config for {name}."),
            name,
        );
        Ok(())
    }

    fn print_done(&self, what: &str, words: &str, name: &str) {
        if self.connect.json {
            say!("{}", json!({ what: name }));
        } else {
            say!("{words}");
        }
    }

    fn print_names(&self, names: &[String]) {
        if self.connect.json {
            say!("{}", json!(names));
        } else {
            say!("{}", names.join("\n"));
        }
    }

    fn print(&self, cluster: &Cluster, name: Option<String>) -> Result<()> {
        let all = names(cluster)?;
        let chosen = match name {
            None => all,
            Some(name) if all.contains(&name) => vec![name],
            Some(name) => {
                if self.connect.json {
                    say!("[]");
                } else {
                    say!(
                        "The client metric resource {name} doesn't exist and doesn't have dynamic config."
                    );
                }
                return Ok(());
            }
        };
        let found = describe(cluster, Target::Any, ResourceType::ClientMetrics, &chosen)?;
        let mut objects = Vec::new();
        for (name, settings) in &found {
            let pairs = settings.iter().map(|it| {
                let value = it.value.as_ref().map_or("", |it| it.as_str());
                (it.name.as_str(), value)
            });
            if self.connect.json {
                let settings: Map<_, _> = pairs
                    .map(|(key, value)| (key.to_owned(), Value::from(value)))
                    .collect();
                objects.push(json!({ "name": name, "configs": settings }));
                continue;
            }
            say!("Client metrics configs for {name} are:");
            for (key, value) in pairs {
                say!("  {key}={value}");
            }
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }
}

/// All there are.
fn names(cluster: &Cluster) -> Result<Vec<String>> {
    // Brokers before 4.1 list nothing else, and take no list of types; later ones list all.
    let request = ListConfigResourcesRequest {
        resource_types: Vec::new(),
    };
    let response = cluster.ask(Target::Any, request)?;
    checked(response.error_code, None)?;
    let resources = response.config_resources.iter();
    let resources = resources.filter(|it| it.resource_type == ResourceType::ClientMetrics as i8);
    let mut names: Vec<String> = resources.map(|it| it.resource_name.to_string()).collect();
    names.sort();
    Ok(names)
}
