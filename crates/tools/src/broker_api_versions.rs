//! `kafka-broker-api-versions.sh`.

use anyhow::Result;
use clap::Args;
use rdkafka_client::{NodeId, Target};
use rdkafka_wire::ApiKey;
use rdkafka_wire::messages::api_versions::{ApiVersion, ApiVersionsRequest};
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::say;

/// The APIs and versions each broker serves.
#[derive(Debug, Args)]
pub struct BrokerApiVersions {
    #[command(flatten)]
    connect: Connect,
}

impl BrokerApiVersions {
    pub(crate) fn run(self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        let mut objects = Vec::new();
        for broker in cluster.metadata(Some(&[]))?.brokers {
            let request = ApiVersionsRequest {
                client_software_name: "rdkafka-broker".into(),
                client_software_version: env!("CARGO_PKG_VERSION").into(),
            };
            let response = cluster.ask(Target::Node(NodeId(broker.node_id)), request)?;
            checked(response.error_code, None)?;
            if self.connect.json {
                objects.push(json!({
                    "host": broker.host.as_str(),
                    "port": broker.port,
                    "id": broker.node_id,
                    "apis": response.api_keys.iter().map(api_json).collect::<Vec<_>>(),
                }));
                continue;
            }
            let rack = broker.rack.as_ref().map_or("null", |rack| rack.as_str());
            say!(
                "{}:{} (id: {} rack: {rack} isFenced: false) -> (",
                broker.host.as_str(),
                broker.port,
                broker.node_id
            );
            let lines: Vec<_> = response.api_keys.iter().map(api_line).collect();
            say!("{}", lines.join(",\n"));
            say!(")");
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }
}

fn name(api: &ApiVersion) -> String {
    match ApiKey::from_code(api.api_key) {
        Some(key) => key.name().to_owned(),
        None => format!("UNKNOWN({})", api.api_key),
    }
}

/// The newest version both sides know.
fn usable(api: &ApiVersion) -> Option<i16> {
    let ours = ApiKey::from_code(api.api_key)?.versions();
    let newest = api.max_version.min(*ours.end());
    (newest >= api.min_version.max(*ours.start())).then_some(newest)
}

fn api_line(api: &ApiVersion) -> String {
    let range = if api.min_version == api.max_version {
        api.min_version.to_string()
    } else {
        format!("{} to {}", api.min_version, api.max_version)
    };
    if ApiKey::from_code(api.api_key).is_none() {
        return format!("\t{}: {range}", name(api));
    }
    let usable = usable(api).map_or_else(
        || "unsupported".to_owned(),
        |version| format!("usable: {version}"),
    );
    format!("\t{}({}): {range} [{usable}]", name(api), api.api_key)
}

fn api_json(api: &ApiVersion) -> serde_json::Value {
    json!({
        "name": name(api),
        "key": api.api_key,
        "min": api.min_version,
        "max": api.max_version,
        "usable": usable(api),
    })
}
