//! The layouts of what is in `__consumer_offsets`, `__transaction_state` and `__share_group_state`: Kafka's, with the field
//! names that its JSON has.

use super::schema::{Field, Kind, Layout, field};

/// A type of record: its key, which has no version of its own, and its value.
#[derive(Debug)]
pub(super) struct RecordType {
    pub(super) key: &'static [Field],
    pub(super) value: Layout,
}

const fn record(key: &'static [Field], value: &'static [Field]) -> RecordType {
    RecordType {
        key,
        value: Layout::flexible(value),
    }
}

/// What the version in front of a key of `__consumer_offsets` stands for.
pub(super) fn group_record(kind: i16) -> Option<&'static RecordType> {
    let known = GROUP_RECORDS.get(usize::try_from(kind).ok()?);
    known.filter(|it| !it.key.is_empty())
}

/// The same of `__share_group_state`.
pub(super) fn share_record(kind: i16) -> Option<&'static RecordType> {
    SHARE_RECORDS.get(usize::try_from(kind).ok()?)
}

/// The same of `__transaction_state`.
pub(super) fn transaction_record(kind: i16) -> Option<&'static RecordType> {
    (kind == 0).then_some(&TRANSACTION)
}

/// A number that stands for nothing any more.
const UNUSED: RecordType = record(&[], &[]);

const TEXTS: Kind = Kind::Array(&Kind::Text);
const I32S: Kind = Kind::Array(&Kind::I32);
const I16S: Kind = Kind::Array(&Kind::I16);

const GROUP_ID: &[Field] = &[field("groupId", Kind::Text)];
const GROUP_AND_MEMBER: &[Field] = &[field("groupId", Kind::Text), field("memberId", Kind::Text)];

const OFFSET_KEY: &[Field] = &[
    field("group", Kind::Text),
    field("topic", Kind::Text),
    field("partition", Kind::I32),
];

const OFFSET: RecordType = RecordType {
    key: OFFSET_KEY,
    value: Layout {
        fields: &[
            field("offset", Kind::I64),
            field("leaderEpoch", Kind::I32).since(3),
            field("metadata", Kind::Text),
            field("commitTimestamp", Kind::I64),
            field("expireTimestamp", Kind::I64).since(1).until(1),
            field("topicId", Kind::Uuid).since(4).tagged(0),
        ],
        newest: 4,
        flexible_since: 4,
    },
};

const CLASSIC_MEMBER: &[Field] = &[
    field("memberId", Kind::Text),
    field("groupInstanceId", Kind::Text).since(3),
    field("clientId", Kind::Text),
    field("clientHost", Kind::Text),
    field("rebalanceTimeout", Kind::I32).since(1),
    field("sessionTimeout", Kind::I32),
    field("subscription", Kind::Bytes),
    field("assignment", Kind::Bytes),
];

const CLASSIC_GROUP: RecordType = RecordType {
    key: &[field("group", Kind::Text)],
    value: Layout {
        fields: &[
            field("protocolType", Kind::Text),
            field("generation", Kind::I32),
            field("protocol", Kind::Text),
            field("leader", Kind::Text),
            field("currentStateTimestamp", Kind::I64).since(2),
            field("members", Kind::Array(&Kind::Struct(CLASSIC_MEMBER))),
        ],
        newest: 4,
        flexible_since: 4,
    },
};

/// What a classic consumer says when it joins.
pub(super) const SUBSCRIPTION: Layout = Layout {
    fields: &[
        field("topics", TEXTS),
        field("userData", Kind::Bytes),
        field("ownedPartitions", TOPIC_PARTITIONS).since(1),
        field("generationId", Kind::I32).since(2),
        field("rackId", Kind::Text).since(3),
    ],
    newest: 3,
    flexible_since: i16::MAX,
};

/// What a classic consumer is given.
pub(super) const ASSIGNMENT: Layout = Layout {
    fields: &[
        field("assignedPartitions", TOPIC_PARTITIONS),
        field("userData", Kind::Bytes),
    ],
    newest: 3,
    flexible_since: i16::MAX,
};

const TOPIC_PARTITIONS: Kind = Kind::Array(&Kind::Struct(&[
    field("topic", Kind::Text),
    field("partitions", I32S),
]));

const TOPIC_ID_PARTITIONS: Kind = Kind::Array(&Kind::Struct(&[
    field("topicId", Kind::Uuid),
    field("partitions", I32S),
]));

const TOPIC_ID_PARTITIONS_WITH_EPOCHS: Kind = Kind::Array(&Kind::Struct(&[
    field("topicId", Kind::Uuid),
    field("partitions", I32S),
    field("assignmentEpochs", I32S).tagged(0),
]));

const NAMED_TOPIC_PARTITIONS: Kind = Kind::Array(&Kind::Struct(&[
    field("topicId", Kind::Uuid),
    field("topicName", Kind::Text),
    field("partitions", I32S),
]));

const TARGET_EPOCH: &[Field] = &[
    field("assignmentEpoch", Kind::I32),
    field("assignmentTimestamp", Kind::I64).tagged(0),
];

const KEY_VALUES: Kind = Kind::Array(&Kind::Struct(&[
    field("key", Kind::Text),
    field("value", Kind::Text),
]));

const TASKS: Kind = Kind::Array(&Kind::Struct(&[
    field("subtopologyId", Kind::Text),
    field("partitions", I32S),
]));

const TASKS_WITH_EPOCHS: Kind = Kind::Array(&Kind::Struct(&[
    field("subtopologyId", Kind::Text),
    field("partitions", I32S),
    field("assignmentEpochs", I32S).tagged(0),
]));

const TOPIC_INFOS: Kind = Kind::Array(&Kind::Struct(&[
    field("name", Kind::Text),
    field("partitions", Kind::I32),
    field("replicationFactor", Kind::I16),
    field("topicConfigs", KEY_VALUES),
]));

/// By the number in front of their keys.
static GROUP_RECORDS: [RecordType; 24] = [
    OFFSET,
    OFFSET,
    CLASSIC_GROUP,
    record(
        GROUP_ID,
        &[
            field("epoch", Kind::I32),
            field("metadataHash", Kind::I64).tagged(0),
        ],
    ),
    record(
        GROUP_ID,
        &[field(
            "topics",
            Kind::Array(&Kind::Struct(&[
                field("topicId", Kind::Uuid),
                field("topicName", Kind::Text),
                field("numPartitions", Kind::I32),
                field(
                    "partitionMetadata",
                    Kind::Array(&Kind::Struct(&[
                        field("partition", Kind::I32),
                        field("racks", TEXTS),
                    ])),
                ),
            ])),
        )],
    ),
    record(
        GROUP_AND_MEMBER,
        &[
            field("instanceId", Kind::Text),
            field("rackId", Kind::Text),
            field("clientId", Kind::Text),
            field("clientHost", Kind::Text),
            field("subscribedTopicNames", TEXTS),
            field("subscribedTopicRegex", Kind::Text),
            field("rebalanceTimeoutMs", Kind::I32),
            field("serverAssignor", Kind::Text),
            field(
                "classicMemberMetadata",
                Kind::Optional(&[
                    field("sessionTimeoutMs", Kind::I32),
                    field(
                        "supportedProtocols",
                        Kind::Array(&Kind::Struct(&[
                            field("name", Kind::Text),
                            field("metadata", Kind::Bytes),
                        ])),
                    ),
                ]),
            )
            .tagged(0),
        ],
    ),
    record(GROUP_ID, TARGET_EPOCH),
    record(
        GROUP_AND_MEMBER,
        &[field("topicPartitions", TOPIC_ID_PARTITIONS)],
    ),
    record(
        GROUP_AND_MEMBER,
        &[
            field("memberEpoch", Kind::I32),
            field("previousMemberEpoch", Kind::I32),
            field("state", Kind::I8),
            field("assignedPartitions", TOPIC_ID_PARTITIONS_WITH_EPOCHS),
            field(
                "partitionsPendingRevocation",
                TOPIC_ID_PARTITIONS_WITH_EPOCHS,
            ),
        ],
    ),
    UNUSED,
    record(
        GROUP_AND_MEMBER,
        &[
            field("rackId", Kind::Text),
            field("clientId", Kind::Text),
            field("clientHost", Kind::Text),
            field("subscribedTopicNames", TEXTS),
        ],
    ),
    record(
        GROUP_ID,
        &[field("epoch", Kind::I32), field("metadataHash", Kind::I64)],
    ),
    record(GROUP_ID, TARGET_EPOCH),
    record(
        GROUP_AND_MEMBER,
        &[field("topicPartitions", TOPIC_ID_PARTITIONS)],
    ),
    record(
        GROUP_AND_MEMBER,
        &[
            field("memberEpoch", Kind::I32),
            field("previousMemberEpoch", Kind::I32),
            field("state", Kind::I8),
            field("assignedPartitions", TOPIC_ID_PARTITIONS),
        ],
    ),
    record(
        GROUP_ID,
        &[
            field("initializingTopics", NAMED_TOPIC_PARTITIONS),
            field("initializedTopics", NAMED_TOPIC_PARTITIONS),
            field(
                "deletingTopics",
                Kind::Array(&Kind::Struct(&[
                    field("topicId", Kind::Uuid),
                    field("topicName", Kind::Text),
                ])),
            ),
        ],
    ),
    record(
        &[
            field("groupId", Kind::Text),
            field("regularExpression", Kind::Text),
        ],
        &[
            field("topics", TEXTS),
            field("version", Kind::I64),
            field("timestamp", Kind::I64),
        ],
    ),
    record(
        GROUP_ID,
        &[
            field("epoch", Kind::I32),
            field("metadataHash", Kind::I64),
            field("validatedTopologyEpoch", Kind::I32).tagged(0),
            field("lastAssignmentConfigs", KEY_VALUES).tagged(1),
        ],
    ),
    UNUSED,
    record(
        GROUP_AND_MEMBER,
        &[
            field("instanceId", Kind::Text),
            field("rackId", Kind::Text),
            field("clientId", Kind::Text),
            field("clientHost", Kind::Text),
            field("rebalanceTimeoutMs", Kind::I32),
            field("topologyEpoch", Kind::I32),
            field("processId", Kind::Text),
            field(
                "userEndpoint",
                Kind::Optional(&[field("host", Kind::Text), field("port", Kind::U16)]),
            ),
            field("clientTags", KEY_VALUES),
        ],
    ),
    record(GROUP_ID, TARGET_EPOCH),
    record(
        GROUP_AND_MEMBER,
        &[
            field("activeTasks", TASKS),
            field("standbyTasks", TASKS),
            field("warmupTasks", TASKS),
        ],
    ),
    record(
        GROUP_AND_MEMBER,
        &[
            field("memberEpoch", Kind::I32),
            field("previousMemberEpoch", Kind::I32),
            field("state", Kind::I8),
            field("activeTasks", TASKS_WITH_EPOCHS),
            field("standbyTasks", TASKS_WITH_EPOCHS),
            field("warmupTasks", TASKS_WITH_EPOCHS),
            field("activeTasksPendingRevocation", TASKS_WITH_EPOCHS),
            field("standbyTasksPendingRevocation", TASKS_WITH_EPOCHS),
            field("warmupTasksPendingRevocation", TASKS_WITH_EPOCHS),
        ],
    ),
    record(
        GROUP_ID,
        &[
            field("epoch", Kind::I32),
            field(
                "subtopologies",
                Kind::Array(&Kind::Struct(&[
                    field("subtopologyId", Kind::Text),
                    field("sourceTopics", TEXTS),
                    field("sourceTopicRegex", TEXTS),
                    field("stateChangelogTopics", TOPIC_INFOS),
                    field("repartitionSinkTopics", TEXTS),
                    field("repartitionSourceTopics", TOPIC_INFOS),
                    field(
                        "copartitionGroups",
                        Kind::Array(&Kind::Struct(&[
                            field("sourceTopics", I16S),
                            field("sourceTopicRegex", I16S),
                            field("repartitionSourceTopics", I16S),
                        ])),
                    ),
                ])),
            ),
        ],
    ),
];

const SHARE_KEY: &[Field] = &[
    field("groupId", Kind::Text),
    field("topicId", Kind::Uuid),
    field("partition", Kind::I32),
];

const STATE_BATCHES: Kind = Kind::Array(&Kind::Struct(&[
    field("firstOffset", Kind::I64),
    field("lastOffset", Kind::I64),
    field("deliveryState", Kind::I8),
    field("deliveryCount", Kind::I16),
]));

static SHARE_RECORDS: [RecordType; 2] = [
    record(
        SHARE_KEY,
        &[
            field("snapshotEpoch", Kind::I32),
            field("stateEpoch", Kind::I32),
            field("leaderEpoch", Kind::I32),
            field("startOffset", Kind::I64),
            field("deliveryCompleteCount", Kind::I32).tagged(0),
            field("createTimestamp", Kind::I64),
            field("writeTimestamp", Kind::I64),
            field("stateBatches", STATE_BATCHES),
        ],
    ),
    record(
        SHARE_KEY,
        &[
            field("snapshotEpoch", Kind::I32),
            field("leaderEpoch", Kind::I32),
            field("startOffset", Kind::I64),
            field("deliveryCompleteCount", Kind::I32).tagged(0),
            field("stateBatches", STATE_BATCHES),
        ],
    ),
];

static TRANSACTION: RecordType = RecordType {
    key: &[field("transactionalId", Kind::Text)],
    value: Layout {
        fields: &[
            field("producerId", Kind::I64),
            field("previousProducerId", Kind::I64).since(1).tagged(0),
            field("nextProducerId", Kind::I64).since(1).tagged(1),
            field("producerEpoch", Kind::I16),
            field("nextProducerEpoch", Kind::I16).since(1).tagged(3),
            field("transactionTimeoutMs", Kind::I32),
            field("transactionStatus", Kind::I8),
            field(
                "transactionPartitions",
                Kind::Array(&Kind::Struct(&[
                    field("topic", Kind::Text),
                    field("partitionIds", I32S),
                ])),
            ),
            field("transactionLastUpdateTimestampMs", Kind::I64),
            field("transactionStartTimestampMs", Kind::I64),
            field("clientTransactionVersion", Kind::I16)
                .since(1)
                .tagged(2),
        ],
        newest: 1,
        flexible_since: 1,
    },
};
