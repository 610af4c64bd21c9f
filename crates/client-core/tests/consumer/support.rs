//! What most scenarios of the consumer begin with.

use std::time::Duration;

use rdkafka_client_core::conf::Callback;
use rdkafka_client_core::consumer::{Call, CallReply, Event, RebalanceKind, Subscription};
use rdkafka_client_core::io::TopicPartitionOffset;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::cluster::Cluster;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn grouped(settings: &[(&str, &str)]) -> Cluster {
    let mut all = vec![("group.id", "g"), ("auto.offset.reset", "earliest")];
    all.extend(settings);
    Cluster::new(&all, &[])
}

/// A member of a group whose application decides about rebalances, subscribed to `t`.
pub(crate) fn deciding(values: &[&str]) -> Cluster {
    let settings = [("group.id", "g"), ("auto.offset.reset", "earliest")];
    let mut cluster = Cluster::new(&settings, &[Callback::Rebalance]);
    cluster.append("t", 0, values);
    cluster.call(subscription(&["t"])).unwrap();
    cluster
}

pub(crate) fn subscription(topics: &[&str]) -> Call {
    let topics = topics.iter().map(|topic| StrBytes::from(*topic)).collect();
    Call::Subscribe(Subscription::new(topics).unwrap())
}

pub(crate) fn assign(cluster: &mut Cluster, list: Vec<TopicPartitionOffset>) {
    assert!(matches!(
        cluster.call(Call::Assign(Some(list))),
        Ok(CallReply::Done)
    ));
}

pub(crate) fn list(reply: Result<CallReply, ErrorCode>) -> Vec<(i32, i64, ErrorCode)> {
    let Ok(CallReply::Partitions(list)) = reply else {
        panic!("{reply:?}")
    };
    list.into_iter()
        .map(|element| (element.partition, element.offset, element.error))
        .collect()
}

pub(crate) fn rebalance(
    cluster: &mut Cluster,
) -> Option<(RebalanceKind, Vec<TopicPartitionOffset>)> {
    let events = std::mem::take(&mut cluster.events);
    events.into_iter().find_map(|event| match event {
        Event::Rebalance(rebalance) => Some((rebalance.kind, rebalance.partitions)),
        _ => None,
    })
}

pub(crate) fn is_closed(cluster: &Cluster) -> bool {
    cluster
        .events
        .iter()
        .any(|event| matches!(event, Event::Closed(_)))
}
