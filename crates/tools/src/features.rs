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
                let shown = |level| words(feature.name.as_str(), level);
                say!(
                    "Feature: {:<40}  SupportedMinVersion: {:<15}  SupportedMaxVersion: {:<15}  FinalizedVersionLevel: {:<15}  Epoch: {}",
                    feature.name.as_str(),
                    shown(feature.min_version),
                    shown(feature.max_version),
                    shown(level),
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

/// The releases behind the levels of `metadata.version`, from [`METADATA_LEVEL_LEAST`] on.
const METADATA_RELEASES: [&str; 25] = [
    "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2",
    "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0",
    "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
    "4.4-IV0",
];
const METADATA_LEVEL_LEAST: i16 = 7;

/// A level as Kafka's tool writes it: that of `metadata.version` by its release.
fn words(feature: &str, level: i16) -> String {
    if feature != "metadata.version" {
        return level.to_string();
    }
    let index = usize::try_from(level.saturating_sub(METADATA_LEVEL_LEAST)).ok();
    index
        .and_then(|index| METADATA_RELEASES.get(index))
        .map_or_else(
            || format!("UNKNOWN [{level}]"),
            |release| (*release).to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_the_metadata_are_told_by_their_release() {
        assert_eq!(words("metadata.version", 7), "3.3-IV3");
        assert_eq!(words("metadata.version", 30), "4.3-IV0");
        assert_eq!(words("metadata.version", 6), "UNKNOWN [6]");
        assert_eq!(words("metadata.version", 32), "UNKNOWN [32]");
        assert_eq!(words("group.version", 1), "1");
    }
}
