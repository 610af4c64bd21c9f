//! `kafka-features.sh describe`: the features a cluster has agreed on.

use anyhow::{Result, bail};
use clap::Args;
use rdkafka_client::Target;
use rdkafka_wire::messages::api_versions::ApiVersionsRequest;
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::output::say;

/// The features of the cluster.
#[derive(Debug, Args)]
pub struct Features {
    #[command(flatten)]
    connect: Connect,
    /// What to do: describe.
    #[arg(default_value = "describe")]
    action: String,
}

impl Features {
    pub(crate) fn run(self) -> Result<()> {
        if self.action != "describe" {
            bail!(
                "features {}: this tool only describes; the levels of rdkafka-broker are fixed",
                self.action
            );
        }
        let cluster = Cluster::connect(&self.connect)?;
        let request = ApiVersionsRequest {
            client_software_name: "rdkafka-broker".into(),
            client_software_version: env!("CARGO_PKG_VERSION").into(),
        };
        let response = cluster.ask(Target::Any, request)?;
        checked(response.error_code, None)?;
        let mut features = response.supported_features;
        features.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        let mut objects = Vec::new();
        for feature in features {
            let level = response
                .finalized_features
                .iter()
                .find(|finalized| finalized.name == feature.name)
                .map_or(0, |finalized| finalized.max_version_level);
            if self.connect.json {
                objects.push(json!({
                    "feature": feature.name.as_str(), "min": feature.min_version,
                    "max": feature.max_version, "level": level,
                }));
            } else {
                let cells = [
                    format!("Feature: {}", feature.name.as_str()),
                    format!("SupportedMinVersion: {}", feature.min_version),
                    format!("SupportedMaxVersion: {}", feature.max_version),
                    format!("FinalizedVersionLevel: {level}"),
                ];
                let padded = cells.map(|cell| format!("{cell:<40}"));
                say!(
                    "{}Epoch: {}",
                    padded.concat(),
                    response.finalized_features_epoch
                );
            }
        }
        if self.connect.json {
            say!("{}", json!(objects));
        }
        Ok(())
    }
}
