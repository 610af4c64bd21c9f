//! A group as the coordinator describes it, whichever protocol it speaks.

use std::collections::BTreeMap;

use anyhow::Result;
use rdkafka_client::{CoordinatorKind, ErrorCode, Target};
use rdkafka_wire::messages::consumer_group_describe::{Assignment, ConsumerGroupDescribeRequest};
use rdkafka_wire::messages::consumer_protocol::ConsumerProtocolAssignment;
use rdkafka_wire::messages::describe_groups::DescribeGroupsRequest;
use rdkafka_wire::messages::list_groups::{ListGroupsRequest, ListedGroup};
use rdkafka_wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse,
};
use rdkafka_wire::types::StrBytes;
use rdkafka_wire::{FrameReader, Message};

use crate::cluster::{Cluster, Partition, checked};

/// A group, either way.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) id: String,
    /// `Stable`, `Empty`, `Dead`, ...
    pub(crate) state: String,
    pub(crate) assignor: String,
    /// -1 with the classic protocol.
    pub(crate) epoch: i32,
    pub(crate) assignment_epoch: i32,
    pub(crate) members: Vec<Member>,
}

#[derive(Debug, Default)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) host: String,
    pub(crate) client_id: String,
    pub(crate) epoch: Option<i32>,
    pub(crate) assignment: Vec<(String, Vec<i32>)>,
    /// What it is to have; `None` with the classic protocol.
    pub(crate) target: Option<Vec<(String, Vec<i32>)>>,
}

/// All consumer groups of all coordinators.
pub(crate) fn list(cluster: &Cluster, states: &[&str], types: &[&str]) -> Result<Vec<ListedGroup>> {
    list_of(cluster, states, types, &["consumer", ""])
}

/// All groups of all coordinators that are of these protocols, by name.
pub(crate) fn list_of(
    cluster: &Cluster,
    states: &[&str],
    types: &[&str],
    protocols: &[&str],
) -> Result<Vec<ListedGroup>> {
    let mut groups = list_any(cluster, states, types)?;
    groups.retain(|group| protocols.contains(&group.protocol_type.as_str()));
    Ok(groups)
}

/// All groups of all coordinators, whatever they are for, by name.
pub(crate) fn list_any(
    cluster: &Cluster,
    states: &[&str],
    types: &[&str],
) -> Result<Vec<ListedGroup>> {
    let mut groups = Vec::new();
    for node in cluster.nodes()? {
        let words = |words: &[&str]| words.iter().map(|word| StrBytes::from(*word)).collect();
        let request = ListGroupsRequest {
            states_filter: words(states),
            types_filter: words(types),
        };
        let response = cluster.ask(Target::Node(node), request)?;
        checked(response.error_code, None)?;
        groups.extend(response.groups);
    }
    groups.sort_by(|a, b| a.group_id.as_str().cmp(b.group_id.as_str()));
    Ok(groups)
}

impl Group {
    /// Ask as for a group of the new protocol first, then as for one of the classic protocol.
    pub(crate) fn describe(cluster: &Cluster, id: &str) -> Result<Self> {
        match Self::describe_consumer(cluster, id)? {
            Some(group) => Ok(group),
            None => Self::describe_classic(cluster, id),
        }
    }

    fn describe_consumer(cluster: &Cluster, id: &str) -> Result<Option<Self>> {
        let target = Target::Coordinator(CoordinatorKind::Group, id.into());
        let request = ConsumerGroupDescribeRequest {
            group_ids: vec![id.into()],
            include_authorized_operations: false,
        };
        let response = match cluster.try_ask(target, request) {
            Ok(response) => response,
            Err(ErrorCode::_UNSUPPORTED_FEATURE) => return Ok(None),
            Err(code) => return Err(cluster.failure("ConsumerGroupDescribe", code)),
        };
        let Some(group) = response.groups.into_iter().next() else {
            return Ok(None);
        };
        if ErrorCode(group.error_code).is_error() {
            return Ok(None);
        }
        let members = group.members.into_iter().map(|member| Member {
            id: member.member_id.as_str().to_owned(),
            instance_id: member.instance_id.map(|id| id.as_str().to_owned()),
            host: member.client_host.as_str().to_owned(),
            client_id: member.client_id.as_str().to_owned(),
            epoch: Some(member.member_epoch),
            assignment: partitions(&member.assignment),
            target: Some(partitions(&member.target_assignment)),
        });
        Ok(Some(Self {
            id: id.to_owned(),
            state: group.group_state.as_str().to_owned(),
            assignor: group.assignor_name.as_str().to_owned(),
            epoch: group.group_epoch,
            assignment_epoch: group.assignment_epoch,
            members: members.collect(),
        }))
    }

    fn describe_classic(cluster: &Cluster, id: &str) -> Result<Self> {
        let request = DescribeGroupsRequest {
            groups: vec![id.into()],
            include_authorized_operations: false,
        };
        let first_code =
            |response: &rdkafka_wire::messages::describe_groups::DescribeGroupsResponse| {
                response.groups.first().map_or(0, |group| group.error_code)
            };
        let response = cluster.ask_group(id, request, first_code)?;
        let Some(group) = response.groups.into_iter().next() else {
            anyhow::bail!("the coordinator says nothing about the group {id}");
        };
        let is_missing = ErrorCode(group.error_code) == ErrorCode::GROUP_ID_NOT_FOUND
            || group.group_state.as_str() == "Dead";
        if is_missing {
            return Ok(Self {
                id: id.to_owned(),
                state: "Dead".to_owned(),
                epoch: -1,
                ..Self::default()
            });
        }
        checked(group.error_code, group.error_message.as_ref())?;
        let members = group.members.into_iter().map(|member| Member {
            id: member.member_id.as_str().to_owned(),
            instance_id: member.group_instance_id.map(|id| id.as_str().to_owned()),
            host: member.client_host.as_str().to_owned(),
            client_id: member.client_id.as_str().to_owned(),
            epoch: None,
            assignment: classic_assignment(member.member_assignment),
            target: None,
        });
        Ok(Self {
            id: id.to_owned(),
            state: group.group_state.as_str().to_owned(),
            assignor: group.protocol_data.as_str().to_owned(),
            epoch: -1,
            assignment_epoch: -1,
            members: members.collect(),
        })
    }
}

/// What a group has committed, by partition.
pub(crate) fn committed(cluster: &Cluster, group: &str) -> Result<BTreeMap<Partition, i64>> {
    let request = OffsetFetchRequest {
        group_id: group.into(),
        topics: None,
        groups: vec![OffsetFetchRequestGroup {
            group_id: group.into(),
            member_id: None,
            member_epoch: -1,
            topics: None,
        }],
        require_stable: false,
    };
    // Version 10 names topics by id, which is one more question.
    let code = |response: &OffsetFetchResponse| match response.groups.first() {
        Some(group) => group.error_code,
        None => response.error_code,
    };
    let response = cluster.ask_group_up_to(group, request, 9, code)?;
    checked(code(&response), None)?;
    let mut offsets = BTreeMap::new();
    for topic in response.topics {
        for partition in topic.partitions {
            let key = (topic.name.as_str().to_owned(), partition.partition_index);
            offsets.insert(key, partition.committed_offset);
        }
    }
    for topic in response.groups.into_iter().flat_map(|group| group.topics) {
        for partition in topic.partitions {
            let key = (topic.name.as_str().to_owned(), partition.partition_index);
            offsets.insert(key, partition.committed_offset);
        }
    }
    offsets.retain(|_, offset| *offset >= 0);
    Ok(offsets)
}

fn partitions(assignment: &Assignment) -> Vec<(String, Vec<i32>)> {
    let topics = assignment.topic_partitions.iter();
    topics
        .map(|topic| {
            (
                topic.topic_name.as_str().to_owned(),
                topic.partitions.clone(),
            )
        })
        .collect()
}

/// The assignment in the consumer protocol's own bytes; members of other kinds have bytes of their own.
fn classic_assignment(bytes: bytes::Bytes) -> Vec<(String, Vec<i32>)> {
    let mut reader = FrameReader::new(bytes);
    let Ok(version) = reader.i16() else {
        return Vec::new();
    };
    let newest = *ConsumerProtocolAssignment::VERSIONS.end();
    let assignment = ConsumerProtocolAssignment::decode(&mut reader, version.clamp(0, newest));
    let topics = assignment
        .map(|assignment| assignment.assigned_partitions)
        .unwrap_or_default();
    topics
        .into_iter()
        .map(|topic| (topic.topic.as_str().to_owned(), topic.partitions))
        .collect()
}
