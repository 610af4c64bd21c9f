//! The errors of Kafka and of the client, one row each.
//!
//! Codes from -1 up travel on the wire; -200 to -100 are the client's own. Constants carry Kafka's names where Kafka has
//! the error; the `name` and `text` of a row are librdkafka's, which PHP programs see as `RD_KAFKA_RESP_ERR_<name>` and
//! as the answer of `rd_kafka_err2str()`. Whether an error is retriable is Kafka's word for broker codes.
//! Everything that lists errors (constants, descriptions, PROTOCOL.md) is made from this table.

use std::borrow::Cow;
use std::fmt;

/// An error code. Codes this build has no row for are carried along.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(pub i16);

/// What is known about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// The code.
    pub code: ErrorCode,
    /// librdkafka's name, without `RD_KAFKA_RESP_ERR_`.
    pub name: &'static str,
    /// Kafka's name; the same as `name` for the client's own errors.
    pub kafka_name: &'static str,
    /// librdkafka's text; `None` for the two markers that bound the client's own codes.
    pub text: Option<&'static str>,
    /// Whether the same request may succeed later.
    pub is_retriable: bool,
}

macro_rules! is_retriable {
    () => {
        false
    };
    (retriable) => {
        true
    };
}

macro_rules! errors {
    (
        $($code:literal, $constant:ident, $name:literal, $text:expr $(, $flag:ident)?;)*
        not in librdkafka:
        $($other_code:literal, $other:ident $(, $other_flag:ident)?;)*
    ) => {
        impl ErrorCode {
            $(
                #[doc = concat!("Code ", $code, ", librdkafka's `", $name, "`.")]
                pub const $constant: Self = Self($code);
            )*
            $(
                #[doc = concat!("Code ", $other_code, "; librdkafka has no row for it.")]
                pub const $other: Self = Self($other_code);
            )*
        }

        static TABLE: &[ErrorRow] = &[$(
            ErrorRow {
                code: ErrorCode($code),
                name: $name,
                kafka_name: stringify!($constant),
                text: $text,
                is_retriable: is_retriable!($($flag)?),
            },
        )*];

        static OTHERS: &[(ErrorCode, &str, bool)] = &[$(
            (ErrorCode($other_code), stringify!($other), is_retriable!($($other_flag)?)),
        )*];
    };
}

errors! {
    -200, _BEGIN, "_BEGIN", None;
    -199, _BAD_MSG, "_BAD_MSG", Some("Local: Bad message format");
    -198, _BAD_COMPRESSION, "_BAD_COMPRESSION", Some("Local: Invalid compressed data");
    -197, _DESTROY, "_DESTROY", Some("Local: Broker handle destroyed for termination");
    -196, _FAIL, "_FAIL", Some("Local: Communication failure with broker");
    -195, _TRANSPORT, "_TRANSPORT", Some("Local: Broker transport failure"), retriable;
    -194, _CRIT_SYS_RESOURCE, "_CRIT_SYS_RESOURCE", Some("Local: Critical system resource failure");
    -193, _RESOLVE, "_RESOLVE", Some("Local: Host resolution failure");
    -192, _MSG_TIMED_OUT, "_MSG_TIMED_OUT", Some("Local: Message timed out");
    -191, _PARTITION_EOF, "_PARTITION_EOF", Some("Broker: No more messages");
    -190, _UNKNOWN_PARTITION, "_UNKNOWN_PARTITION", Some("Local: Unknown partition");
    -189, _FS, "_FS", Some("Local: File or filesystem error");
    -188, _UNKNOWN_TOPIC, "_UNKNOWN_TOPIC", Some("Local: Unknown topic");
    -187, _ALL_BROKERS_DOWN, "_ALL_BROKERS_DOWN", Some("Local: All broker connections are down");
    -186, _INVALID_ARG, "_INVALID_ARG", Some("Local: Invalid argument or configuration");
    -185, _TIMED_OUT, "_TIMED_OUT", Some("Local: Timed out"), retriable;
    -184, _QUEUE_FULL, "_QUEUE_FULL", Some("Local: Queue full");
    -183, _ISR_INSUFF, "_ISR_INSUFF", Some("Local: ISR count insufficient");
    -182, _NODE_UPDATE, "_NODE_UPDATE", Some("Local: Broker node update");
    -181, _SSL, "_SSL", Some("Local: SSL error");
    -180, _WAIT_COORD, "_WAIT_COORD", Some("Local: Waiting for coordinator"), retriable;
    -179, _UNKNOWN_GROUP, "_UNKNOWN_GROUP", Some("Local: Unknown group");
    -178, _IN_PROGRESS, "_IN_PROGRESS", Some("Local: Operation in progress");
    -177, _PREV_IN_PROGRESS, "_PREV_IN_PROGRESS", Some("Local: Previous operation in progress");
    -176, _EXISTING_SUBSCRIPTION, "_EXISTING_SUBSCRIPTION", Some("Local: Existing subscription");
    -175, _ASSIGN_PARTITIONS, "_ASSIGN_PARTITIONS", Some("Local: Assign partitions");
    -174, _REVOKE_PARTITIONS, "_REVOKE_PARTITIONS", Some("Local: Revoke partitions");
    -173, _CONFLICT, "_CONFLICT", Some("Local: Conflicting use");
    -172, _STATE, "_STATE", Some("Local: Erroneous state");
    -171, _UNKNOWN_PROTOCOL, "_UNKNOWN_PROTOCOL", Some("Local: Unknown protocol");
    -170, _NOT_IMPLEMENTED, "_NOT_IMPLEMENTED", Some("Local: Not implemented");
    -169, _AUTHENTICATION, "_AUTHENTICATION", Some("Local: Authentication failure");
    -168, _NO_OFFSET, "_NO_OFFSET", Some("Local: No offset stored");
    -167, _OUTDATED, "_OUTDATED", Some("Local: Outdated");
    -166, _TIMED_OUT_QUEUE, "_TIMED_OUT_QUEUE", Some("Local: Timed out in queue"), retriable;
    -165, _UNSUPPORTED_FEATURE, "_UNSUPPORTED_FEATURE", Some("Local: Required feature not supported by broker");
    -164, _WAIT_CACHE, "_WAIT_CACHE", Some("Local: Awaiting cache update"), retriable;
    -163, _INTR, "_INTR", Some("Local: Operation interrupted");
    -162, _KEY_SERIALIZATION, "_KEY_SERIALIZATION", Some("Local: Key serialization error");
    -161, _VALUE_SERIALIZATION, "_VALUE_SERIALIZATION", Some("Local: Value serialization error");
    -160, _KEY_DESERIALIZATION, "_KEY_DESERIALIZATION", Some("Local: Key deserialization error");
    -159, _VALUE_DESERIALIZATION, "_VALUE_DESERIALIZATION", Some("Local: Value deserialization error");
    -158, _PARTIAL, "_PARTIAL", Some("Local: Partial response");
    -157, _READ_ONLY, "_READ_ONLY", Some("Local: Read-only object");
    -156, _NOENT, "_NOENT", Some("Local: No such entry");
    -155, _UNDERFLOW, "_UNDERFLOW", Some("Local: Read underflow");
    -154, _INVALID_TYPE, "_INVALID_TYPE", Some("Local: Invalid type");
    -153, _RETRY, "_RETRY", Some("Local: Retry operation"), retriable;
    -152, _PURGE_QUEUE, "_PURGE_QUEUE", Some("Local: Purged in queue");
    -151, _PURGE_INFLIGHT, "_PURGE_INFLIGHT", Some("Local: Purged in flight");
    -150, _FATAL, "_FATAL", Some("Local: Fatal error");
    -149, _INCONSISTENT, "_INCONSISTENT", Some("Local: Inconsistent state");
    -148, _GAPLESS_GUARANTEE, "_GAPLESS_GUARANTEE", Some("Local: Gap-less ordering would not be guaranteed if proceeding");
    -147, _MAX_POLL_EXCEEDED, "_MAX_POLL_EXCEEDED", Some("Local: Maximum application poll interval (max.poll.interval.ms) exceeded");
    -146, _UNKNOWN_BROKER, "_UNKNOWN_BROKER", Some("Local: Unknown broker");
    -145, _NOT_CONFIGURED, "_NOT_CONFIGURED", Some("Local: Functionality not configured");
    -144, _FENCED, "_FENCED", Some("Local: This instance has been fenced by a newer instance");
    -143, _APPLICATION, "_APPLICATION", Some("Local: Application generated error");
    -142, _ASSIGNMENT_LOST, "_ASSIGNMENT_LOST", Some("Local: Group partition assignment lost");
    -141, _NOOP, "_NOOP", Some("Local: No operation performed");
    -140, _AUTO_OFFSET_RESET, "_AUTO_OFFSET_RESET", Some("Local: No offset to automatically reset to");
    -139, _LOG_TRUNCATION, "_LOG_TRUNCATION", Some("Local: Partition log truncation detected");
    -138, _INVALID_DIFFERENT_RECORD, "_INVALID_DIFFERENT_RECORD", Some("Local: an invalid record in the same batch caused the failure of this message too");
    -137, _DESTROY_BROKER, "_DESTROY_BROKER", Some("Local: Broker handle destroyed without termination");
    -100, _END, "_END", None;
    -1, UNKNOWN_SERVER_ERROR, "UNKNOWN", Some("Unknown broker error");
    0, NONE, "NO_ERROR", Some("Success");
    1, OFFSET_OUT_OF_RANGE, "OFFSET_OUT_OF_RANGE", Some("Broker: Offset out of range");
    2, CORRUPT_MESSAGE, "INVALID_MSG", Some("Broker: Invalid message"), retriable;
    3, UNKNOWN_TOPIC_OR_PARTITION, "UNKNOWN_TOPIC_OR_PART", Some("Broker: Unknown topic or partition"), retriable;
    4, INVALID_FETCH_SIZE, "INVALID_MSG_SIZE", Some("Broker: Invalid message size");
    5, LEADER_NOT_AVAILABLE, "LEADER_NOT_AVAILABLE", Some("Broker: Leader not available"), retriable;
    6, NOT_LEADER_OR_FOLLOWER, "NOT_LEADER_FOR_PARTITION", Some("Broker: Not leader for partition"), retriable;
    7, REQUEST_TIMED_OUT, "REQUEST_TIMED_OUT", Some("Broker: Request timed out"), retriable;
    8, BROKER_NOT_AVAILABLE, "BROKER_NOT_AVAILABLE", Some("Broker: Broker not available");
    9, REPLICA_NOT_AVAILABLE, "REPLICA_NOT_AVAILABLE", Some("Broker: Replica not available"), retriable;
    10, MESSAGE_TOO_LARGE, "MSG_SIZE_TOO_LARGE", Some("Broker: Message size too large");
    11, STALE_CONTROLLER_EPOCH, "STALE_CTRL_EPOCH", Some("Broker: StaleControllerEpochCode");
    12, OFFSET_METADATA_TOO_LARGE, "OFFSET_METADATA_TOO_LARGE", Some("Broker: Offset metadata string too large");
    13, NETWORK_EXCEPTION, "NETWORK_EXCEPTION", Some("Broker: Broker disconnected before response received"), retriable;
    14, COORDINATOR_LOAD_IN_PROGRESS, "COORDINATOR_LOAD_IN_PROGRESS", Some("Broker: Coordinator load in progress"), retriable;
    15, COORDINATOR_NOT_AVAILABLE, "COORDINATOR_NOT_AVAILABLE", Some("Broker: Coordinator not available"), retriable;
    16, NOT_COORDINATOR, "NOT_COORDINATOR", Some("Broker: Not coordinator"), retriable;
    17, INVALID_TOPIC_EXCEPTION, "TOPIC_EXCEPTION", Some("Broker: Invalid topic");
    18, RECORD_LIST_TOO_LARGE, "RECORD_LIST_TOO_LARGE", Some("Broker: Message batch larger than configured server segment size");
    19, NOT_ENOUGH_REPLICAS, "NOT_ENOUGH_REPLICAS", Some("Broker: Not enough in-sync replicas"), retriable;
    20, NOT_ENOUGH_REPLICAS_AFTER_APPEND, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", Some("Broker: Message(s) written to insufficient number of in-sync replicas"), retriable;
    21, INVALID_REQUIRED_ACKS, "INVALID_REQUIRED_ACKS", Some("Broker: Invalid required acks value");
    22, ILLEGAL_GENERATION, "ILLEGAL_GENERATION", Some("Broker: Specified group generation id is not valid");
    23, INCONSISTENT_GROUP_PROTOCOL, "INCONSISTENT_GROUP_PROTOCOL", Some("Broker: Inconsistent group protocol");
    24, INVALID_GROUP_ID, "INVALID_GROUP_ID", Some("Broker: Invalid group.id");
    25, UNKNOWN_MEMBER_ID, "UNKNOWN_MEMBER_ID", Some("Broker: Unknown member");
    26, INVALID_SESSION_TIMEOUT, "INVALID_SESSION_TIMEOUT", Some("Broker: Invalid session timeout");
    27, REBALANCE_IN_PROGRESS, "REBALANCE_IN_PROGRESS", Some("Broker: Group rebalance in progress");
    28, INVALID_COMMIT_OFFSET_SIZE, "INVALID_COMMIT_OFFSET_SIZE", Some("Broker: Commit offset data size is not valid");
    29, TOPIC_AUTHORIZATION_FAILED, "TOPIC_AUTHORIZATION_FAILED", Some("Broker: Topic authorization failed");
    30, GROUP_AUTHORIZATION_FAILED, "GROUP_AUTHORIZATION_FAILED", Some("Broker: Group authorization failed");
    31, CLUSTER_AUTHORIZATION_FAILED, "CLUSTER_AUTHORIZATION_FAILED", Some("Broker: Cluster authorization failed");
    32, INVALID_TIMESTAMP, "INVALID_TIMESTAMP", Some("Broker: Invalid timestamp");
    33, UNSUPPORTED_SASL_MECHANISM, "UNSUPPORTED_SASL_MECHANISM", Some("Broker: Unsupported SASL mechanism");
    34, ILLEGAL_SASL_STATE, "ILLEGAL_SASL_STATE", Some("Broker: Request not valid in current SASL state");
    35, UNSUPPORTED_VERSION, "UNSUPPORTED_VERSION", Some("Broker: API version not supported");
    36, TOPIC_ALREADY_EXISTS, "TOPIC_ALREADY_EXISTS", Some("Broker: Topic already exists");
    37, INVALID_PARTITIONS, "INVALID_PARTITIONS", Some("Broker: Invalid number of partitions");
    38, INVALID_REPLICATION_FACTOR, "INVALID_REPLICATION_FACTOR", Some("Broker: Invalid replication factor");
    39, INVALID_REPLICA_ASSIGNMENT, "INVALID_REPLICA_ASSIGNMENT", Some("Broker: Invalid replica assignment");
    40, INVALID_CONFIG, "INVALID_CONFIG", Some("Broker: Configuration is invalid");
    41, NOT_CONTROLLER, "NOT_CONTROLLER", Some("Broker: Not controller for cluster"), retriable;
    42, INVALID_REQUEST, "INVALID_REQUEST", Some("Broker: Invalid request");
    43, UNSUPPORTED_FOR_MESSAGE_FORMAT, "UNSUPPORTED_FOR_MESSAGE_FORMAT", Some("Broker: Message format on broker does not support request");
    44, POLICY_VIOLATION, "POLICY_VIOLATION", Some("Broker: Policy violation");
    45, OUT_OF_ORDER_SEQUENCE_NUMBER, "OUT_OF_ORDER_SEQUENCE_NUMBER", Some("Broker: Broker received an out of order sequence number");
    46, DUPLICATE_SEQUENCE_NUMBER, "DUPLICATE_SEQUENCE_NUMBER", Some("Broker: Broker received a duplicate sequence number");
    47, INVALID_PRODUCER_EPOCH, "INVALID_PRODUCER_EPOCH", Some("Broker: Producer attempted an operation with an old epoch");
    48, INVALID_TXN_STATE, "INVALID_TXN_STATE", Some("Broker: Producer attempted a transactional operation in an invalid state");
    49, INVALID_PRODUCER_ID_MAPPING, "INVALID_PRODUCER_ID_MAPPING", Some("Broker: Producer attempted to use a producer id which is not currently assigned to its transactional id");
    50, INVALID_TRANSACTION_TIMEOUT, "INVALID_TRANSACTION_TIMEOUT", Some("Broker: Transaction timeout is larger than the maximum value allowed by the broker's max.transaction.timeout.ms");
    51, CONCURRENT_TRANSACTIONS, "CONCURRENT_TRANSACTIONS", Some("Broker: Producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing"), retriable;
    52, TRANSACTION_COORDINATOR_FENCED, "TRANSACTION_COORDINATOR_FENCED", Some("Broker: Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer");
    53, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", Some("Broker: Transactional Id authorization failed");
    54, SECURITY_DISABLED, "SECURITY_DISABLED", Some("Broker: Security features are disabled");
    55, OPERATION_NOT_ATTEMPTED, "OPERATION_NOT_ATTEMPTED", Some("Broker: Operation not attempted");
    56, KAFKA_STORAGE_ERROR, "KAFKA_STORAGE_ERROR", Some("Broker: Disk error when trying to access log file on disk"), retriable;
    57, LOG_DIR_NOT_FOUND, "LOG_DIR_NOT_FOUND", Some("Broker: The user-specified log directory is not found in the broker config");
    58, SASL_AUTHENTICATION_FAILED, "SASL_AUTHENTICATION_FAILED", Some("Broker: SASL Authentication failed");
    59, UNKNOWN_PRODUCER_ID, "UNKNOWN_PRODUCER_ID", Some("Broker: Unknown Producer Id");
    60, REASSIGNMENT_IN_PROGRESS, "REASSIGNMENT_IN_PROGRESS", Some("Broker: Partition reassignment is in progress");
    61, DELEGATION_TOKEN_AUTH_DISABLED, "DELEGATION_TOKEN_AUTH_DISABLED", Some("Broker: Delegation Token feature is not enabled");
    62, DELEGATION_TOKEN_NOT_FOUND, "DELEGATION_TOKEN_NOT_FOUND", Some("Broker: Delegation Token is not found on server");
    63, DELEGATION_TOKEN_OWNER_MISMATCH, "DELEGATION_TOKEN_OWNER_MISMATCH", Some("Broker: Specified Principal is not valid Owner/Renewer");
    64, DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", Some("Broker: Delegation Token requests are not allowed on this connection");
    65, DELEGATION_TOKEN_AUTHORIZATION_FAILED, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", Some("Broker: Delegation Token authorization failed");
    66, DELEGATION_TOKEN_EXPIRED, "DELEGATION_TOKEN_EXPIRED", Some("Broker: Delegation Token is expired");
    67, INVALID_PRINCIPAL_TYPE, "INVALID_PRINCIPAL_TYPE", Some("Broker: Supplied principalType is not supported");
    68, NON_EMPTY_GROUP, "NON_EMPTY_GROUP", Some("Broker: The group is not empty");
    69, GROUP_ID_NOT_FOUND, "GROUP_ID_NOT_FOUND", Some("Broker: The group id does not exist");
    70, FETCH_SESSION_ID_NOT_FOUND, "FETCH_SESSION_ID_NOT_FOUND", Some("Broker: The fetch session ID was not found"), retriable;
    71, INVALID_FETCH_SESSION_EPOCH, "INVALID_FETCH_SESSION_EPOCH", Some("Broker: The fetch session epoch is invalid"), retriable;
    72, LISTENER_NOT_FOUND, "LISTENER_NOT_FOUND", Some("Broker: No matching listener"), retriable;
    73, TOPIC_DELETION_DISABLED, "TOPIC_DELETION_DISABLED", Some("Broker: Topic deletion is disabled");
    74, FENCED_LEADER_EPOCH, "FENCED_LEADER_EPOCH", Some("Broker: Leader epoch is older than broker epoch"), retriable;
    75, UNKNOWN_LEADER_EPOCH, "UNKNOWN_LEADER_EPOCH", Some("Broker: Leader epoch is newer than broker epoch"), retriable;
    76, UNSUPPORTED_COMPRESSION_TYPE, "UNSUPPORTED_COMPRESSION_TYPE", Some("Broker: Unsupported compression type");
    77, STALE_BROKER_EPOCH, "STALE_BROKER_EPOCH", Some("Broker: Broker epoch has changed");
    78, OFFSET_NOT_AVAILABLE, "OFFSET_NOT_AVAILABLE", Some("Broker: Leader high watermark is not caught up"), retriable;
    79, MEMBER_ID_REQUIRED, "MEMBER_ID_REQUIRED", Some("Broker: Group member needs a valid member ID");
    80, PREFERRED_LEADER_NOT_AVAILABLE, "PREFERRED_LEADER_NOT_AVAILABLE", Some("Broker: Preferred leader was not available"), retriable;
    81, GROUP_MAX_SIZE_REACHED, "GROUP_MAX_SIZE_REACHED", Some("Broker: Consumer group has reached maximum size");
    82, FENCED_INSTANCE_ID, "FENCED_INSTANCE_ID", Some("Broker: Static consumer fenced by other consumer with same group.instance.id");
    83, ELIGIBLE_LEADERS_NOT_AVAILABLE, "ELIGIBLE_LEADERS_NOT_AVAILABLE", Some("Broker: Eligible partition leaders are not available"), retriable;
    84, ELECTION_NOT_NEEDED, "ELECTION_NOT_NEEDED", Some("Broker: Leader election not needed for topic partition"), retriable;
    85, NO_REASSIGNMENT_IN_PROGRESS, "NO_REASSIGNMENT_IN_PROGRESS", Some("Broker: No partition reassignment is in progress");
    86, GROUP_SUBSCRIBED_TO_TOPIC, "GROUP_SUBSCRIBED_TO_TOPIC", Some("Broker: Deleting offsets of a topic while the consumer group is subscribed to it");
    87, INVALID_RECORD, "INVALID_RECORD", Some("Broker: Broker failed to validate record");
    88, UNSTABLE_OFFSET_COMMIT, "UNSTABLE_OFFSET_COMMIT", Some("Broker: There are unstable offsets that need to be cleared"), retriable;
    89, THROTTLING_QUOTA_EXCEEDED, "THROTTLING_QUOTA_EXCEEDED", Some("Broker: Throttling quota has been exceeded"), retriable;
    90, PRODUCER_FENCED, "PRODUCER_FENCED", Some("Broker: There is a newer producer with the same transactionalId which fences the current one");
    91, RESOURCE_NOT_FOUND, "RESOURCE_NOT_FOUND", Some("Broker: Request illegally referred to resource that does not exist");
    92, DUPLICATE_RESOURCE, "DUPLICATE_RESOURCE", Some("Broker: Request illegally referred to the same resource twice");
    93, UNACCEPTABLE_CREDENTIAL, "UNACCEPTABLE_CREDENTIAL", Some("Broker: Requested credential would not meet criteria for acceptability");
    94, INCONSISTENT_VOTER_SET, "INCONSISTENT_VOTER_SET", Some("Broker: Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters");
    95, INVALID_UPDATE_VERSION, "INVALID_UPDATE_VERSION", Some("Broker: Invalid update version");
    96, FEATURE_UPDATE_FAILED, "FEATURE_UPDATE_FAILED", Some("Broker: Unable to update finalized features due to server error");
    97, PRINCIPAL_DESERIALIZATION_FAILURE, "PRINCIPAL_DESERIALIZATION_FAILURE", Some("Broker: Request principal deserialization failed during forwarding");
    100, UNKNOWN_TOPIC_ID, "UNKNOWN_TOPIC_ID", Some("Broker: Unknown topic id"), retriable;
    103, INCONSISTENT_TOPIC_ID, "INCONSISTENT_TOPIC_ID", Some("Broker: The log's topic ID did not match the topic ID in the request"), retriable;
    110, FENCED_MEMBER_EPOCH, "FENCED_MEMBER_EPOCH", Some("Broker: The member epoch is fenced by the group coordinator");
    111, UNRELEASED_INSTANCE_ID, "UNRELEASED_INSTANCE_ID", Some("Broker: The instance ID is still used by another member in the consumer group");
    112, UNSUPPORTED_ASSIGNOR, "UNSUPPORTED_ASSIGNOR", Some("Broker: The assignor or its version range is not supported by the consumer group");
    113, STALE_MEMBER_EPOCH, "STALE_MEMBER_EPOCH", Some("Broker: The member epoch is stale");
    114, MISMATCHED_ENDPOINT_TYPE, "MISMATCHED_ENDPOINT_TYPE", Some("Broker: The request was sent to an endpoint of the wrong type");
    115, UNSUPPORTED_ENDPOINT_TYPE, "UNSUPPORTED_ENDPOINT_TYPE", Some("Broker: This endpoint type is not supported yet");
    116, UNKNOWN_CONTROLLER_ID, "UNKNOWN_CONTROLLER_ID", Some("Broker: This controller ID is not known");
    117, UNKNOWN_SUBSCRIPTION_ID, "UNKNOWN_SUBSCRIPTION_ID", Some("Broker: Client sent a push telemetry request with an invalid or outdated subscription ID");
    118, TELEMETRY_TOO_LARGE, "TELEMETRY_TOO_LARGE", Some("Broker: Client sent a push telemetry request larger than the maximum size the broker will accept");
    119, INVALID_REGISTRATION, "INVALID_REGISTRATION", Some("Broker: The controller has considered the broker registration to be invalid");
    120, TRANSACTION_ABORTABLE, "TRANSACTION_ABORTABLE", Some("Broker: The server encountered an error with the transaction");
    121, INVALID_RECORD_STATE, "INVALID_RECORD_STATE", Some("Broker: The record state is invalid");
    122, SHARE_SESSION_NOT_FOUND, "SHARE_SESSION_NOT_FOUND", Some("Broker: The share session was not found"), retriable;
    123, INVALID_SHARE_SESSION_EPOCH, "INVALID_SHARE_SESSION_EPOCH", Some("Broker: The share session epoch is invalid"), retriable;
    124, FENCED_STATE_EPOCH, "FENCED_STATE_EPOCH", Some("Broker: The share-group state epoch did not match");
    125, INVALID_VOTER_KEY, "INVALID_VOTER_KEY", Some("Broker: The voter key doesn't match the receiving replica's key");
    126, DUPLICATE_VOTER, "DUPLICATE_VOTER", Some("Broker: The voter is already part of the set of voters");
    127, VOTER_NOT_FOUND, "VOTER_NOT_FOUND", Some("Broker: The voter is not part of the set of voters");
    128, INVALID_REGULAR_EXPRESSION, "INVALID_REGULAR_EXPRESSION", Some("Broker: The regular expression is not valid");
    129, REBOOTSTRAP_REQUIRED, "REBOOTSTRAP_REQUIRED", Some("Broker: Client metadata is stale, client should rebootstrap to obtain new metadata");
    130, STREAMS_INVALID_TOPOLOGY, "STREAMS_INVALID_TOPOLOGY", Some("Broker: The supplied topology is invalid");
    131, STREAMS_INVALID_TOPOLOGY_EPOCH, "STREAMS_INVALID_TOPOLOGY_EPOCH", Some("Broker: The supplied topology epoch is invalid");
    132, STREAMS_TOPOLOGY_FENCED, "STREAMS_TOPOLOGY_FENCED", Some("Broker: The supplied topology epoch is outdated");
    133, SHARE_SESSION_LIMIT_REACHED, "SHARE_SESSION_LIMIT_REACHED", Some("Broker: The limit of share sessions has been reached"), retriable;
    not in librdkafka:
    98, SNAPSHOT_NOT_FOUND;
    99, POSITION_OUT_OF_RANGE;
    101, DUPLICATE_BROKER_REGISTRATION;
    102, BROKER_ID_NOT_REGISTERED;
    104, INCONSISTENT_CLUSTER_ID;
    105, TRANSACTIONAL_ID_NOT_FOUND;
    106, FETCH_SESSION_TOPIC_ID_ERROR, retriable;
    107, INELIGIBLE_REPLICA;
    108, NEW_LEADER_ELECTED;
    109, OFFSET_MOVED_TO_TIERED_STORAGE;
}

impl ErrorCode {
    /// Every error librdkafka describes, in its order: ascending by code, NO_ERROR included.
    ///
    /// librdkafka's own array has holes where no error is; php-rdkafka's `rd_kafka_get_err_descs()` shows the first hole
    /// as a nameless entry of code 0 and leaves NO_ERROR out. That is for the PHP surface to rebuild.
    pub fn table() -> &'static [ErrorRow] {
        TABLE
    }

    /// The errors of Kafka that librdkafka does not describe: code, Kafka's name, whether retriable.
    pub fn others() -> &'static [(Self, &'static str, bool)] {
        OTHERS
    }

    /// The code as it travels.
    pub const fn code(self) -> i16 {
        self.0
    }

    /// Whether this is an error at all.
    pub const fn is_error(self) -> bool {
        self.0 != Self::NONE.0
    }

    /// Whether the client made the error up, as opposed to a broker.
    pub const fn is_local(self) -> bool {
        self.0 < -1
    }

    /// `Err` for every code but 0.
    pub const fn into_result(self) -> Result<(), Self> {
        if self.is_error() { Err(self) } else { Ok(()) }
    }

    fn row(self) -> Option<&'static ErrorRow> {
        TABLE
            .binary_search_by_key(&self, |row| row.code)
            .ok()
            .and_then(|index| TABLE.get(index))
    }

    fn described_row(self) -> Option<(&'static ErrorRow, &'static str)> {
        let row = self.row()?;
        row.text.map(|text| (row, text))
    }

    /// librdkafka's name without the prefix, as `rd_kafka_err2name()` gives it; `ERR_<code>?` for others.
    pub fn name(self) -> Cow<'static, str> {
        match self.described_row() {
            Some((row, _)) => Cow::Borrowed(row.name),
            None => Cow::Owned(format!("ERR_{}?", self.0)),
        }
    }

    /// librdkafka's text, as `rd_kafka_err2str()` gives it; `Err-<code>?` for codes it does not describe.
    pub fn text(self) -> Cow<'static, str> {
        match self.described_row() {
            Some((_, text)) => Cow::Borrowed(text),
            None => Cow::Owned(format!("Err-{}?", self.0)),
        }
    }

    /// Kafka's name, for logs.
    pub fn kafka_name(self) -> Cow<'static, str> {
        if let Some(row) = self.row() {
            return Cow::Borrowed(row.kafka_name);
        }
        match OTHERS.iter().find(|(code, ..)| *code == self) {
            Some((_, name, _)) => Cow::Borrowed(name),
            None => Cow::Owned(format!("error {}", self.0)),
        }
    }

    /// Whether the same request may succeed later (for broker codes: a RetriableException in Kafka).
    pub fn is_retriable(self) -> bool {
        match self.row() {
            Some(row) => row.is_retriable,
            None => OTHERS
                .iter()
                .any(|(code, _, is_retriable)| *code == self && *is_retriable),
        }
    }
}

impl From<i16> for ErrorCode {
    fn from(code: i16) -> Self {
        Self(code)
    }
}

impl From<ErrorCode> for i16 {
    fn from(error: ErrorCode) -> Self {
        error.0
    }
}

/// librdkafka's text.
impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Kafka's name.
impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kafka_name())
    }
}

impl std::error::Error for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ascends_by_code_so_that_it_can_be_searched() {
        assert!(TABLE.is_sorted_by(|a, b| a.code < b.code));
    }

    #[test]
    fn an_error_is_described_in_librdkafkas_words() {
        let error = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
        assert_eq!(error.code(), 3);
        assert_eq!(error.text(), "Broker: Unknown topic or partition");
        assert_eq!(error.name(), "UNKNOWN_TOPIC_OR_PART");
        assert_eq!(error.kafka_name(), "UNKNOWN_TOPIC_OR_PARTITION");
        assert_eq!(ErrorCode::_TIMED_OUT.text(), "Local: Timed out");
        assert_eq!(ErrorCode::NONE.text(), "Success");
        assert_eq!(ErrorCode::NONE.name(), "NO_ERROR");
    }

    #[test]
    fn a_code_without_a_description_shows_its_number() {
        assert_eq!(ErrorCode(1234).text(), "Err-1234?");
        assert_eq!(ErrorCode(-123).text(), "Err--123?");
        assert_eq!(ErrorCode::_BEGIN.text(), "Err--200?");
        assert_eq!(ErrorCode::_END.name(), "ERR_-100?");
        assert_eq!(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND.text(), "Err-105?");
        assert_eq!(
            ErrorCode::TRANSACTIONAL_ID_NOT_FOUND.kafka_name(),
            "TRANSACTIONAL_ID_NOT_FOUND"
        );
    }

    #[test]
    fn errors_that_pass_are_retriable_and_others_are_not() {
        assert!(ErrorCode::NOT_LEADER_OR_FOLLOWER.is_retriable());
        assert!(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR.is_retriable());
        assert!(!ErrorCode::TOPIC_AUTHORIZATION_FAILED.is_retriable());
        assert!(!ErrorCode::NONE.is_retriable());
        assert!(!ErrorCode(1234).is_retriable());
    }
}
