//! The properties of the broker: Kafka's names and defaults, one row each.
//!
//! Owns: [`BrokerConfig`].
//! Guarantees: `set` either changes a typed field to a legal value or says why not.
//! Leaves to others: which listeners a security protocol makes possible (`rdkafka-broker`).

use std::collections::BTreeMap;

use super::table::{
    absent_or_at_least, any, assignors, at_least, authorizer, compression, gzip_level, lz4_level,
    migration_policy, positive, ratio, rebalance_protocols, within, zstd_level,
};
use super::{
    Accepted, CleanupPolicy, ConfError, ConfigEntry, ListenerProperties, Secret, TimestampType,
    without_meaning,
};

properties! {
    /// The broker's settings, as `server.properties` names them.
    pub struct BrokerConfig {
        "node.id" node_id: i32 = 1, at_least::<0, i32>,
            "The id of this node.";
        "broker.rack" rack: Option<String> = None, any,
            "The rack of this broker, as clients see it in metadata.";
        "listeners" listeners: Vec<String> = vec!["PLAINTEXT://:9092".into()], any,
            "The addresses to listen on: NAME://host:port, comma-separated.";
        "advertised.listeners" advertised_listeners: Vec<String> = vec![], any,
            "The addresses clients are told; by default the one they connected to.";
        "listener.security.protocol.map" listener_security_protocol_map: Vec<String> = [
                "PLAINTEXT:PLAINTEXT", "SSL:SSL", "SASL_PLAINTEXT:SASL_PLAINTEXT", "SASL_SSL:SASL_SSL",
            ].map(Into::into).to_vec(), any,
            "The security protocol of each listener name.";
        "controller.listener.names" controller_listener_names: Vec<String> = vec![], any,
            "Listeners of the controller, which one node does not need.";
        "inter.broker.listener.name" inter_broker_listener_name: Option<String> = None, any,
            "The listener between brokers; on one node it is a listener like the others.";
        "log.dir" log_dir: Option<String> = None, any,
            "The data directory, when log.dirs is not set.";
        "log.dirs" log_dirs: Vec<String> = vec![], any,
            "The data directories, comma-separated; a new partition goes to the one with the fewest. One that is left out or not mounted later is an error at the start.";
        "num.partitions" num_partitions: i32 = 1, at_least::<1, i32>,
            "The number of partitions of a topic that is created without saying it.";
        "default.replication.factor" default_replication_factor: i32 = 1, at_least::<1, i32>,
            "The replication factor of automatically created topics; one node has one replica.";
        "min.insync.replicas" min_insync_replicas: i32 = 1, at_least::<1, i32>,
            "How many replicas must have a write that asks for acks=all; this broker is one replica.";
        "auto.create.topics.enable" auto_create_topics_enable: bool = true, any,
            "Whether asking for an unknown topic creates it.";
        "delete.topic.enable" delete_topic_enable: bool = true, any,
            "Whether topics can be deleted.";
        "unclean.leader.election.enable" unclean_leader_election_enable: bool = false, any,
            "Accepted, without meaning on one node.";
        "message.max.bytes" message_max_bytes: i32 = 1_048_588, at_least::<0, i32>,
            "The largest record batch (after compression) that is taken.";
        "fetch.max.bytes" fetch_max_bytes: i32 = 57_671_680, at_least::<1024, i32>,
            "The most bytes a fetch response carries, whatever the client asks for.";
        "compression.type" compression_type: String = "producer".into(), compression,
            "The final compression of stored batches; producer keeps what the producer chose.";
        "compression.gzip.level" compression_gzip_level: i32 = -1, gzip_level,
            "The level of gzip when the broker compresses; -1 is the codec's own default.";
        "compression.lz4.level" compression_lz4_level: i32 = 9, lz4_level,
            "The level of lz4 when the broker compresses; accepted, there is one level.";
        "compression.zstd.level" compression_zstd_level: i32 = 3, zstd_level,
            "The level of zstd when the broker compresses.";
        "socket.request.max.bytes" socket_request_max_bytes: i32 = 104_857_600, at_least::<1, i32>,
            "The largest request that is read.";
        "socket.send.buffer.bytes" socket_send_buffer_bytes: i32 = 102_400, at_least::<-1, i32>,
            "The send buffer of a socket (SO_SNDBUF); -1 leaves it to the system.";
        "socket.receive.buffer.bytes" socket_receive_buffer_bytes: i32 = 102_400, at_least::<-1, i32>,
            "The receive buffer of a socket (SO_RCVBUF); -1 leaves it to the system.";
        "max.connections" max_connections: i32 = i32::MAX, at_least::<0, i32>,
            "How many connections may be open at once.";
        "max.connections.per.ip" max_connections_per_ip: i32 = i32::MAX, at_least::<0, i32>,
            "How many connections one address may have open.";
        "max.connections.per.ip.overrides" max_connections_per_ip_overrides: Vec<String> = vec![], per_ip,
            "The same for single addresses: address:count, comma-separated.";
        "max.connection.creation.rate" max_connection_creation_rate: i32 = i32::MAX, at_least::<0, i32>,
            "How many connections are accepted a second; those beyond it wait.";
        "queued.max.requests" queued_max_requests: i32 = 500, at_least::<1, i32>,
            "How many requests of one connection may be unanswered before no more are read from it.";
        "queued.max.request.bytes" queued_max_request_bytes: i64 = -1, at_least::<-1, i64>,
            "How many bytes of requests and answers the broker holds for all connections together; beyond it nothing more is read. -1 is 512 MiB, or twice socket.request.max.bytes if that is more.";
        "connection.failed.authentication.delay.ms" connection_failed_authentication_delay_ms: i32 = 100, at_least::<0, i32>,
            "How long the answer to a failed authentication, and the end of its connection, are held back.";
        "rdkafka.authentication.timeout.ms" rdkafka_authentication_timeout_ms: i32 = 30_000, at_least::<1, i32>,
            "How long a connection may take for its TLS handshake and, if the listener wants it, to authenticate.";
        "rdkafka.request.read.timeout.ms" rdkafka_request_read_timeout_ms: i32 = 30_000, at_least::<1, i32>,
            "How long a request that has begun may take to arrive, plus a second for each 16 KiB of it.";
        "rdkafka.response.stall.timeout.ms" rdkafka_response_stall_timeout_ms: i32 = 10_000, at_least::<1, i32>,
            "How long a client may read nothing of an answer while others wait for memory (queued.max.request.bytes); without others that wait, connections.max.idle.ms holds.";
        "rdkafka.http.listener" rdkafka_http_listener: Option<String> = None, any,
            "The host:port for metrics (GET /metrics, Prometheus) and health (GET /health); nowhere by default.";
        "replica.alter.log.dirs.io.max.bytes.per.second" replica_alter_log_dirs_io_max_bytes_per_second: i64 = i64::MAX, at_least::<1, i64>,
            "How fast a partition is copied to another data folder.";
        "leader.replication.throttled.rate" leader_replication_throttled_rate: i64 = i64::MAX, at_least::<0, i64>,
            "How fast partitions that are reassigned are copied from their leaders; one node copies none.";
        "follower.replication.throttled.rate" follower_replication_throttled_rate: i64 = i64::MAX, at_least::<0, i64>,
            "How fast partitions that are reassigned are copied to followers; one node copies none.";
        "delegation.token.secret.key" delegation_token_secret_key: Option<Secret> = None, any,
            "What delegation tokens are made and checked with; without it there are none. Another key makes tokens worthless that were given out.";
        "delegation.token.max.lifetime.ms" delegation_token_max_lifetime_ms: i64 = 604_800_000, at_least::<1, i64>,
            "How long a delegation token can be renewed.";
        "delegation.token.expiry.time.ms" delegation_token_expiry_time_ms: i64 = 86_400_000, at_least::<1, i64>,
            "After which time a delegation token expires unless it is renewed.";
        "delegation.token.expiry.check.interval.ms" delegation_token_expiry_check_interval_ms: i64 = 3_600_000, at_least::<1, i64>,
            "How often delegation tokens that have expired are removed.";
        "quota.window.num" quota_window_num: i32 = 11, at_least::<1, i32>,
            "Over how many windows of time the use of a client's quota is counted; what they allow together may be used at once.";
        "quota.window.size.seconds" quota_window_size_seconds: i32 = 1, at_least::<1, i32>,
            "How long each of these windows is.";
        "controller.quota.window.num" controller_quota_window_num: i32 = 11, at_least::<1, i32>,
            "The same for the quota controller_mutation_rate.";
        "controller.quota.window.size.seconds" controller_quota_window_size_seconds: i32 = 1, at_least::<1, i32>,
            "How long each of these windows is.";
        "authorizer.class.name" authorizer_class_name: String = String::new(), authorizer,
            "Kafka's StandardAuthorizer (or the name it had before) to serve access control lists; nobody is asked for rights by default.";
        "super.users" super_users: String = String::new(), any,
            "Principals that may do everything where there is access control, separated by semicolons: User:admin;User:CN=ops.";
        "allow.everyone.if.no.acl.found" allow_everyone_if_no_acl_found: bool = false, any,
            "Whether what no access control list names is open to everybody.";
        "connections.max.idle.ms" connections_max_idle_ms: i64 = 600_000, at_least::<-1, i64>,
            "After which silence a connection is closed; -1 is never.";
        "log.segment.bytes" log_segment_bytes: i32 = 1_073_741_824, at_least::<14, i32>,
            "The size of a segment file.";
        "log.roll.ms" log_roll_ms: Option<i64> = None, absent_or_at_least::<1, i64>,
            "After which time a segment is rolled; wins over log.roll.hours.";
        "log.roll.hours" log_roll_hours: i32 = 168, at_least::<1, i32>,
            "After how many hours a segment is rolled.";
        "log.roll.jitter.ms" log_roll_jitter_ms: Option<i64> = None, absent_or_at_least::<0, i64>,
            "Random time by which rolling comes earlier; wins over log.roll.jitter.hours.";
        "log.roll.jitter.hours" log_roll_jitter_hours: i32 = 0, at_least::<0, i32>,
            "Random hours by which rolling comes earlier.";
        "log.retention.ms" log_retention_ms: Option<i64> = None, absent_or_at_least::<-1, i64>,
            "How long data is kept; wins over log.retention.minutes.";
        "log.retention.minutes" log_retention_minutes: Option<i32> = None, absent_or_at_least::<-1, i32>,
            "How long data is kept; wins over log.retention.hours.";
        "log.retention.hours" log_retention_hours: i32 = 168, at_least::<-1, i32>,
            "How long data is kept.";
        "log.retention.bytes" log_retention_bytes: i64 = -1, at_least::<-1, i64>,
            "How large a partition may grow before old segments are deleted; -1 is without bound.";
        "log.retention.check.interval.ms" log_retention_check_interval_ms: i64 = 300_000, at_least::<1, i64>,
            "How often retention is checked.";
        "log.cleanup.policy" log_cleanup_policy: CleanupPolicy = CleanupPolicy::DELETE, any,
            "What happens to old data: delete, compact or both.";
        "log.cleaner.enable" log_cleaner_enable: bool = true, any,
            "Whether compaction runs.";
        "log.cleaner.backoff.ms" log_cleaner_backoff_ms: i64 = 15_000, at_least::<1, i64>,
            "How often the broker looks for a log to compact.";
        "log.cleaner.dedupe.buffer.size" log_cleaner_dedupe_buffer_size: i64 = 134_217_728, at_least::<1024, i64>,
            "The memory that the keys of one compaction may take; more keys take more runs.";
        "log.cleaner.io.max.bytes.per.second" log_cleaner_io_max_bytes_per_second: f64 = f64::MAX, positive,
            "How fast compaction reads and writes, together.";
        "log.cleaner.min.cleanable.ratio" log_cleaner_min_cleanable_ratio: f64 = 0.5, ratio,
            "How dirty a log must be before it is compacted.";
        "log.cleaner.min.compaction.lag.ms" log_cleaner_min_compaction_lag_ms: i64 = 0, at_least::<0, i64>,
            "The shortest time a record stays uncompacted.";
        "log.cleaner.max.compaction.lag.ms" log_cleaner_max_compaction_lag_ms: i64 = i64::MAX, at_least::<1, i64>,
            "The longest time a record stays ineligible for compaction.";
        "log.cleaner.delete.retention.ms" log_cleaner_delete_retention_ms: i64 = 86_400_000, at_least::<0, i64>,
            "How long delete markers of compacted topics are kept.";
        "log.index.interval.bytes" log_index_interval_bytes: i32 = 4096, at_least::<0, i32>,
            "How many bytes of log lie between two entries of the offset index.";
        "log.index.size.max.bytes" log_index_size_max_bytes: i32 = 10_485_760, at_least::<4, i32>,
            "The largest size of an index file.";
        "log.flush.interval.messages" log_flush_interval_messages: i64 = i64::MAX, at_least::<1, i64>,
            "How many messages may be written before they are forced to disk; 1 is an fsync for each produce request.";
        "log.flush.interval.ms" log_flush_interval_ms: Option<i64> = None, absent_or_at_least::<0, i64>,
            "How long a message may wait before it is forced to disk.";
        "log.flush.scheduler.interval.ms" log_flush_scheduler_interval_ms: i64 = i64::MAX, at_least::<1, i64>,
            "How often the broker looks whether a log must be forced to disk.";
        "log.segment.delete.delay.ms" log_segment_delete_delay_ms: i64 = 60_000, at_least::<0, i64>,
            "How long a deleted segment stays on disk.";
        "log.preallocate" log_preallocate: bool = false, any,
            "Whether segments are preallocated; accepted, without effect.";
        "log.message.timestamp.type" log_message_timestamp_type: TimestampType = TimestampType::CreateTime, any,
            "Whether records carry the producer's time or the time of the append.";
        "log.message.timestamp.before.max.ms" log_message_timestamp_before_max_ms: i64 = i64::MAX, at_least::<0, i64>,
            "How far in the past a record's timestamp may lie.";
        "log.message.timestamp.after.max.ms" log_message_timestamp_after_max_ms: i64 = 3_600_000, at_least::<0, i64>,
            "How far in the future a record's timestamp may lie.";
        "group.min.session.timeout.ms" group_min_session_timeout_ms: i32 = 6_000, at_least::<1, i32>,
            "The shortest session timeout a group member may ask for.";
        "group.max.session.timeout.ms" group_max_session_timeout_ms: i32 = 1_800_000, at_least::<1, i32>,
            "The longest session timeout a group member may ask for.";
        "group.initial.rebalance.delay.ms" group_initial_rebalance_delay_ms: i32 = 0, at_least::<0, i32>,
            "How long the first rebalance of an empty group waits for more members.";
        "group.max.size" group_max_size: i32 = i32::MAX, at_least::<1, i32>,
            "How many members a group may have.";
        "group.coordinator.rebalance.protocols" group_coordinator_rebalance_protocols: Vec<String> = vec!["classic".into(), "consumer".into(), "streams".into()], rebalance_protocols,
            "The group protocols that are served: classic, consumer, streams; share groups are served always.";
        "group.consumer.session.timeout.ms" group_consumer_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member of a group of the new protocol is taken for dead.";
        "group.consumer.min.session.timeout.ms" group_consumer_min_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "The shortest session timeout a group of the new protocol may be given.";
        "group.consumer.max.session.timeout.ms" group_consumer_max_session_timeout_ms: i32 = 60_000, at_least::<1, i32>,
            "The longest session timeout a group of the new protocol may be given.";
        "group.consumer.heartbeat.interval.ms" group_consumer_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member of a group of the new protocol sends a heartbeat.";
        "group.consumer.min.heartbeat.interval.ms" group_consumer_min_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "The shortest heartbeat interval a group of the new protocol may be given.";
        "group.consumer.max.heartbeat.interval.ms" group_consumer_max_heartbeat_interval_ms: i32 = 15_000, at_least::<1, i32>,
            "The longest heartbeat interval a group of the new protocol may be given.";
        "group.consumer.max.size" group_consumer_max_size: i32 = i32::MAX, at_least::<1, i32>,
            "How many members a group of the new protocol may have.";
        "group.consumer.assignors" group_consumer_assignors: Vec<String> = vec!["uniform".into(), "range".into()], assignors,
            "The assignors of the new protocol; the first is used unless members ask for another.";
        "group.consumer.migration.policy" group_consumer_migration_policy: String = "bidirectional".into(), migration_policy,
            "Whether groups with members may change their protocol: bidirectional, upgrade, downgrade, disabled.";
        "group.share.session.timeout.ms" group_share_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member of a share group is taken for dead.";
        "group.share.min.session.timeout.ms" group_share_min_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "The shortest session timeout a share group may be given.";
        "group.share.max.session.timeout.ms" group_share_max_session_timeout_ms: i32 = 60_000, at_least::<1, i32>,
            "The longest session timeout a share group may be given.";
        "group.share.heartbeat.interval.ms" group_share_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member of a share group sends a heartbeat.";
        "group.share.min.heartbeat.interval.ms" group_share_min_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "The shortest heartbeat interval a share group may be given.";
        "group.share.max.heartbeat.interval.ms" group_share_max_heartbeat_interval_ms: i32 = 15_000, at_least::<1, i32>,
            "The longest heartbeat interval a share group may be given.";
        "group.share.max.size" group_share_max_size: i32 = 200, within::<1, 1000, i32>,
            "How many members a share group may have.";
        "group.share.max.share.sessions" group_share_max_share_sessions: i32 = 2000, at_least::<1, i32>,
            "How many share sessions there may be, of all groups.";
        "group.share.record.lock.duration.ms" group_share_record_lock_duration_ms: i32 = 30_000, within::<1000, 3_600_000, i32>,
            "For how long a member of a share group has a record to itself.";
        "group.share.min.record.lock.duration.ms" group_share_min_record_lock_duration_ms: i32 = 15_000, within::<1000, 30_000, i32>,
            "The shortest duration of a record lock that a share group may be given.";
        "group.share.max.record.lock.duration.ms" group_share_max_record_lock_duration_ms: i32 = 60_000, within::<30_000, 3_600_000, i32>,
            "The longest duration of a record lock that a share group may be given.";
        "group.share.delivery.count.limit" group_share_delivery_count_limit: i32 = 5, within::<2, 10, i32>,
            "How often a record is delivered to a share group at most.";
        "group.share.min.delivery.count.limit" group_share_min_delivery_count_limit: i32 = 2, within::<2, 5, i32>,
            "The lowest delivery limit that a share group may be given.";
        "group.share.max.delivery.count.limit" group_share_max_delivery_count_limit: i32 = 10, within::<5, 25, i32>,
            "The highest delivery limit that a share group may be given.";
        "group.share.partition.max.record.locks" group_share_partition_max_record_locks: i32 = 2000, within::<100, 10_000, i32>,
            "How many records of a partition may be under way in a share group at once.";
        "group.share.min.partition.max.record.locks" group_share_min_partition_max_record_locks: i32 = 100, within::<100, 2000, i32>,
            "The lowest number of records under way that a share group may be given.";
        "group.share.max.partition.max.record.locks" group_share_max_partition_max_record_locks: i32 = 4000, within::<2000, 10_000, i32>,
            "The highest number of records under way that a share group may be given.";
        "group.streams.session.timeout.ms" group_streams_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "After which silence a member of a streams group is taken for dead.";
        "group.streams.min.session.timeout.ms" group_streams_min_session_timeout_ms: i32 = 45_000, at_least::<1, i32>,
            "The shortest session timeout a streams group may be given.";
        "group.streams.max.session.timeout.ms" group_streams_max_session_timeout_ms: i32 = 60_000, at_least::<1, i32>,
            "The longest session timeout a streams group may be given.";
        "group.streams.heartbeat.interval.ms" group_streams_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "How often a member of a streams group sends a heartbeat.";
        "group.streams.min.heartbeat.interval.ms" group_streams_min_heartbeat_interval_ms: i32 = 5_000, at_least::<1, i32>,
            "The shortest heartbeat interval a streams group may be given.";
        "group.streams.max.heartbeat.interval.ms" group_streams_max_heartbeat_interval_ms: i32 = 15_000, at_least::<1, i32>,
            "The longest heartbeat interval a streams group may be given.";
        "group.streams.max.size" group_streams_max_size: i32 = i32::MAX, at_least::<1, i32>,
            "How many members a streams group may have.";
        "group.streams.num.standby.replicas" group_streams_num_standby_replicas: i32 = 0, at_least::<0, i32>,
            "With how many other instances a streams group keeps a copy of a task's state.";
        "group.streams.max.standby.replicas" group_streams_max_standby_replicas: i32 = 2, at_least::<0, i32>,
            "The highest number of such copies that a streams group may be given.";
        "group.streams.initial.rebalance.delay.ms" group_streams_initial_rebalance_delay_ms: i32 = 3_000, at_least::<0, i32>,
            "How long an empty streams group waits for more members before it assigns tasks.";
        "group.streams.assignment.interval.ms" group_streams_assignment_interval_ms: i32 = 1_000, at_least::<0, i32>,
            "How long a streams group keeps an assignment of tasks at least.";
        "group.streams.min.assignment.interval.ms" group_streams_min_assignment_interval_ms: i32 = 0, at_least::<0, i32>,
            "The shortest assignment interval that a streams group may be given.";
        "group.streams.max.assignment.interval.ms" group_streams_max_assignment_interval_ms: i32 = 15_000, at_least::<0, i32>,
            "The longest assignment interval that a streams group may be given.";
        "share.coordinator.state.topic.num.partitions" share_coordinator_state_topic_num_partitions: i32 = 50, at_least::<1, i32>,
            "The number of partitions of __share_group_state.";
        "share.coordinator.state.topic.segment.bytes" share_coordinator_state_topic_segment_bytes: i32 = 104_857_600, at_least::<1, i32>,
            "The size of a segment file of __share_group_state.";
        "max.incremental.fetch.session.cache.slots" max_incremental_fetch_session_cache_slots: i32 = 1000, at_least::<0, i32>,
            "How many fetch sessions are kept; 0 keeps none.";
        "offset.metadata.max.bytes" offset_metadata_max_bytes: i32 = 4096, at_least::<0, i32>,
            "The largest metadata text of a committed offset.";
        "offsets.retention.minutes" offsets_retention_minutes: i32 = 10_080, at_least::<1, i32>,
            "How long the offsets of an empty group are kept.";
        "offsets.retention.check.interval.ms" offsets_retention_check_interval_ms: i64 = 600_000, at_least::<1, i64>,
            "How often offsets are checked for expiry.";
        "offsets.topic.num.partitions" offsets_topic_num_partitions: i32 = 50, at_least::<1, i32>,
            "The number of partitions of __consumer_offsets.";
        "offsets.topic.replication.factor" offsets_topic_replication_factor: i16 = 1, at_least::<1, i16>,
            "The replication factor of __consumer_offsets; one node has one replica.";
        "offsets.topic.segment.bytes" offsets_topic_segment_bytes: i32 = 104_857_600, at_least::<1, i32>,
            "The size of a segment file of __consumer_offsets.";
        "transaction.max.timeout.ms" transaction_max_timeout_ms: i32 = 900_000, at_least::<1, i32>,
            "The longest timeout a transaction may have.";
        "transactional.id.expiration.ms" transactional_id_expiration_ms: i64 = 604_800_000, at_least::<1, i64>,
            "After which time an unused transactional id is forgotten.";
        "transaction.state.log.num.partitions" transaction_state_log_num_partitions: i32 = 50, at_least::<1, i32>,
            "The number of partitions of __transaction_state.";
        "transaction.state.log.segment.bytes" transaction_state_log_segment_bytes: i32 = 104_857_600, at_least::<1, i32>,
            "The size of a segment file of __transaction_state.";
        "transaction.state.log.replication.factor" transaction_state_log_replication_factor: i16 = 1, at_least::<1, i16>,
            "The replication factor of __transaction_state; one node has one replica.";
        "producer.id.expiration.ms" producer_id_expiration_ms: i32 = 86_400_000, at_least::<1, i32>,
            "After which time a silent producer's sequence numbers are forgotten.";
        "max.request.partition.size.limit" max_request_partition_size_limit: i32 = 2000, at_least::<1, i32>,
            "How many partitions one DescribeTopicPartitions response carries.";
    }
    also {
        /// What holds for all listeners.
        listener_defaults: ListenerProperties;
        /// What was said for one listener, by its name in small letters.
        listener_overrides: BTreeMap<String, Vec<(String, String)>>;
    }
}

impl BrokerConfig {
    /// Checks and sets one property. Older names of the same property work.
    pub fn set(&mut self, name: &str, value: &str) -> Result<Accepted, ConfError> {
        let name = match name {
            "broker.id" => "node.id",
            "delegation.token.master.key" => "delegation.token.secret.key",
            other => other,
        };
        if let Some(remedy) = without_meaning::refusal(name, value) {
            return Err(ConfError::Unsupported {
                name: name.to_owned(),
                reason: remedy.to_owned(),
            });
        }
        let set = match name.strip_prefix(LISTENER_PREFIX) {
            Some(rest) => self.set_for_listener(name, rest, value),
            None => self
                .set_row(name, value)
                .or_else(|| self.listener_defaults.set(name, value)),
        };
        match set {
            Some(set) => set.map(|()| Accepted::Used),
            None => match without_meaning::note(name) {
                Some(note) => Ok(Accepted::WithoutMeaning(note)),
                None => Err(self.unknown(name)),
            },
        }
    }

    /// `<listener>.<property>` of `listener.name.`.
    fn set_for_listener(
        &mut self,
        name: &str,
        rest: &str,
        value: &str,
    ) -> Option<Result<(), ConfError>> {
        let (listener, property) = rest.split_once('.')?;
        if without_meaning::note(property).is_some() {
            return Some(Ok(()));
        }
        if let Some(remedy) = without_meaning::refusal(property, value) {
            return Some(Err(ConfError::Unsupported {
                name: name.to_owned(),
                reason: remedy.to_owned(),
            }));
        }
        let set = ListenerProperties::default().set(property, value)?;
        let set = set.map_err(|error| error.renamed(name));
        if set.is_ok() {
            let of_listener = self
                .listener_overrides
                .entry(listener.to_ascii_lowercase())
                .or_default();
            of_listener.push((property.to_owned(), value.to_owned()));
        }
        Some(set)
    }

    fn unknown(&self, name: &str) -> ConfError {
        let rows = self.entries();
        let known = rows.iter().map(|row| row.name).chain(
            without_meaning::GROUPS
                .iter()
                .flat_map(|group| group.names.iter().copied()),
        );
        ConfError::Unknown {
            name: name.to_owned(),
            meant: rdkafka_conf::nearest(name, known),
        }
    }

    /// What holds for a listener: what was said for it, else what was said for all.
    pub fn listener(&self, name: &str) -> ListenerProperties {
        let mut properties = self.listener_defaults.clone();
        let overrides = self.listener_overrides.get(&name.to_ascii_lowercase());
        for (name, value) in overrides.into_iter().flatten() {
            // Checked when it was set.
            let _ = properties.set(name, value);
        }
        properties
    }

    /// The listeners for which something was said, in small letters.
    pub fn listeners_with_properties(&self) -> impl Iterator<Item = &str> {
        self.listener_overrides.keys().map(String::as_str)
    }

    /// How many bytes of requests and answers are held for all connections together.
    pub fn memory_bytes_max(&self) -> usize {
        let request = usize::try_from(self.socket_request_max_bytes).unwrap_or(0);
        match usize::try_from(self.queued_max_request_bytes) {
            Ok(bytes) if bytes > 0 => bytes,
            _ => DEFAULT_MEMORY_BYTES.max(request.saturating_mul(2)),
        }
    }

    /// `max.connections.per.ip.overrides`, as text and number.
    pub fn per_ip_overrides(&self) -> impl Iterator<Item = (&str, usize)> {
        self.max_connections_per_ip_overrides
            .iter()
            .filter_map(|pair| split_per_ip(pair))
    }

    /// Every property of the broker with its effective value: as Kafka's DescribeConfigs shows them.
    pub fn entries(&self) -> Vec<ConfigEntry> {
        let mut rows = self.rows();
        let of_listeners = self.listener_defaults.entries().into_iter();
        let new: Vec<_> = of_listeners
            .filter(|row| rows.iter().all(|it| it.name != row.name))
            .collect();
        rows.extend(new);
        rows
    }

    /// Whether groups of this protocol are served.
    pub fn serves_groups_of(&self, protocol: &str) -> bool {
        let protocols = &self.group_coordinator_rebalance_protocols;
        protocols.iter().any(|it| it == protocol)
    }

    /// How long data is kept, in ms; -1 for ever.
    pub fn retention_ms(&self) -> i64 {
        let minutes = |count: i32| {
            if count < 0 {
                -1
            } else {
                i64::from(count) * 60_000
            }
        };
        self.log_retention_ms
            .or_else(|| self.log_retention_minutes.map(minutes))
            .unwrap_or_else(|| minutes(self.log_retention_hours.saturating_mul(60)))
    }

    /// After which time a segment is rolled, in ms.
    pub fn roll_ms(&self) -> i64 {
        self.log_roll_ms
            .unwrap_or_else(|| i64::from(self.log_roll_hours) * 3_600_000)
    }

    /// The random time by which rolling comes earlier, in ms.
    pub fn roll_jitter_ms(&self) -> i64 {
        self.log_roll_jitter_ms
            .unwrap_or_else(|| i64::from(self.log_roll_jitter_hours) * 3_600_000)
    }

    /// The data directories: `log.dirs`, else `log.dir`; each once.
    pub fn data_dirs(&self) -> Vec<&str> {
        let mut dirs: Vec<&str> = Vec::new();
        for dir in &self.log_dirs {
            if !dirs.contains(&dir.as_str()) {
                dirs.push(dir);
            }
        }
        match &self.log_dir {
            Some(dir) if dirs.is_empty() => vec![dir],
            _ => dirs,
        }
    }
}

/// Each pair is `address:count`.
#[allow(
    clippy::ptr_arg,
    reason = "a check takes a reference to the field's type"
)]
fn per_ip(pairs: &Vec<String>) -> Result<(), String> {
    match pairs.iter().find(|pair| split_per_ip(pair).is_none()) {
        Some(bad) => Err(format!("{bad:?} is not of the form address:count")),
        None => Ok(()),
    }
}

/// The count stands behind the last colon: IPv6 addresses have colons too.
fn split_per_ip(pair: &str) -> Option<(&str, usize)> {
    let (address, count) = pair.rsplit_once(':')?;
    let address = address
        .strip_prefix('[')
        .and_then(|it| it.strip_suffix(']'))
        .unwrap_or(address);
    Some((address.trim(), count.trim().parse().ok()?)).filter(|pair| !pair.0.is_empty())
}

const LISTENER_PREFIX: &str = "listener.name.";
/// For all connections together, unless `queued.max.request.bytes` says otherwise.
const DEFAULT_MEMORY_BYTES: usize = 512 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_reads_back_as_itself() {
        let defaults = BrokerConfig::default();
        for entry in defaults.entries() {
            let Some(value) = &entry.value else { continue };
            let mut config = BrokerConfig::default();
            config.set(entry.name, value).unwrap();
            let again = config
                .entries()
                .into_iter()
                .find(|row| row.name == entry.name)
                .unwrap();
            assert_eq!(again.value, entry.value, "{}", entry.name);
        }
    }

    #[test]
    fn names_are_unique_and_documented() {
        let entries = BrokerConfig::default().entries();
        let mut names: Vec<_> = entries.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), entries.len());
        assert!(entries.iter().all(|entry| entry.doc.ends_with('.')));
    }

    #[test]
    fn the_shortest_unit_of_retention_wins() {
        let mut config = BrokerConfig::default();
        assert_eq!(config.retention_ms(), 604_800_000);
        config.set("log.retention.minutes", "2").unwrap();
        assert_eq!(config.retention_ms(), 120_000);
        config.set("log.retention.ms", "-1").unwrap();
        assert_eq!(config.retention_ms(), -1);
    }

    #[test]
    fn values_out_of_range_are_refused_with_the_reason() {
        let error = BrokerConfig::default()
            .set("num.partitions", "0")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Invalid value 0 for configuration num.partitions: Value must be at least 1"
        );
        assert!(
            BrokerConfig::default()
                .set("num.partitions", "many")
                .is_err()
        );
        assert!(matches!(
            BrokerConfig::default().set("num.partitoins", "1"),
            Err(ConfError::Unknown { .. })
        ));
    }

    #[test]
    fn keys_of_a_zookeeper_cluster_are_accepted_without_meaning() {
        let mut config = BrokerConfig::default();
        for name in [
            "zookeeper.connect",
            "ssl.secure.random.implementation",
            "num.io.threads",
            "transaction.state.log.min.isr",
        ] {
            assert!(
                matches!(config.set(name, "1"), Ok(Accepted::WithoutMeaning(_))),
                "{name}"
            );
        }
        assert_eq!(config.set("broker.id", "0"), Ok(Accepted::Used));
        assert_eq!(config.node_id, 0);
    }

    #[test]
    fn a_misspelt_name_comes_back_with_the_one_that_was_meant() {
        let error = BrokerConfig::default()
            .set("num.partitoins", "1")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Unknown configuration property num.partitoins; did you mean num.partitions?"
        );
    }

    #[test]
    fn a_listener_has_its_own_properties_on_top_of_those_of_all() {
        let mut config = BrokerConfig::default();
        for (name, value) in [
            ("sasl.enabled.mechanisms", "PLAIN"),
            (
                "listener.name.Client.sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
            ),
            ("listener.name.client.plain.sasl.jaas.config", "x required;"),
        ] {
            assert_eq!(config.set(name, value), Ok(Accepted::Used), "{name}");
        }
        let client = config.listener("CLIENT");
        assert_eq!(client.sasl_enabled_mechanisms, ["SCRAM-SHA-512"]);
        assert_eq!(client.sasl_jaas_config, None);
        let plain = client.of_mechanism("PLAIN");
        assert_eq!(plain.sasl_jaas_config, Some("x required;".into()));
        assert_eq!(config.listener("OTHER").sasl_enabled_mechanisms, ["PLAIN"]);
        let error = config
            .set("listener.name.client.ssl.client.auth", "maybe")
            .unwrap_err();
        assert!(
            error.to_string().contains("listener.name.client."),
            "{error}"
        );
        assert!(config.set("listener.name.client.nothing", "1").is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut config = BrokerConfig::default();
        for (name, said) in [
            ("ssl.key.password", "ssl.key.password"),
            ("delegation.token.secret.key", "delegation.token.master.key"),
        ] {
            config.set(said, "hush").unwrap();
            assert!(!format!("{config:?}").contains("hush"));
            let rows = config.entries();
            let row = rows.iter().find(|row| row.name == name).unwrap();
            assert!(row.is_sensitive && row.is_set, "{name}");
        }
    }

    #[test]
    fn limits_of_single_addresses_are_read() {
        let mut config = BrokerConfig::default();
        config
            .set("max.connections.per.ip.overrides", "10.0.0.1:5, [::1]:7")
            .unwrap();
        let pairs: Vec<_> = config.per_ip_overrides().collect();
        assert_eq!(pairs, [("10.0.0.1", 5), ("::1", 7)]);
        assert!(
            config
                .set("max.connections.per.ip.overrides", "10.0.0.1")
                .is_err()
        );
    }
}
