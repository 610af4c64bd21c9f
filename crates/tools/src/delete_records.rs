//! `kafka-delete-records.sh`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use rdkafka_client::{ErrorCode, Target};
use rdkafka_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use serde_json::{Value, json};

use crate::cluster::{Cluster, Partition};
use crate::connect::Connect;
use crate::output::say;

/// Delete the records of partitions up to an offset.
#[derive(Debug, Args)]
pub struct DeleteRecords {
    #[command(flatten)]
    connect: Connect,
    /// What to delete: {"partitions":[{"topic":"t","partition":0,"offset":5}],"version":1}; -1 is the end.
    #[arg(long, value_name = "FILE")]
    offset_json_file: PathBuf,
}

impl DeleteRecords {
    pub(crate) fn run(self) -> Result<()> {
        let path = self.offset_json_file.display();
        let text = std::fs::read_to_string(&self.offset_json_file)
            .with_context(|| format!("cannot read {path}"))?;
        let offsets = parse(&text).with_context(|| path.to_string())?;
        let cluster = Cluster::connect(&self.connect)?;
        if !self.connect.json {
            say!("Executing records delete operation");
        }
        let mut topics: Vec<String> = offsets.keys().map(|(topic, _)| topic.clone()).collect();
        topics.dedup();
        let leaders = cluster.leaders(&topics)?;
        let mut results = BTreeMap::new();
        for (partition, offset) in &offsets {
            let Some(leader) = leaders.get(partition) else {
                results.insert(partition, Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
                continue;
            };
            let request = request(partition, *offset, cluster.timeout_ms());
            let response = cluster.ask(Target::Node(*leader), request)?;
            for found in response.topics.iter().flat_map(|topic| &topic.partitions) {
                let code = ErrorCode(found.error_code);
                let result = if code.is_error() {
                    Err(code)
                } else {
                    Ok(found.low_watermark)
                };
                results.insert(partition, result);
            }
        }
        self.print(&results)
    }

    fn print(&self, results: &BTreeMap<&Partition, Result<i64, ErrorCode>>) -> Result<()> {
        if self.connect.json {
            let rows = results
                .iter()
                .map(|((topic, partition), result)| match result {
                    Ok(low) => {
                        json!({ "topic": topic, "partition": partition, "lowWatermark": low })
                    }
                    Err(code) => {
                        json!({ "topic": topic, "partition": partition, "error": code.text() })
                    }
                });
            say!("{}", json!(rows.collect::<Vec<_>>()));
        } else {
            say!("Records delete operation completed:");
            for ((topic, partition), result) in results {
                match result {
                    Ok(low) => say!("partition: {topic}-{partition}\tlow_watermark: {low}"),
                    Err(code) => say!("partition: {topic}-{partition}\terror: {}", code.text()),
                }
            }
        }
        if results.values().any(Result::is_err) {
            bail!("the records of some partitions could not be deleted");
        }
        Ok(())
    }
}

fn request(partition: &Partition, offset: i64, timeout_ms: i32) -> DeleteRecordsRequest {
    DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic {
            name: partition.0.as_str().into(),
            partitions: vec![DeleteRecordsPartition {
                partition_index: partition.1,
                offset,
            }],
        }],
        timeout_ms,
    }
}

fn parse(text: &str) -> Result<BTreeMap<Partition, i64>> {
    let file: Value = serde_json::from_str(text).context("not JSON")?;
    let rows = file.get("partitions").and_then(Value::as_array);
    let rows = rows.context("the list \"partitions\" is missing")?;
    let mut offsets = BTreeMap::new();
    for row in rows {
        let field = |name: &str| {
            row.get(name)
                .with_context(|| format!("\"{name}\" is missing in {row}"))
        };
        let topic = field("topic")?.as_str().context("\"topic\" is no string")?;
        let partition = field("partition")?
            .as_i64()
            .context("\"partition\" is no number")?;
        let offset = field("offset")?
            .as_i64()
            .context("\"offset\" is no number")?;
        let key = (topic.to_owned(), i32::try_from(partition)?);
        if offsets.insert(key, offset).is_some() {
            bail!("{topic}-{partition} comes twice");
        }
    }
    Ok(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_partitions_and_offsets() {
        let offsets =
            parse(r#"{"partitions":[{"topic":"t","partition":1,"offset":-1}],"version":1}"#)
                .unwrap();
        assert_eq!(offsets.get(&("t".to_owned(), 1)), Some(&-1));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        assert!(parse("{}").unwrap_err().to_string().contains("partitions"));
        let missing = parse(r#"{"partitions":[{"topic":"t","partition":1}]}"#).unwrap_err();
        assert!(missing.to_string().contains("offset"));
        let twice = r#"{"partitions":[{"topic":"t","partition":1,"offset":1},{"topic":"t","partition":1,"offset":2}]}"#;
        assert!(parse(twice).unwrap_err().to_string().contains("twice"));
    }
}
