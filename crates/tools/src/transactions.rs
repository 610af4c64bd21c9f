//! `kafka-transactions.sh`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use rdkafka_client::{CoordinatorKind, Target};
use rdkafka_wire::messages::describe_producers::{
    DescribeProducersRequest, PartitionResponse, TopicRequest,
};
use rdkafka_wire::messages::describe_transactions::{
    DescribeTransactionsRequest, TransactionState,
};
use rdkafka_wire::messages::list_transactions::ListTransactionsRequest;
use rdkafka_wire::messages::write_txn_markers::{
    WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest,
};
use serde_json::json;

use crate::cluster::{Cluster, checked};
use crate::connect::Connect;
use crate::date_time::now_ms;
use crate::output::{print_tabbed, say};

/// List and describe transactions and producers.
#[derive(Debug, Args)]
pub struct Transactions {
    #[command(flatten)]
    connect: Connect,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// All transactions.
    List {
        /// Only those open for longer than this many milliseconds.
        #[arg(long, default_value_t = -1, allow_hyphen_values = true)]
        duration_filter: i64,
        /// Only ids that match this regular expression.
        #[arg(long)]
        transactional_id_pattern: Option<String>,
    },
    /// One transaction.
    Describe {
        /// Its id.
        #[arg(long)]
        transactional_id: String,
    },
    /// Who has produced to a partition.
    DescribeProducers {
        /// The topic.
        #[arg(long)]
        topic: String,
        /// The partition.
        #[arg(long)]
        partition: i32,
    },
    /// End a transaction that its coordinator has forgotten, on one partition.
    Abort {
        /// The topic.
        #[arg(long)]
        topic: String,
        /// The partition.
        #[arg(long)]
        partition: i32,
        /// The first offset of the transaction.
        #[arg(long)]
        start_offset: i64,
    },
}

impl Transactions {
    pub(crate) fn run(self) -> Result<()> {
        let cluster = Cluster::connect(&self.connect)?;
        match &self.action {
            Action::List {
                duration_filter,
                transactional_id_pattern,
            } => self.list(
                &cluster,
                *duration_filter,
                transactional_id_pattern.as_deref(),
            ),
            Action::Describe { transactional_id } => self.describe(&cluster, transactional_id),
            Action::DescribeProducers { topic, partition } => {
                self.describe_producers(&cluster, topic, *partition)
            }
            Action::Abort {
                topic,
                partition,
                start_offset,
            } => abort(&cluster, topic, *partition, *start_offset),
        }
    }

    fn list(&self, cluster: &Cluster, duration_ms: i64, pattern: Option<&str>) -> Result<()> {
        let mut rows = Vec::new();
        for node in cluster.nodes()? {
            let request = ListTransactionsRequest {
                duration_filter: duration_ms,
                transactional_id_pattern: pattern.map(Into::into),
                ..Default::default()
            };
            let response = cluster.ask(Target::Node(node), request)?;
            checked(response.error_code, None)?;
            rows.extend(response.transaction_states.into_iter().map(|state| {
                vec![
                    state.transactional_id.as_str().to_owned(),
                    node.0.to_string(),
                    state.producer_id.to_string(),
                    state.transaction_state.as_str().to_owned(),
                ]
            }));
        }
        rows.sort();
        self.print(
            &[
                "TransactionalId",
                "Coordinator",
                "ProducerId",
                "TransactionState",
            ],
            &rows,
        );
        Ok(())
    }

    fn describe(&self, cluster: &Cluster, id: &str) -> Result<()> {
        let request = DescribeTransactionsRequest {
            transactional_ids: vec![id.into()],
        };
        let target = Target::Coordinator(CoordinatorKind::Transaction, id.into());
        let response = cluster.ask(target, request)?;
        let coordinator = cluster.client().controller_id(0, &|| false);
        let mut rows = Vec::new();
        for state in response.transaction_states {
            checked(state.error_code, None)?;
            rows.push(described(&state, coordinator));
        }
        let header = [
            "CoordinatorId",
            "TransactionalId",
            "ProducerId",
            "ProducerEpoch",
            "TransactionState",
            "TransactionTimeoutMs",
            "CurrentTransactionStartTimeMs",
            "TransactionDurationMs",
            "TopicPartitions",
        ];
        self.print(&header, &rows);
        Ok(())
    }

    fn describe_producers(&self, cluster: &Cluster, topic: &str, partition: i32) -> Result<()> {
        let found = producers(cluster, topic, partition)?;
        let rows: Vec<_> = found
            .active_producers
            .iter()
            .map(|producer| {
                let start = match producer.current_txn_start_offset {
                    -1 => "None".to_owned(),
                    offset => offset.to_string(),
                };
                vec![
                    producer.producer_id.to_string(),
                    producer.producer_epoch.to_string(),
                    producer.coordinator_epoch.to_string(),
                    producer.last_sequence.to_string(),
                    producer.last_timestamp.to_string(),
                    start,
                ]
            })
            .collect();
        let header = [
            "ProducerId",
            "ProducerEpoch",
            "LatestCoordinatorEpoch",
            "LastSequence",
            "LastTimestamp",
            "CurrentTransactionStartOffset",
        ];
        self.print(&header, &rows);
        Ok(())
    }

    fn print(&self, header: &[&str], rows: &[Vec<String>]) {
        if self.connect.json {
            let objects = rows.iter().map(|row| {
                let pairs = header
                    .iter()
                    .zip(row)
                    .map(|(key, cell)| ((*key).to_owned(), json!(cell)));
                serde_json::Value::Object(pairs.collect())
            });
            say!("{}", json!(objects.collect::<Vec<_>>()));
        } else {
            print_tabbed(header, rows);
        }
    }
}

fn described(state: &TransactionState, coordinator: i32) -> Vec<String> {
    let is_open = state.transaction_start_time_ms >= 0;
    let now_ms = now_ms();
    let since = |value: i64| {
        if is_open {
            value.to_string()
        } else {
            "None".to_owned()
        }
    };
    let partitions = state.topics.iter().flat_map(|topic| {
        topic
            .partitions
            .iter()
            .map(|partition| format!("{}-{partition}", topic.topic.as_str()))
    });
    vec![
        coordinator.to_string(),
        state.transactional_id.as_str().to_owned(),
        state.producer_id.to_string(),
        state.producer_epoch.to_string(),
        state.transaction_state.as_str().to_owned(),
        state.transaction_timeout_ms.to_string(),
        since(state.transaction_start_time_ms),
        since(now_ms - state.transaction_start_time_ms),
        partitions.collect::<Vec<_>>().join(","),
    ]
}

fn producers(cluster: &Cluster, topic: &str, partition: i32) -> Result<PartitionResponse> {
    let leaders = cluster.leaders(&[topic.to_owned()])?;
    let Some(leader) = leaders.get(&(topic.to_owned(), partition)) else {
        bail!("topic {topic} has no partition {partition}");
    };
    let request = DescribeProducersRequest {
        topics: vec![TopicRequest {
            name: topic.into(),
            partition_indexes: vec![partition],
        }],
    };
    let response = cluster.ask(Target::Node(*leader), request)?;
    let found = response
        .topics
        .into_iter()
        .flat_map(|topic| topic.partitions)
        .next();
    let Some(found) = found else {
        bail!("the broker says nothing about {topic}-{partition}");
    };
    checked(found.error_code, found.error_message.as_ref())?;
    Ok(found)
}

fn abort(cluster: &Cluster, topic: &str, partition: i32, start_offset: i64) -> Result<()> {
    let found = producers(cluster, topic, partition)?;
    let hanging = found
        .active_producers
        .iter()
        .find(|producer| producer.current_txn_start_offset == start_offset);
    let Some(hanging) = hanging else {
        bail!("no transaction of {topic}-{partition} starts at offset {start_offset}");
    };
    let request = WriteTxnMarkersRequest {
        markers: vec![WritableTxnMarker {
            producer_id: hanging.producer_id,
            producer_epoch: i16::try_from(hanging.producer_epoch)?,
            transaction_result: false,
            topics: vec![WritableTxnMarkerTopic {
                name: topic.into(),
                partition_indexes: vec![partition],
            }],
            coordinator_epoch: hanging.coordinator_epoch.max(0),
            ..Default::default()
        }],
    };
    let leader = cluster.leaders(&[topic.to_owned()])?;
    let Some(leader) = leader.get(&(topic.to_owned(), partition)) else {
        bail!("topic {topic} has no partition {partition}");
    };
    for marker in cluster.ask(Target::Node(*leader), request)?.markers {
        for result in marker.topics.iter().flat_map(|topic| &topic.partitions) {
            checked(result.error_code, None)?;
        }
    }
    Ok(())
}
