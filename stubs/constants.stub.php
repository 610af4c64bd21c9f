<?php
/**
 * Constants of the extension.
 *
 * RD_KAFKA_RESP_ERR_* are error codes: those of Kafka's protocol from -1 up, those that only
 * exist in the client (a leading underscore in the name) from -200 to -100.
 */

/** Type of a consumer handle. */
const RD_KAFKA_CONSUMER = 1;
/** Offset: start at the oldest record of the partition. */
const RD_KAFKA_OFFSET_BEGINNING = -2;
/** Offset: start after the newest record of the partition. */
const RD_KAFKA_OFFSET_END = -1;
/** Offset: start at the offset that the group has committed. */
const RD_KAFKA_OFFSET_STORED = -1000;
/** Partition: unassigned. When producing, the partitioner chooses. */
const RD_KAFKA_PARTITION_UA = -1;
/** Type of a producer handle. */
const RD_KAFKA_PRODUCER = 0;
/** Flag of produce() and producev(): wait for room when the local queue is full. */
const RD_KAFKA_MSG_F_BLOCK = 4;
/** Flag of purge(): drop messages that have not been sent yet. */
const RD_KAFKA_PURGE_F_QUEUE = 1;
/** Flag of purge(): give up messages that are on their way to a broker. */
const RD_KAFKA_PURGE_F_INFLIGHT = 2;
/** Flag of purge(): do not wait until the purge is done. */
const RD_KAFKA_PURGE_F_NON_BLOCKING = 4;
/** Level of librdkafka whose behaviour this extension has, as `0xMMmmrrff`. */
const RD_KAFKA_VERSION = 34537727;
/** Same as RD_KAFKA_VERSION: nothing is linked at run time. */
const RD_KAFKA_BUILD_VERSION = 34537727;
/** First of the client's own codes. */
const RD_KAFKA_RESP_ERR__BEGIN = -200;
/** Local: Bad message format. */
const RD_KAFKA_RESP_ERR__BAD_MSG = -199;
/** Local: Invalid compressed data. */
const RD_KAFKA_RESP_ERR__BAD_COMPRESSION = -198;
/** Local: Broker handle destroyed for termination. */
const RD_KAFKA_RESP_ERR__DESTROY = -197;
/** Local: Communication failure with broker. */
const RD_KAFKA_RESP_ERR__FAIL = -196;
/** Local: Broker transport failure. */
const RD_KAFKA_RESP_ERR__TRANSPORT = -195;
/** Local: Critical system resource failure. */
const RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE = -194;
/** Local: Host resolution failure. */
const RD_KAFKA_RESP_ERR__RESOLVE = -193;
/** Local: Message timed out. */
const RD_KAFKA_RESP_ERR__MSG_TIMED_OUT = -192;
/** Broker: No more messages. */
const RD_KAFKA_RESP_ERR__PARTITION_EOF = -191;
/** Local: Unknown partition. */
const RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION = -190;
/** Local: File or filesystem error. */
const RD_KAFKA_RESP_ERR__FS = -189;
/** Local: Unknown topic. */
const RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC = -188;
/** Local: All broker connections are down. */
const RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN = -187;
/** Local: Invalid argument or configuration. */
const RD_KAFKA_RESP_ERR__INVALID_ARG = -186;
/** Local: Timed out. */
const RD_KAFKA_RESP_ERR__TIMED_OUT = -185;
/** Local: Queue full. */
const RD_KAFKA_RESP_ERR__QUEUE_FULL = -184;
/** Local: ISR count insufficient. */
const RD_KAFKA_RESP_ERR__ISR_INSUFF = -183;
/** Local: Broker node update. */
const RD_KAFKA_RESP_ERR__NODE_UPDATE = -182;
/** Local: SSL error. */
const RD_KAFKA_RESP_ERR__SSL = -181;
/** Local: Waiting for coordinator. */
const RD_KAFKA_RESP_ERR__WAIT_COORD = -180;
/** Local: Unknown group. */
const RD_KAFKA_RESP_ERR__UNKNOWN_GROUP = -179;
/** Local: Operation in progress. */
const RD_KAFKA_RESP_ERR__IN_PROGRESS = -178;
/** Local: Previous operation in progress. */
const RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS = -177;
/** Local: Existing subscription. */
const RD_KAFKA_RESP_ERR__EXISTING_SUBSCRIPTION = -176;
/** Local: Assign partitions. */
const RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS = -175;
/** Local: Revoke partitions. */
const RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS = -174;
/** Local: Conflicting use. */
const RD_KAFKA_RESP_ERR__CONFLICT = -173;
/** Local: Erroneous state. */
const RD_KAFKA_RESP_ERR__STATE = -172;
/** Local: Unknown protocol. */
const RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL = -171;
/** Local: Not implemented. */
const RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED = -170;
/** Local: Authentication failure. */
const RD_KAFKA_RESP_ERR__AUTHENTICATION = -169;
/** Local: No offset stored. */
const RD_KAFKA_RESP_ERR__NO_OFFSET = -168;
/** Local: Outdated. */
const RD_KAFKA_RESP_ERR__OUTDATED = -167;
/** Local: Timed out in queue. */
const RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE = -166;
/** Local: Required feature not supported by broker. */
const RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE = -165;
/** Local: Awaiting cache update. */
const RD_KAFKA_RESP_ERR__WAIT_CACHE = -164;
/** Local: Operation interrupted. */
const RD_KAFKA_RESP_ERR__INTR = -163;
/** Local: Key serialization error. */
const RD_KAFKA_RESP_ERR__KEY_SERIALIZATION = -162;
/** Local: Value serialization error. */
const RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION = -161;
/** Local: Key deserialization error. */
const RD_KAFKA_RESP_ERR__KEY_DESERIALIZATION = -160;
/** Local: Value deserialization error. */
const RD_KAFKA_RESP_ERR__VALUE_DESERIALIZATION = -159;
/** Local: Partial response. */
const RD_KAFKA_RESP_ERR__PARTIAL = -158;
/** Local: Read-only object. */
const RD_KAFKA_RESP_ERR__READ_ONLY = -157;
/** Local: No such entry. */
const RD_KAFKA_RESP_ERR__NOENT = -156;
/** Local: Read underflow. */
const RD_KAFKA_RESP_ERR__UNDERFLOW = -155;
/** Local: Invalid type. */
const RD_KAFKA_RESP_ERR__INVALID_TYPE = -154;
/** Local: Retry operation. */
const RD_KAFKA_RESP_ERR__RETRY = -153;
/** Local: Purged in queue. */
const RD_KAFKA_RESP_ERR__PURGE_QUEUE = -152;
/** Local: Purged in flight. */
const RD_KAFKA_RESP_ERR__PURGE_INFLIGHT = -151;
/** Local: Fatal error. */
const RD_KAFKA_RESP_ERR__FATAL = -150;
/** Local: Inconsistent state. */
const RD_KAFKA_RESP_ERR__INCONSISTENT = -149;
/** Local: Gap-less ordering would not be guaranteed if proceeding. */
const RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE = -148;
/** Local: Maximum application poll interval (max.poll.interval.ms) exceeded. */
const RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED = -147;
/** Local: Unknown broker. */
const RD_KAFKA_RESP_ERR__UNKNOWN_BROKER = -146;
/** Local: Functionality not configured. */
const RD_KAFKA_RESP_ERR__NOT_CONFIGURED = -145;
/** Local: This instance has been fenced by a newer instance. */
const RD_KAFKA_RESP_ERR__FENCED = -144;
/** Local: Application generated error. */
const RD_KAFKA_RESP_ERR__APPLICATION = -143;
/** Local: Group partition assignment lost. */
const RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST = -142;
/** Local: No operation performed. */
const RD_KAFKA_RESP_ERR__NOOP = -141;
/** Local: No offset to automatically reset to. */
const RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET = -140;
/** Local: Partition log truncation detected. */
const RD_KAFKA_RESP_ERR__LOG_TRUNCATION = -139;
/** Local: an invalid record in the same batch caused the failure of this message too. */
const RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD = -138;
/** Local: Broker handle destroyed without termination. */
const RD_KAFKA_RESP_ERR__DESTROY_BROKER = -137;
/** Last of the client's own codes. */
const RD_KAFKA_RESP_ERR__END = -100;
/** Unknown broker error. */
const RD_KAFKA_RESP_ERR_UNKNOWN = -1;
/** Success: no error. */
const RD_KAFKA_RESP_ERR_NO_ERROR = 0;
/** Broker: Offset out of range. */
const RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE = 1;
/** Broker: Invalid message. */
const RD_KAFKA_RESP_ERR_INVALID_MSG = 2;
/** Broker: Unknown topic or partition. */
const RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART = 3;
/** Broker: Invalid message size. */
const RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE = 4;
/** Broker: Leader not available. */
const RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE = 5;
/** Broker: Not leader for partition. */
const RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION = 6;
/** Broker: Request timed out. */
const RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT = 7;
/** Broker: Broker not available. */
const RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE = 8;
/** Broker: Replica not available. */
const RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE = 9;
/** Broker: Message size too large. */
const RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE = 10;
/** Broker: StaleControllerEpochCode. */
const RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH = 11;
/** Broker: Offset metadata string too large. */
const RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE = 12;
/** Broker: Broker disconnected before response received. */
const RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION = 13;
/** Broker: Coordinator load in progress. */
const RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS = 14;
/** Broker: Coordinator not available. */
const RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE = 15;
/** Broker: Not coordinator. */
const RD_KAFKA_RESP_ERR_NOT_COORDINATOR = 16;
/** Broker: Invalid topic. */
const RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION = 17;
/** Broker: Message batch larger than configured server segment size. */
const RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE = 18;
/** Broker: Not enough in-sync replicas. */
const RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS = 19;
/** Broker: Message(s) written to insufficient number of in-sync replicas. */
const RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20;
/** Broker: Invalid required acks value. */
const RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS = 21;
/** Broker: Specified group generation id is not valid. */
const RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION = 22;
/** Broker: Inconsistent group protocol. */
const RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL = 23;
/** Broker: Invalid group.id. */
const RD_KAFKA_RESP_ERR_INVALID_GROUP_ID = 24;
/** Broker: Unknown member. */
const RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID = 25;
/** Broker: Invalid session timeout. */
const RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT = 26;
/** Broker: Group rebalance in progress. */
const RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS = 27;
/** Broker: Commit offset data size is not valid. */
const RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE = 28;
/** Broker: Topic authorization failed. */
const RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED = 29;
/** Broker: Group authorization failed. */
const RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED = 30;
/** Broker: Cluster authorization failed. */
const RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED = 31;
/** Broker: Invalid timestamp. */
const RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP = 32;
/** Broker: Unsupported SASL mechanism. */
const RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM = 33;
/** Broker: Request not valid in current SASL state. */
const RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE = 34;
/** Broker: API version not supported. */
const RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION = 35;
/** Broker: Topic already exists. */
const RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS = 36;
/** Broker: Invalid number of partitions. */
const RD_KAFKA_RESP_ERR_INVALID_PARTITIONS = 37;
/** Broker: Invalid replication factor. */
const RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR = 38;
/** Broker: Invalid replica assignment. */
const RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT = 39;
/** Broker: Configuration is invalid. */
const RD_KAFKA_RESP_ERR_INVALID_CONFIG = 40;
/** Broker: Not controller for cluster. */
const RD_KAFKA_RESP_ERR_NOT_CONTROLLER = 41;
/** Broker: Invalid request. */
const RD_KAFKA_RESP_ERR_INVALID_REQUEST = 42;
/** Broker: Message format on broker does not support request. */
const RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT = 43;
/** Broker: Policy violation. */
const RD_KAFKA_RESP_ERR_POLICY_VIOLATION = 44;
/** Broker: Broker received an out of order sequence number. */
const RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
/** Broker: Broker received a duplicate sequence number. */
const RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER = 46;
/** Broker: Producer attempted an operation with an old epoch. */
const RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH = 47;
/** Broker: Producer attempted a transactional operation in an invalid state. */
const RD_KAFKA_RESP_ERR_INVALID_TXN_STATE = 48;
/** Broker: Producer attempted to use a producer id which is not currently assigned to its transactional id. */
const RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING = 49;
/** Broker: Transaction timeout is larger than the maximum value allowed by the broker's max.transaction.timeout.ms. */
const RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT = 50;
/** Broker: Producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing. */
const RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS = 51;
/** Broker: Indicates that the transaction coordinator sending a WriteTxnMarker is no longer the current coordinator for a given producer. */
const RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED = 52;
/** Broker: Transactional Id authorization failed. */
const RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
/** Broker: Security features are disabled. */
const RD_KAFKA_RESP_ERR_SECURITY_DISABLED = 54;
/** Broker: Operation not attempted. */
const RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED = 55;
/** Broker: Disk error when trying to access log file on disk. */
const RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR = 56;
/** Broker: The user-specified log directory is not found in the broker config. */
const RD_KAFKA_RESP_ERR_LOG_DIR_NOT_FOUND = 57;
/** Broker: SASL Authentication failed. */
const RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED = 58;
/** Broker: Unknown Producer Id. */
const RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID = 59;
/** Broker: Partition reassignment is in progress. */
const RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS = 60;
/** Broker: Delegation Token feature is not enabled. */
const RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTH_DISABLED = 61;
/** Broker: Delegation Token is not found on server. */
const RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_NOT_FOUND = 62;
/** Broker: Specified Principal is not valid Owner/Renewer. */
const RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_OWNER_MISMATCH = 63;
/** Broker: Delegation Token requests are not allowed on this connection. */
const RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64;
/** Broker: Delegation Token authorization failed. */
const RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65;
/** Broker: Delegation Token is expired. */
const RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED = 66;
/** Broker: Supplied principalType is not supported. */
const RD_KAFKA_RESP_ERR_INVALID_PRINCIPAL_TYPE = 67;
/** Broker: The group is not empty. */
const RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP = 68;
/** Broker: The group id does not exist. */
const RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND = 69;
/** Broker: The fetch session ID was not found. */
const RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND = 70;
/** Broker: The fetch session epoch is invalid. */
const RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH = 71;
/** Broker: No matching listener. */
const RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND = 72;
/** Broker: Topic deletion is disabled. */
const RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED = 73;
/** Broker: Leader epoch is older than broker epoch. */
const RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH = 74;
/** Broker: Leader epoch is newer than broker epoch. */
const RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH = 75;
/** Broker: Unsupported compression type. */
const RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE = 76;
/** Broker: Broker epoch has changed. */
const RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH = 77;
/** Broker: Leader high watermark is not caught up. */
const RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE = 78;
/** Broker: Group member needs a valid member ID. */
const RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED = 79;
/** Broker: Preferred leader was not available. */
const RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE = 80;
/** Broker: Consumer group has reached maximum size. */
const RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED = 81;
/** Broker: Static consumer fenced by other consumer with same group.instance.id. */
const RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID = 82;
/** Broker: Eligible partition leaders are not available. */
const RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE = 83;
/** Broker: Leader election not needed for topic partition. */
const RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED = 84;
/** Broker: No partition reassignment is in progress. */
const RD_KAFKA_RESP_ERR_NO_REASSIGNMENT_IN_PROGRESS = 85;
/** Broker: Deleting offsets of a topic while the consumer group is subscribed to it. */
const RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC = 86;
/** Broker: Broker failed to validate record. */
const RD_KAFKA_RESP_ERR_INVALID_RECORD = 87;
/** Broker: There are unstable offsets that need to be cleared. */
const RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT = 88;
/** Broker: Throttling quota has been exceeded. */
const RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED = 89;
/** Broker: There is a newer producer with the same transactionalId which fences the current one. */
const RD_KAFKA_RESP_ERR_PRODUCER_FENCED = 90;
/** Broker: Request illegally referred to resource that does not exist. */
const RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND = 91;
/** Broker: Request illegally referred to the same resource twice. */
const RD_KAFKA_RESP_ERR_DUPLICATE_RESOURCE = 92;
/** Broker: Requested credential would not meet criteria for acceptability. */
const RD_KAFKA_RESP_ERR_UNACCEPTABLE_CREDENTIAL = 93;
/** Broker: Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters. */
const RD_KAFKA_RESP_ERR_INCONSISTENT_VOTER_SET = 94;
/** Broker: Invalid update version. */
const RD_KAFKA_RESP_ERR_INVALID_UPDATE_VERSION = 95;
/** Broker: Unable to update finalized features due to server error. */
const RD_KAFKA_RESP_ERR_FEATURE_UPDATE_FAILED = 96;
/** Broker: Request principal deserialization failed during forwarding. */
const RD_KAFKA_RESP_ERR_PRINCIPAL_DESERIALIZATION_FAILURE = 97;
/** Broker: Unknown topic id. */
const RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID = 100;
/** Broker: The log's topic ID did not match the topic ID in the request. */
const RD_KAFKA_RESP_ERR_INCONSISTENT_TOPIC_ID = 103;
/** Broker: The member epoch is fenced by the group coordinator. */
const RD_KAFKA_RESP_ERR_FENCED_MEMBER_EPOCH = 110;
/** Broker: The instance ID is still used by another member in the consumer group. */
const RD_KAFKA_RESP_ERR_UNRELEASED_INSTANCE_ID = 111;
/** Broker: The assignor or its version range is not supported by the consumer group. */
const RD_KAFKA_RESP_ERR_UNSUPPORTED_ASSIGNOR = 112;
/** Broker: The member epoch is stale. */
const RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH = 113;
/** Broker: The request was sent to an endpoint of the wrong type. */
const RD_KAFKA_RESP_ERR_MISMATCHED_ENDPOINT_TYPE = 114;
/** Broker: This endpoint type is not supported yet. */
const RD_KAFKA_RESP_ERR_UNSUPPORTED_ENDPOINT_TYPE = 115;
/** Broker: This controller ID is not known. */
const RD_KAFKA_RESP_ERR_UNKNOWN_CONTROLLER_ID = 116;
/** Broker: Client sent a push telemetry request with an invalid or outdated subscription ID. */
const RD_KAFKA_RESP_ERR_UNKNOWN_SUBSCRIPTION_ID = 117;
/** Broker: Client sent a push telemetry request larger than the maximum size the broker will accept. */
const RD_KAFKA_RESP_ERR_TELEMETRY_TOO_LARGE = 118;
/** Broker: The controller has considered the broker registration to be invalid. */
const RD_KAFKA_RESP_ERR_INVALID_REGISTRATION = 119;
/** Broker: The server encountered an error with the transaction. */
const RD_KAFKA_RESP_ERR_TRANSACTION_ABORTABLE = 120;
/** Broker: The record state is invalid. */
const RD_KAFKA_RESP_ERR_INVALID_RECORD_STATE = 121;
/** Broker: The share session was not found. */
const RD_KAFKA_RESP_ERR_SHARE_SESSION_NOT_FOUND = 122;
/** Broker: The share session epoch is invalid. */
const RD_KAFKA_RESP_ERR_INVALID_SHARE_SESSION_EPOCH = 123;
/** Broker: The share-group state epoch did not match. */
const RD_KAFKA_RESP_ERR_FENCED_STATE_EPOCH = 124;
/** Broker: The voter key doesn't match the receiving replica's key. */
const RD_KAFKA_RESP_ERR_INVALID_VOTER_KEY = 125;
/** Broker: The voter is already part of the set of voters. */
const RD_KAFKA_RESP_ERR_DUPLICATE_VOTER = 126;
/** Broker: The voter is not part of the set of voters. */
const RD_KAFKA_RESP_ERR_VOTER_NOT_FOUND = 127;
/** Broker: The regular expression is not valid. */
const RD_KAFKA_RESP_ERR_INVALID_REGULAR_EXPRESSION = 128;
/** Broker: Client metadata is stale, client should rebootstrap to obtain new metadata. */
const RD_KAFKA_RESP_ERR_REBOOTSTRAP_REQUIRED = 129;
/** Broker: The supplied topology is invalid. */
const RD_KAFKA_RESP_ERR_STREAMS_INVALID_TOPOLOGY = 130;
/** Broker: The supplied topology epoch is invalid. */
const RD_KAFKA_RESP_ERR_STREAMS_INVALID_TOPOLOGY_EPOCH = 131;
/** Broker: The supplied topology epoch is outdated. */
const RD_KAFKA_RESP_ERR_STREAMS_TOPOLOGY_FENCED = 132;
/** Broker: The limit of share sessions has been reached. */
const RD_KAFKA_RESP_ERR_SHARE_SESSION_LIMIT_REACHED = 133;
/** Code of the exception of set(): no such property. */
const RD_KAFKA_CONF_UNKNOWN = -2;
/** Code of the exception of set(): the property does not take this value. */
const RD_KAFKA_CONF_INVALID = -1;
/** The property was set. */
const RD_KAFKA_CONF_OK = 0;
/** Partitioner: any partition. */
const RD_KAFKA_MSG_PARTITIONER_RANDOM = 2;
/** Partitioner: CRC32 of the key; empty and null keys share a partition. */
const RD_KAFKA_MSG_PARTITIONER_CONSISTENT = 3;
/** Partitioner: CRC32 of the key; any partition for empty and null keys. The default. */
const RD_KAFKA_MSG_PARTITIONER_CONSISTENT_RANDOM = 4;
/** Partitioner: murmur2 of the key, as Kafka's Java producer; null keys share a partition. */
const RD_KAFKA_MSG_PARTITIONER_MURMUR2 = 5;
/** Partitioner: murmur2 of the key, as Kafka's Java producer; any partition for null keys. */
const RD_KAFKA_MSG_PARTITIONER_MURMUR2_RANDOM = 6;
/** Logger of setLogger(): standard error. */
const RD_KAFKA_LOG_PRINT = 100;
/** Logger of setLogger(): syslog. */
const RD_KAFKA_LOG_SYSLOG = 101;
/** Logger of setLogger(): standard error and syslog. */
const RD_KAFKA_LOG_SYSLOG_PRINT = 102;
