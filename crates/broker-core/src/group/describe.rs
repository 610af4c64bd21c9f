//! What admin tools see of groups: ListGroups and DescribeGroups.

use bytes::Bytes;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::messages::describe_groups::{DescribedGroup, DescribedGroupMember};
use rdkafka_wire::messages::list_groups::ListedGroup;
use rdkafka_wire::types::StrBytes;

use super::GroupCoordinator;
use super::classic::{Group, State};
use super::member::Member;
use super::offset_delete::CONSUMER;

/// Which groups to list; an empty list is no filter. Names compare without case.
#[derive(Debug, Default)]
pub(crate) struct GroupFilter {
    pub(crate) states: Vec<StrBytes>,
    pub(crate) types: Vec<StrBytes>,
}

impl GroupFilter {
    /// Whether a group is to be listed.
    pub(crate) fn takes(&self, group: &ListedGroup) -> bool {
        let takes = |list: &[StrBytes], name: &str| {
            list.is_empty() || list.iter().any(|it| it.eq_ignore_ascii_case(name))
        };
        takes(&self.states, &group.group_state) && takes(&self.types, &group.group_type)
    }
}

impl GroupCoordinator {
    /// Every group, in no order.
    pub(crate) fn list(&self, filter: &GroupFilter) -> Vec<ListedGroup> {
        let listed = self.groups.values().map(|group| ListedGroup {
            group_id: group.id.clone(),
            protocol_type: match (&group.consumer, &group.streams) {
                (Some(_), _) => CONSUMER.into(),
                (None, Some(_)) => STREAMS.into(),
                (None, None) => group.protocol_type.clone().unwrap_or_default(),
            },
            group_state: group.state_name().into(),
            group_type: group.type_name().into(),
        });
        listed.filter(|group| filter.takes(group)).collect()
    }

    /// One group and its members. A group that does not exist is `Dead`, from version 6 on also an error.
    pub(crate) fn describe(&self, group_id: &StrBytes, version: i16) -> DescribedGroup {
        let found = self.groups.get(group_id);
        let Some(group) = found.filter(|it| it.type_name() == "classic") else {
            let mut answer = DescribedGroup {
                group_id: group_id.clone(),
                group_state: "Dead".into(),
                ..DescribedGroup::default()
            };
            if version >= NOT_FOUND_FROM {
                answer.error_code = ErrorCode::GROUP_ID_NOT_FOUND.code();
                let message = match found {
                    Some(_) => format!("Group {group_id} is not a classic group."),
                    None => format!("Group {group_id} not found."),
                };
                answer.error_message = Some(message.into());
            }
            return answer;
        };
        let is_stable = group.state == State::Stable;
        let protocol = group
            .protocol
            .clone()
            .filter(|_| is_stable)
            .unwrap_or_default();
        DescribedGroup {
            group_id: group_id.clone(),
            group_state: group.state.name().into(),
            protocol_type: group.protocol_type.clone().unwrap_or_default(),
            members: group
                .members
                .values()
                .map(|it| describe_member(it, is_stable.then_some(&protocol)))
                .collect(),
            protocol_data: protocol,
            ..DescribedGroup::default()
        }
    }
}

/// Metadata and assignment are shown of a stable group only; before, they are about to change.
fn describe_member(member: &Member, protocol: Option<&StrBytes>) -> DescribedGroupMember {
    DescribedGroupMember {
        member_id: member.id.clone(),
        group_instance_id: member.instance_id.clone(),
        client_id: member.caller.client_id.clone(),
        client_host: member.caller.client_host.clone(),
        member_metadata: protocol.map_or_else(Bytes::new, |it| member.metadata(it)),
        member_assignment: protocol.map_or_else(Bytes::new, |_| member.assignment.clone()),
    }
}

impl Group {
    pub(super) fn state_name(&self) -> &'static str {
        match (&self.consumer, &self.streams) {
            (Some(group), _) => group.state_name(),
            (None, Some(group)) => group.state_name(),
            (None, None) => self.state.name(),
        }
    }

    fn type_name(&self) -> &'static str {
        if self.consumer.is_some() {
            CONSUMER
        } else if self.streams.is_some() {
            STREAMS
        } else {
            "classic"
        }
    }
}

/// The protocol type of streams groups.
const STREAMS: &str = "streams";
/// The version from which a group that does not exist is an error (KIP-1043).
const NOT_FOUND_FROM: i16 = 6;
