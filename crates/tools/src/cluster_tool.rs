//! `kafka-cluster.sh`: the cluster's id, its brokers, and that one of them is gone for good.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use rdkafka_client::Target;
use rdkafka_wire::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};
use rdkafka_wire::messages::unregister_broker::UnregisterBrokerRequest;
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::{print_columns, say};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// The id of the cluster.
    ClusterId,
    /// Forget a broker.
    Unregister,
    /// The brokers and where they listen.
    ListEndpoints,
}

/// The id of the cluster, its brokers; forget a broker.
#[derive(Debug, Args)]
pub struct ClusterTool {
    #[command(flatten)]
    connect: Connect,
    /// What to do.
    action: Action,
    /// Short for --bootstrap-server.
    #[arg(short = 'b', value_name = "HOST:PORT,...", hide = true)]
    brokers: Option<String>,
    /// Short for --bootstrap-controller.
    #[arg(short = 'C', value_name = "HOST:PORT,...", hide = true)]
    controllers: Option<String>,
    /// What --command-config was called.
    #[arg(long, short, value_name = "FILE", hide = true)]
    config: Option<PathBuf>,
    /// The broker to unregister.
    #[arg(long, short, required_if_eq("action", "unregister"))]
    id: Option<i32>,
    /// List brokers that are not in service too.
    #[arg(long)]
    include_fenced_brokers: bool,
}

impl ClusterTool {
    pub(crate) fn run(mut self) -> Result<()> {
        if let Some(servers) = self.brokers.take().or_else(|| self.controllers.take()) {
            self.connect.ask_at(servers);
        }
        if let Some(file) = self.config.take() {
            self.connect.configure_by(file);
        }
        let cluster = Cluster::connect(&self.connect)?;
        match self.action {
            Action::Unregister => self.unregister(&cluster),
            Action::ClusterId => self.print_id(&describe(&cluster, false)?),
            Action::ListEndpoints => {
                self.print_endpoints(&describe(&cluster, self.include_fenced_brokers)?)
            }
        }
    }

    fn unregister(&self, cluster: &Cluster) -> Result<()> {
        let broker_id = self.id.context("--id is missing")?;
        let response = cluster.ask(Target::Controller, UnregisterBrokerRequest { broker_id })?;
        checked(response.error_code, response.error_message.as_ref())?;
        if self.connect.json {
            say!("{}", json!({ "unregistered": broker_id }));
        } else {
            say!("Broker {broker_id} is no longer registered.");
        }
        Ok(())
    }

    fn print_id(&self, described: &DescribeClusterResponse) -> Result<()> {
        let id = described.cluster_id.as_str();
        if self.connect.json {
            say!("{}", json!({ "clusterId": id }));
        } else {
            say!("Cluster ID: {id}");
        }
        Ok(())
    }

    fn print_endpoints(&self, described: &DescribeClusterResponse) -> Result<()> {
        let brokers = described.brokers.iter();
        if self.connect.json {
            let brokers = brokers.map(|it| {
                json!({
                    "id": it.broker_id, "host": it.host.as_str(), "port": it.port,
                    "rack": it.rack.as_deref(), "fenced": it.is_fenced,
                })
            });
            say!("{}", json!(brokers.collect::<Vec<_>>()));
        } else {
            print_columns(COLUMNS, &brokers.map(row).collect::<Vec<_>>());
        }
        Ok(())
    }
}

/// What the cluster says about itself.
pub(crate) fn describe(
    cluster: &Cluster,
    include_fenced_brokers: bool,
) -> Result<DescribeClusterResponse> {
    let request = DescribeClusterRequest {
        include_fenced_brokers,
        ..DescribeClusterRequest::default()
    };
    let response = cluster.ask(Target::Any, request)?;
    checked(response.error_code, response.error_message.as_ref())?;
    Ok(response)
}

fn row(broker: &DescribeClusterBroker) -> Vec<String> {
    let state = if broker.is_fenced {
        "fenced"
    } else {
        "unfenced"
    };
    vec![
        broker.broker_id.to_string(),
        broker.host.to_string(),
        broker.port.to_string(),
        broker.rack.as_deref().unwrap_or("null").to_owned(),
        state.to_owned(),
        "broker".to_owned(),
    ]
}

const COLUMNS: &[(&str, usize)] = &[
    ("ID", 10),
    ("HOST", 9),
    ("PORT", 10),
    ("RACK", 10),
    ("STATE", 10),
    ("ENDPOINT_TYPE", 15),
];
