//! What the broker itself must remember: topics and producer ids, in a log of its own.
//!
//! Owns: `__cluster_metadata`, one partition, whose keyed records are replayed at start ([`ClusterRecord`]). A record
//! without a value is a tombstone. Guarantees: state is what replay makes of the records; an acknowledged change is
//! written. Leaves to others: what a topic is (`topics`). The layout is this project's own; versions are in the values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use bytes::Bytes;
use rdkafka_log::{
    AppendOptions, AppendOrigin, CleanLimits, CompactionConfig, FlushTask, Flushed, Log, LogConfig,
    LogDir, LogError, PartitionCheckpoint, TopicId,
};
use rdkafka_records::{BatchBuilder, Seal};
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_wire::types::{StrBytes, Uuid};
use rdkafka_wire::{FrameReader, FrameWriter, Message};

use crate::acl::{Acl, Acls};
use crate::delegation_token::TokenRecords;
use crate::log_replay;
use crate::partition::LEADER_EPOCH;
use crate::purgatory::ProduceId;
use crate::scram::ScramUsers;
use crate::settings::{Settings, SettingsKind, SettingsMap};

/// The topic's name, which no client can create.
pub(crate) const CLUSTER_METADATA_TOPIC: &str = "__cluster_metadata";
/// Kafka's own id for it.
const CLUSTER_METADATA_ID: TopicId = TopicId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// What is remembered about a topic.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct TopicRecord {
    #[field(versions = "0+")]
    pub(crate) topic_id: Uuid,
    #[field(versions = "0+")]
    pub(crate) partitions: i32,
    #[field(versions = "0+")]
    pub(crate) configs: Vec<TopicRecordConfig>,
}

/// Part of [`TopicRecord`].
#[derive(Debug, Clone, PartialEq, Message)]
pub(crate) struct TopicRecordConfig {
    #[field(versions = "0+")]
    pub(crate) name: StrBytes,
    #[field(versions = "0+")]
    pub(crate) value: StrBytes,
}

/// Which producer ids were handed out in blocks.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
struct ProducerIdsRecord {
    #[field(versions = "0+")]
    next: i64,
}

/// What is remembered about a user's password: Kafka's UserScramCredentialRecord.
#[derive(Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct ScramRecord {
    #[field(versions = "0+")]
    pub(crate) salt: Bytes,
    #[field(versions = "0+")]
    pub(crate) stored_key: Bytes,
    #[field(versions = "0+")]
    pub(crate) server_key: Bytes,
    #[field(versions = "0+")]
    pub(crate) iterations: i32,
}

/// Never a key.
impl std::fmt::Debug for ScramRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScramRecord").finish_non_exhaustive()
    }
}

/// What is remembered about a delegation token: Kafka's DelegationTokenRecord. Principals have their type before them.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
pub(crate) struct TokenRecord {
    #[field(versions = "0+")]
    pub(crate) owner: StrBytes,
    #[field(versions = "0+")]
    pub(crate) requester: StrBytes,
    #[field(versions = "0+")]
    pub(crate) renewers: Vec<StrBytes>,
    #[field(versions = "0+")]
    pub(crate) issued_at_ms: i64,
    /// It cannot be renewed beyond this.
    #[field(versions = "0+")]
    pub(crate) ends_at_ms: i64,
    #[field(versions = "0+")]
    pub(crate) expires_at_ms: i64,
}

/// A rule of access control; all of it is in the key.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
struct AclRecord {}

/// What was set for something that is no topic.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
struct SettingsRecord {
    #[field(versions = "0+")]
    configs: Vec<TopicRecordConfig>,
}

#[derive(Debug, Clone, PartialEq, Message)]
#[message(versions = "0", flexible = "0+")]
struct Key {
    #[field(versions = "0+")]
    kind: i8,
    #[field(versions = "0+")]
    name: StrBytes,
}

const TOPIC: i8 = 1;
const PRODUCER_IDS: i8 = 2;
const SCRAM_SHA_256: i8 = 11;
const SCRAM_SHA_512: i8 = 12;
const TOKEN: i8 = 13;
const ACL: i8 = 31;

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ClusterRecord {
    /// A topic was created or changed, or (without a value) deleted.
    Topic {
        name: StrBytes,
        value: Option<TopicRecord>,
    },
    /// What was set for something that is no topic; an empty map removes it.
    Settings {
        kind: SettingsKind,
        name: StrBytes,
        map: SettingsMap,
    },
    /// Producer ids below `next` are taken.
    ProducerIds { next: i64 },
    /// A user has a password, or (without a value) none any more.
    Scram {
        user: StrBytes,
        mechanism: ScramMechanism,
        value: Option<ScramRecord>,
    },
    /// A delegation token was given out or changed, or (without a value) is no more.
    Token {
        id: StrBytes,
        value: Option<TokenRecord>,
    },
    /// A rule of access control is there, or not any more.
    Acl { acl: Acl, exists: bool },
}

/// What the records add up to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ClusterState {
    pub(crate) topics: BTreeMap<StrBytes, TopicRecord>,
    /// Topics that were deleted and not created again; their folders may be left over.
    pub(crate) deleted: BTreeSet<StrBytes>,
    pub(crate) next_producer_id: i64,
    pub(crate) users: ScramUsers,
    pub(crate) tokens: TokenRecords,
    pub(crate) acls: Acls,
    pub(crate) settings: Settings,
}

impl ClusterState {
    fn replay(&mut self, record: ClusterRecord) {
        match record {
            ClusterRecord::Topic {
                name,
                value: Some(topic),
            } => {
                self.deleted.remove(&name);
                self.topics.insert(name, topic);
            }
            ClusterRecord::Topic { name, value: None } => {
                self.topics.remove(&name);
                self.deleted.insert(name);
            }
            ClusterRecord::ProducerIds { next } => self.next_producer_id = next,
            ClusterRecord::Scram {
                user,
                mechanism,
                value,
            } => self.users.replay(user, mechanism, value),
            ClusterRecord::Token {
                id,
                value: Some(token),
            } => {
                self.tokens.insert(id, token);
            }
            ClusterRecord::Token { id, value: None } => {
                self.tokens.remove(&id);
            }
            ClusterRecord::Acl { acl, exists } => {
                self.acls.replay(acl, exists);
            }
            ClusterRecord::Settings { kind, name, map } => self.settings.replay(kind, name, map),
        }
    }
}

/// The log behind it.
#[derive(Debug)]
pub(crate) struct ClusterLog {
    log: Log,
    is_flushing: bool,
    /// Records were appended that no flush was asked for yet.
    has_news: bool,
    /// Answers that wait until everything below an offset is on the disk.
    pub(crate) syncs: Vec<(i64, ProduceId)>,
}

impl ClusterLog {
    /// Opens the log, or creates it in a new folder, and replays it.
    pub(crate) fn open(
        dir: &LogDir,
        exists: bool,
        flush_messages: Option<u64>,
        now_ms: i64,
    ) -> Result<(Self, ClusterState), LogError> {
        let config = LogConfig {
            retention_ms: None,
            segment_bytes: SEGMENT_BYTES,
            segment_ms: i64::MAX,
            flush_messages,
            compaction: Some(COMPACTION),
            ..LogConfig::default()
        };
        let mut log = if exists {
            dir.open_log(CLUSTER_METADATA_TOPIC, 0, config, now_ms)?.0
        } else {
            dir.create_log(CLUSTER_METADATA_TOPIC, 0, CLUSTER_METADATA_ID, config)?
        };
        let mut state = ClusterState::default();
        log_replay::replay(&mut log, |key, value| {
            match ClusterRecord::decode(key, value) {
                Some(record) => state.replay(record),
                None => {
                    tracing::warn!("a record of {CLUSTER_METADATA_TOPIC} is of an unknown kind")
                }
            }
        })?;
        compact(&mut log, now_ms);
        Ok((
            Self {
                log,
                is_flushing: false,
                has_news: false,
                syncs: Vec::new(),
            },
            state,
        ))
    }

    /// Its folder.
    pub(crate) fn dir(&self) -> &Path {
        self.log.dir()
    }

    /// Makes a change durable.
    pub(crate) fn append(&mut self, record: &ClusterRecord, now_ms: i64) -> Result<(), LogError> {
        let (key, value) = record.encode();
        let mut batch = BatchBuilder::new();
        let sealed = batch
            .append(now_ms, Some(&key), value.as_deref(), [])
            .map_err(|_| ())
            .and_then(|_| batch.seal(&Seal::default()).map_err(|_| ()));
        let Ok(sealed) = sealed else {
            return Err(LogError::InvalidBatch {
                reason: "a record of the cluster metadata is too large".into(),
            });
        };
        let options = AppendOptions {
            origin: AppendOrigin::Coordinator,
            leader_epoch: LEADER_EPOCH,
            now_ms,
        };
        self.log.append(sealed, &options)?;
        self.has_news = true;
        Ok(())
    }

    /// Whether something was appended since the last call.
    pub(crate) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    /// The offset below which everything must be on the disk before anybody is told of it, if there is any.
    pub(crate) fn must_flush(&self) -> Option<i64> {
        self.log.must_flush().then(|| self.log.offsets().end)
    }

    pub(crate) fn flush_task(&mut self) -> Result<Option<FlushTask>, LogError> {
        if self.is_flushing {
            return Ok(None);
        }
        let task = self.log.flush_task()?;
        self.is_flushing = task.is_some();
        Ok(task)
    }

    pub(crate) fn flushed(&mut self, flushed: Flushed) -> Result<i64, LogError> {
        self.is_flushing = false;
        self.log.flushed(flushed)
    }

    /// Where the log ends.
    pub(crate) fn end_offset(&self) -> i64 {
        self.log.offsets().end
    }

    pub(crate) fn checkpoint(&self) -> PartitionCheckpoint {
        PartitionCheckpoint {
            topic: CLUSTER_METADATA_TOPIC.to_owned(),
            partition: 0,
            topic_id: CLUSTER_METADATA_ID,
            recovery_point: self.log.recovery_point(),
            start_offset: self.log.offsets().start,
            cleaned_up_to: self.log.cleaned_up_to(),
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), LogError> {
        self.log.flush().map(|_| ())
    }
}

/// Keeps the log, and so the next start, short. It is small enough to be compacted while the broker starts; a failure
/// costs nothing but that.
fn compact(log: &mut Log, now_ms: i64) {
    let limits = CleanLimits {
        map_bytes: COMPACTION_BYTES,
        batch_bytes: COMPACTION_BYTES,
    };
    let compacted = log.dirtiness(now_ms).and_then(|due| {
        let task = match due {
            Some(_) => log.clean_task(now_ms, limits)?,
            None => None,
        };
        let compacted = task.map(|task| log.cleaned(task.run(&mut |_| ControlFlow::Continue(()))));
        compacted.map_or(Ok(()), |compacted| compacted?.cleanup.run())
    });
    if let Err(error) = compacted {
        tracing::warn!(%error, "{CLUSTER_METADATA_TOPIC} is not compacted");
    }
}

const SEGMENT_BYTES: u64 = 4 << 20;
const COMPACTION_BYTES: usize = 64 << 20;
const COMPACTION: CompactionConfig = CompactionConfig {
    min_lag_ms: 0,
    max_lag_ms: i64::MAX,
    min_dirty_ratio: 0.5,
    delete_retention_ms: 86_400_000,
};

impl ClusterRecord {
    pub(crate) fn encode(&self) -> (Bytes, Option<Bytes>) {
        match self {
            Self::Topic { name, value } => (
                encode(&Key {
                    kind: TOPIC,
                    name: name.clone(),
                }),
                value.as_ref().map(versioned),
            ),
            Self::Token { id, value } => (
                encode(&Key {
                    kind: TOKEN,
                    name: id.clone(),
                }),
                value.as_ref().map(versioned),
            ),
            Self::Settings { kind, name, map } => {
                let key = Key {
                    kind: *kind as i8,
                    name: name.clone(),
                };
                let configs = map.iter().map(|(name, value)| TopicRecordConfig {
                    name: name.as_str().into(),
                    value: value.as_str().into(),
                });
                let value = (!map.is_empty()).then(|| SettingsRecord {
                    configs: configs.collect(),
                });
                (encode(&key), value.as_ref().map(versioned))
            }
            Self::ProducerIds { next } => {
                let key = Key {
                    kind: PRODUCER_IDS,
                    name: StrBytes::default(),
                };
                (
                    encode(&key),
                    Some(versioned(&ProducerIdsRecord { next: *next })),
                )
            }
            Self::Scram {
                user,
                mechanism,
                value,
            } => {
                let kind = match mechanism {
                    ScramMechanism::Sha256 => SCRAM_SHA_256,
                    ScramMechanism::Sha512 => SCRAM_SHA_512,
                };
                let key = Key {
                    kind,
                    name: user.clone(),
                };
                (encode(&key), value.as_ref().map(versioned))
            }
            Self::Acl { acl, exists } => {
                let key = Key {
                    kind: ACL,
                    name: acl.key(),
                };
                (encode(&key), exists.then(|| versioned(&AclRecord {})))
            }
        }
    }

    pub(crate) fn decode(key: Bytes, value: Option<Bytes>) -> Option<Self> {
        let key = Key::decode(&mut FrameReader::new(key), 0).ok()?;
        match key.kind {
            TOPIC => Some(Self::Topic {
                name: key.name.copy_out_of_frame(),
                value: read_if_there(value)?,
            }),
            TOKEN => Some(Self::Token {
                id: key.name.copy_out_of_frame(),
                value: read_if_there(value)?,
            }),
            PRODUCER_IDS => read_versioned::<ProducerIdsRecord>(value?)
                .map(|it| Self::ProducerIds { next: it.next }),
            ACL => Some(Self::Acl {
                acl: Acl::from_key(&key.name)?,
                exists: value.is_some(),
            }),
            SCRAM_SHA_256 | SCRAM_SHA_512 => Some(Self::Scram {
                user: key.name.copy_out_of_frame(),
                mechanism: match key.kind {
                    SCRAM_SHA_256 => ScramMechanism::Sha256,
                    _ => ScramMechanism::Sha512,
                },
                value: read_if_there(value)?,
            }),
            other => {
                let kind = SettingsKind::from_code(other)?;
                let configs = match value {
                    Some(value) => read_versioned::<SettingsRecord>(value)?.configs,
                    None => Vec::new(),
                };
                let map = configs
                    .into_iter()
                    .map(|it| (it.name.to_string(), it.value.to_string()));
                Some(Self::Settings {
                    kind,
                    name: key.name.copy_out_of_frame(),
                    map: map.collect(),
                })
            }
        }
    }
}

fn encode<M: Message>(message: &M) -> Bytes {
    let mut writer = FrameWriter::new();
    message.encode(&mut writer, 0);
    writer.into_bytes()
}

fn versioned<M: Message>(message: &M) -> Bytes {
    let mut writer = FrameWriter::new();
    writer.put_i16(0);
    message.encode(&mut writer, 0);
    writer.into_bytes()
}

fn read_versioned<M: Message>(value: Bytes) -> Option<M> {
    let mut reader = FrameReader::new(value);
    let version = reader.i16().ok()?;
    M::decode(&mut reader, version).ok()
}

/// The value, or that there is none; nothing where it cannot be read.
#[allow(
    clippy::option_option,
    reason = "an absent value is a tombstone, not a failure"
)]
fn read_if_there<M: Message>(value: Option<Bytes>) -> Option<Option<M>> {
    value.map_or(Some(None), |value| read_versioned(value).map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl(exists: bool) -> ClusterRecord {
        let key = "2\u{1f}4\u{1f}3\u{1f}3\u{1f}User:alice\u{1f}*\u{1f}orders-";
        ClusterRecord::Acl {
            acl: Acl::from_key(key).unwrap(),
            exists,
        }
    }

    #[test]
    fn records_read_back_as_written() {
        let topic = TopicRecord {
            topic_id: Uuid([7; 16]),
            partitions: 3,
            configs: vec![TopicRecordConfig {
                name: "retention.ms".into(),
                value: "5".into(),
            }],
        };
        let records = [
            ClusterRecord::Topic {
                name: "t".into(),
                value: Some(topic),
            },
            ClusterRecord::Topic {
                name: "t".into(),
                value: None,
            },
            ClusterRecord::ProducerIds { next: 2000 },
            ClusterRecord::Scram {
                user: "alice".into(),
                mechanism: ScramMechanism::Sha512,
                value: Some(ScramRecord {
                    salt: Bytes::from_static(b"s"),
                    stored_key: Bytes::from_static(b"k"),
                    server_key: Bytes::from_static(b"e"),
                    iterations: 4096,
                }),
            },
            ClusterRecord::Scram {
                user: "alice".into(),
                mechanism: ScramMechanism::Sha256,
                value: None,
            },
            ClusterRecord::Token {
                id: "t".into(),
                value: Some(TokenRecord {
                    owner: "User:alice".into(),
                    requester: "User:bob".into(),
                    renewers: vec!["User:carol".into()],
                    issued_at_ms: 1,
                    ends_at_ms: 3,
                    expires_at_ms: 2,
                }),
            },
            ClusterRecord::Token {
                id: "t".into(),
                value: None,
            },
            ClusterRecord::Settings {
                kind: SettingsKind::Group,
                name: "g".into(),
                map: [("a".to_owned(), "1".to_owned())].into(),
            },
            ClusterRecord::Settings {
                kind: SettingsKind::Quota,
                name: "q".into(),
                map: SettingsMap::new(),
            },
            acl(true),
            acl(false),
        ];
        for record in records {
            let (key, value) = record.encode();
            assert_eq!(ClusterRecord::decode(key, value), Some(record));
        }
    }

    #[test]
    fn bad_bytes_are_no_record() {
        assert_eq!(ClusterRecord::decode(Bytes::new(), None), None);
        let (key, _) = ClusterRecord::ProducerIds { next: 1 }.encode();
        assert_eq!(
            ClusterRecord::decode(key.clone(), Some(Bytes::from_static(b"\0"))),
            None
        );
        assert_eq!(
            ClusterRecord::decode(key, Some(Bytes::from_static(b"\0\x63xxxxxxxxx"))),
            None
        );
    }
}
