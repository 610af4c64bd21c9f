//! `--delete` and `--delete-offsets`.

use anyhow::{Result, bail};
use rdkafka_client::ErrorCode;
use rdkafka_wire::messages::delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use rdkafka_wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};

use super::ConsumerGroups;
use super::reset::chosen_partitions;
use crate::cluster::{Cluster, checked};
use crate::output::{print_columns, say};

pub(super) fn delete(cluster: &Cluster, options: &ConsumerGroups) -> Result<()> {
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for group in options.groups(cluster)? {
        let request = DeleteGroupsRequest {
            groups_names: vec![group.as_str().into()],
        };
        let first = |response: &DeleteGroupsResponse| {
            response
                .results
                .first()
                .map_or(0, |result| result.error_code)
        };
        let response = cluster.ask_group(&group, request, first)?;
        match ErrorCode(first(&response)) {
            code if code.is_error() => failed.push(format!(
                "* Group '{group}' could not be deleted due to: {}",
                code.text()
            )),
            _ => deleted.push(format!("'{group}'")),
        }
    }
    if failed.is_empty() {
        say!(
            "Deletion of requested consumer groups ({}) was successful.",
            deleted.join(", ")
        );
        return Ok(());
    }
    if !deleted.is_empty() {
        say!(
            "These consumer groups were deleted successfully: {}",
            deleted.join(", ")
        );
    }
    bail!(
        "Deletion of some consumer groups failed:\n{}",
        failed.join("\n")
    )
}

pub(super) fn delete_offsets(cluster: &Cluster, options: &ConsumerGroups) -> Result<()> {
    let group = options.only_group()?;
    if options.topic.is_empty() {
        bail!("--delete-offsets needs --topic");
    }
    let partitions = chosen_partitions(cluster, &options.topic)?;
    let mut topics: Vec<OffsetDeleteRequestTopic> = Vec::new();
    for (topic, partition) in &partitions {
        let partition = OffsetDeleteRequestPartition {
            partition_index: *partition,
        };
        match topics.last_mut().filter(|last| last.name.as_str() == topic) {
            Some(last) => last.partitions.push(partition),
            None => topics.push(OffsetDeleteRequestTopic {
                name: topic.as_str().into(),
                partitions: vec![partition],
            }),
        }
    }
    let request = OffsetDeleteRequest {
        group_id: group.into(),
        topics,
    };
    let response = cluster.ask_group(group, request, |response| response.error_code)?;
    checked(response.error_code, None)?;
    say!("Request succeeded for deleting offsets from group {group}.");
    say!("");
    let mut is_failed = false;
    let rows = response.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| {
            let code = ErrorCode(partition.error_code);
            let status = match code.is_error() {
                true => format!("Error: {}", code.text()),
                false => "Successful".to_owned(),
            };
            (
                code.is_error(),
                vec![
                    topic.name.as_str().to_owned(),
                    partition.partition_index.to_string(),
                    status,
                ],
            )
        })
    });
    let rows: Vec<_> = rows
        .map(|(failed, row)| {
            is_failed |= failed;
            row
        })
        .collect();
    print_columns(&[("TOPIC", 30), ("PARTITION", 15), ("STATUS", 0)], &rows);
    if is_failed {
        bail!("some offsets could not be deleted");
    }
    Ok(())
}
