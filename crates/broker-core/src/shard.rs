//! The shard: the broker as one state machine.
//!
//! Owns: topics with their partitions and logs, groups, parked requests, and when something is due. Guarantees:
//! `handle` never blocks on anything but the log's own writes, never fails, and every request leaves with exactly one of
//! answer, silence (acks=0) or a closed connection. Leaves to others: each API's behaviour (`api/`), sockets, clocks,
//! fsyncs and removal of files (the shell, through [`Output`]). This file routes, and routes only.
//!
//! Law: after every `handle`, drain `poll_output` until [`Output::Timeout`], then wait for the next input or that time.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rdkafka_log::fs::Fs;
use rdkafka_log::{
    CheckpointTask, CleanTask, Cleaned, Cleanup, Copied, CopyTask, FlushTask, Flushed, LogError,
};
use rdkafka_sasl::scram::ScramMechanism;
use rdkafka_sasl::scram::server::ScramCredential;
use rdkafka_wire::ErrorCode;
use rdkafka_wire::types::StrBytes;

use crate::acl::grants::{Authorizer, Grants};
use crate::api::produce::CheckedProduce;
use crate::api::{self, Request, Response};
use crate::conf::{BrokerConfig, GroupProperties};
use crate::data_dirs::DataDirs;
use crate::fetch_sessions::FetchSessions;
use crate::group::{GroupConfig, GroupCoordinator};
use crate::housekeeping::Housekeeping;
use crate::offsets_topic::{self, OffsetsTopic};
use crate::purgatory::{FetchId, ParkedFetch, Purgatory, Wants};
use crate::quota::Quotas;
use crate::quota::addresses::AddressRates;
use crate::relocation::Relocations;
use crate::request::{ConnectionId, Now, RequestContext, Ticket};
use crate::schedule::Schedule;
use crate::scram;
use crate::settings::{Settings, SettingsKind};
use crate::share_groups::{ShareConfig, ShareCoordinator};
use crate::share_state_topic;
use crate::topics::{Deleted, PartitionKey, Topics};
use crate::transaction::TransactionCoordinator;
use crate::transaction_topic::{self, TransactionTopic};

/// What can happen to a shard.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// The time that [`Output::Timeout`] asked for has come.
    Timeout,
    /// A decoded request.
    Request(Box<RequestContext>, Request),
    /// Produce requests that came together: the same as one after the other, but cheaper.
    Produce(Vec<(Box<RequestContext>, CheckedProduce)>),
    /// A connection is gone; nobody reads its answers any more.
    Disconnected(ConnectionId),
    /// An fsync is done.
    Flushed(FlushTarget, Flushed),
    /// A compaction is done.
    Cleaned(FlushTarget, Cleaned),
    /// A log, or what came to it meanwhile, is copied.
    Copied(FlushTarget, Copied),
}

/// What a shard wants done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Send an answer; `None` is the place of a request that gets none (acks=0).
    Reply(Ticket, Option<Response>),
    /// Close a connection, for this reason.
    Close(ConnectionId, String),
    /// Run an fsync on a thread that may block, and bring it back as [`Input::Flushed`].
    Flush(FlushTarget, FlushTask),
    /// Run a compaction on a thread that may block for long, and bring it back as [`Input::Cleaned`].
    Clean(FlushTarget, CleanTask),
    /// Copy a log to another data folder on a thread that may block for long, and bring it back as [`Input::Copied`].
    Copy(FlushTarget, CopyTask),
    /// Store recovery points on a thread that may block.
    Checkpoint(CheckpointTask),
    /// Remove files on a thread that may block.
    Remove(Cleanup),
    /// Read no more requests from a connection for so long: its client used more than a quota allows (KIP-219).
    Mute(ConnectionId, Duration),
    /// From now on connections may come this fast.
    AddressRates(AddressRates),
    /// Nothing more to do until then, or until an input.
    Timeout(Option<Duration>),
}

/// Whose fsync or compaction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlushTarget(Option<PartitionKey>);

impl FlushTarget {
    pub(crate) const fn partition(key: PartitionKey) -> Self {
        Self(Some(key))
    }

    /// The log of topics and producer ids.
    pub(crate) const fn cluster() -> Self {
        Self(None)
    }

    pub(crate) const fn key(self) -> Option<PartitionKey> {
        self.0
    }
}

/// The broker's state machine.
#[derive(Debug)]
pub struct Shard {
    pub(crate) config: Arc<BrokerConfig>,
    pub(crate) topics: Topics,
    pub(crate) groups: GroupCoordinator,
    pub(crate) transactions: TransactionCoordinator,
    pub(crate) share: ShareCoordinator,
    pub(crate) purgatory: Purgatory,
    pub(crate) fetch_sessions: FetchSessions,
    pub(crate) rng: fastrand::Rng,
    pub(crate) housekeeping: Housekeeping,
    pub(crate) relocations: Relocations,
    pub(crate) quotas: Quotas,
    authorizer: Authorizer,
    schedule: Schedule,
    pub(crate) outputs: VecDeque<Output>,
    /// Fetches that have enough and are answered at the end of this input, when all its records are there.
    satisfied: Vec<FetchId>,
}

impl Shard {
    /// Opens a data folder, or begins a new one. `seed` is for ids; the same inputs give the same outputs.
    ///
    /// # Errors
    /// The folder is in use by another process, damaged, of an unknown layout, or the disk fails.
    pub fn open(
        fs: Arc<dyn Fs>,
        roots: &[PathBuf],
        config: Arc<BrokerConfig>,
        seed: u64,
        now: Now,
    ) -> Result<Self, LogError> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let dirs = DataDirs::open(&fs, roots, config.node_id, &mut rng)?;
        let mut topics = Topics::open(dirs, config, now)?;
        let config = Arc::clone(topics.config());
        let mut groups =
            GroupCoordinator::new(group_config(&config, topics.settings()), rng.fork());
        let mut share = ShareCoordinator::new(share_config(&config, topics.settings()));
        offsets_topic::replay(&mut topics, &mut groups, &mut share, now)?;
        share_state_topic::replay(&mut topics, &mut share)?;
        let mut transactions = TransactionCoordinator::new(
            config.transaction_max_timeout_ms,
            config.transactional_id_expiration_ms,
        );
        transaction_topic::replay(&mut topics, &mut transactions)?;
        let mut journal = TransactionTopic {
            topics: &mut topics,
            groups: &mut groups,
            config: &config,
            rng: &mut rng,
            now,
            marked: Vec::new(),
        };
        transactions.loaded(now, &mut journal);
        transaction_topic::abort_orphans(&mut journal, &transactions);
        groups.loaded(now);
        share.loaded(now, &topics);
        topics.flush_found();
        let rates = AddressRates::new(topics.settings());
        Ok(Self {
            housekeeping: Housekeeping::default(),
            relocations: Relocations::default(),
            schedule: Schedule::new(&config, now),
            quotas: Quotas::new(&config, topics.settings()),
            authorizer: Authorizer::new(&config),
            config,
            topics,
            groups,
            transactions,
            share,
            purgatory: Purgatory::default(),
            fetch_sessions: FetchSessions::default(),
            rng,
            outputs: [Output::AddressRates(rates)].into(),
            satisfied: Vec::new(),
        })
    }

    /// The id of the cluster, which is the data folder's.
    pub fn cluster_id(&self) -> &str {
        self.topics.cluster_id()
    }

    /// Takes one input.
    pub fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Timeout => {}
            Input::Request(context, request) => api::dispatch(self, &context, request, now),
            Input::Produce(requests) => api::produce_together::handle(self, requests, now),
            Input::Disconnected(connection) => self.disconnected(connection, now),
            Input::Flushed(target, flushed) => self.flushed(target, flushed, now),
            Input::Copied(target, copied) => self.copied(target, copied, now),
            Input::Cleaned(target, cleaned) => self.cleaned(target, cleaned, now),
        }
        self.pass_time(now);
        self.answer_satisfied(now);
        self.hold_answers();
        self.charge_answers(now);
    }

    /// What is to be done now; [`Output::Timeout`] when that is all.
    pub fn poll_output(&mut self) -> Output {
        self.outputs
            .pop_front()
            .unwrap_or_else(|| Output::Timeout(self.next_deadline()))
    }

    /// Creates a topic unless it exists, as a client with defaults would.
    ///
    /// # Errors
    /// The error a client would get.
    pub fn ensure_topic(&mut self, name: &str, partitions: i32, now: Now) -> Result<(), ErrorCode> {
        if self.topics.find(name).is_some() {
            return Ok(());
        }
        if crate::topics::check_name(name).is_err() {
            return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
        }
        if partitions < 1 {
            return Err(ErrorCode::INVALID_PARTITIONS);
        }
        let created = self
            .topics
            .create(name, partitions, Default::default(), &mut self.rng, now);
        created
            .map(|_| self.flush_cluster_log())
            .map_err(|error| api::log_failure("create topic", &error))
    }

    /// What a client may do.
    pub(crate) fn grants(&self, context: &RequestContext) -> Grants {
        self.authorizer.grants(&self.topics.acls, &context.peer)
    }

    /// Whether there is access control.
    pub(crate) fn has_authorizer(&self) -> bool {
        self.authorizer.is_enabled
    }

    /// What proves a user's knowledge of a password, for the listeners that ask for one.
    pub fn scram_credential(
        &self,
        mechanism: ScramMechanism,
        user: &str,
    ) -> Option<&ScramCredential> {
        self.topics.users.find(user, mechanism)
    }

    /// Gives a user a password, or (without a credential) takes it away.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn set_scram_credential(
        &mut self,
        mechanism: ScramMechanism,
        user: &str,
        credential: Option<&ScramCredential>,
        now: Now,
    ) -> Result<(), LogError> {
        self.topics.set_scram(user, mechanism, credential, now)
    }

    /// The users that have a password, with their mechanisms.
    pub fn scram_users(&self) -> impl Iterator<Item = (&str, ScramMechanism)> {
        self.topics.users.iter().flat_map(|(user, credentials)| {
            let mechanisms = credentials.keys().filter_map(|it| scram::mechanism(*it));
            mechanisms.map(move |mechanism| (&**user, mechanism))
        })
    }

    /// Makes everything durable. Parked requests are not answered any more.
    ///
    /// # Errors
    /// When the disk fails; everything acknowledged is written all the same.
    pub fn close(mut self) -> Result<(), LogError> {
        self.topics.close()
    }

    /// Settings of the broker or of groups have changed: whoever keeps a copy gets the new ones.
    pub(crate) fn settings_changed(&mut self) {
        self.config = Arc::clone(self.topics.config());
        self.groups
            .set_config(group_config(&self.config, self.topics.settings()));
        self.share
            .set_config(share_config(&self.config, self.topics.settings()));
        self.transactions.set_config(
            self.config.transaction_max_timeout_ms,
            self.config.transactional_id_expiration_ms,
        );
    }

    pub(crate) fn reply(&mut self, ticket: Ticket, response: Response) {
        self.outputs
            .push_back(Output::Reply(ticket, Some(response)));
    }

    pub(crate) fn push_output(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Takes back the answers of this input.
    pub(crate) fn take_answers(&mut self) -> Vec<(Ticket, Option<Response>)> {
        let mut answers = Vec::new();
        for output in std::mem::take(&mut self.outputs) {
            match output {
                Output::Reply(ticket, response) => answers.push((ticket, response)),
                other => self.outputs.push_back(other),
            }
        }
        answers
    }

    pub(crate) fn stay_silent(&mut self, ticket: Ticket) {
        self.outputs.push_back(Output::Reply(ticket, None));
    }

    pub(crate) fn close_connection(&mut self, connection: ConnectionId, reason: String) {
        self.outputs.push_back(Output::Close(connection, reason));
    }

    /// Calls the group coordinator with its journal, and passes on the answers that became due.
    pub(crate) fn with_groups<R>(
        &mut self,
        now: Now,
        call: impl FnOnce(&mut GroupCoordinator, &mut OffsetsTopic<'_>) -> R,
    ) -> R {
        let mut journal = OffsetsTopic::new(&mut self.topics, &self.config, &mut self.rng, now);
        let result = call(&mut self.groups, &mut journal);
        for (ticket, response) in self.groups.take_replies() {
            self.reply(ticket, response);
        }
        result
    }

    /// Calls the coordinator of share groups with its journal; fetches that wait for what became free look again.
    pub(crate) fn with_share<R>(
        &mut self,
        now: Now,
        call: impl FnOnce(&mut ShareCoordinator, &mut OffsetsTopic<'_>) -> R,
    ) -> R {
        let mut journal = OffsetsTopic::new(&mut self.topics, &self.config, &mut self.rng, now);
        let result = call(&mut self.share, &mut journal);
        for (topic, partition) in self.share.take_freed() {
            let topic = self.topics.find_id(topic);
            let key = topic.map(|topic| PartitionKey { topic, partition });
            let Some(partition) = key.and_then(|key| self.topics.partition_mut(key)) else {
                continue;
            };
            let waiting = partition.fetches.iter().copied();
            self.satisfied
                .extend(waiting.filter(|id| self.purgatory.is_share(*id)));
        }
        result
    }

    /// Has a fetch wait for the partitions that it watches.
    pub(crate) fn park_fetch(&mut self, fetch: ParkedFetch) {
        let watches = fetch.watches.clone();
        let id = self.purgatory.park_fetch(fetch);
        for key in watches {
            if let Some(partition) = self.topics.partition_mut(key) {
                partition.fetches.push(id);
            }
        }
    }

    /// Calls the transaction coordinator with its journal; readers that wait for the end of a transaction go on.
    pub(crate) fn with_transactions<R>(
        &mut self,
        now: Now,
        call: impl FnOnce(&mut TransactionCoordinator, &mut TransactionTopic<'_>) -> R,
    ) -> R {
        let mut journal = TransactionTopic {
            topics: &mut self.topics,
            groups: &mut self.groups,
            config: &self.config,
            rng: &mut self.rng,
            now,
            marked: Vec::new(),
        };
        let result = call(&mut self.transactions, &mut journal);
        for (key, bytes) in journal.marked {
            // How much a marker makes visible is not counted: whoever waits looks again.
            self.data_arrived(key, bytes, usize::MAX);
        }
        result
    }

    /// Records were appended: fetches that wait for them may have enough now, or when they are on the disk if the flush
    /// policy shows nobody what is not. See [`Purgatory::credit`].
    pub(crate) fn data_arrived(&mut self, key: PartitionKey, bytes: usize, stable: usize) {
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        if partition.shows_everything() {
            self.credit(key, bytes, stable);
            return;
        }
        partition.hide(bytes, stable);
        self.data_visible(key);
        self.flush(key);
    }

    /// What was appended before may be visible now.
    pub(crate) fn data_visible(&mut self, key: PartitionKey) {
        if let Some(partition) = self.topics.partition_mut(key) {
            let (bytes, stable) = partition.take_visible();
            self.credit(key, bytes, stable);
        }
    }

    fn credit(&mut self, key: PartitionKey, bytes: usize, stable: usize) {
        let Some(partition) = self.topics.partition_mut(key) else {
            return;
        };
        for id in &partition.fetches {
            if self.purgatory.credit(*id, bytes, stable) {
                self.satisfied.push(*id);
            }
        }
    }

    /// A topic is gone: whoever waits for it is answered, its offsets go, its files are removed.
    pub(crate) fn topic_deleted(&mut self, deleted: Deleted, now: Now) {
        for partition in deleted.partitions {
            self.satisfied.extend(partition.fetches);
            let waiting = partition.syncs.into_iter().map(|(_, id)| id).collect();
            let failed = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.code();
            self.synced(waiting, Some(failed));
            // One that is being made is removed when that is over: it is nobody's then.
            if let Some(copy) = partition.moving.and_then(|it| it.finished_copy()) {
                self.push_output(Output::Remove(copy.give_up()));
            }
        }
        for cleanup in deleted.cleanups {
            self.remove_later(cleanup, deleted.delay_ms, now);
        }
        self.with_groups(now, |groups, journal| {
            groups.topic_deleted(&deleted.name, now, journal)
        });
        self.with_share(now, |share, journal| {
            share.topic_deleted(deleted.id, journal)
        });
        self.flush_cluster_log();
    }

    /// What the records of one batch may decompress to when the broker must look at them.
    pub(crate) fn decompressed_bytes_max(&self) -> usize {
        usize::try_from(self.config.socket_request_max_bytes).unwrap_or(usize::MAX)
    }

    fn disconnected(&mut self, connection: ConnectionId, now: Now) {
        self.quotas.forget(connection);
        for id in self.purgatory.fetches_of(connection) {
            if let Some(fetch) = self.purgatory.take_fetch(id) {
                self.unwatch(id, &fetch);
            }
        }
        self.with_groups(now, |groups, journal| {
            groups.disconnected(connection, now, journal)
        });
        self.with_share(now, |share, journal| {
            share.disconnected(connection, now, journal)
        });
    }

    /// Answers fetches that got what they wait for.
    fn answer_satisfied(&mut self, now: Now) {
        while let Some(id) = self.satisfied.pop() {
            if let Some(fetch) = self.purgatory.take_fetch(id) {
                self.answer_fetch(id, fetch, now);
            }
        }
    }

    fn answer_fetch(&mut self, id: FetchId, fetch: ParkedFetch, now: Now) {
        self.unwatch(id, &fetch);
        let ticket = fetch.ticket;
        let response = match fetch.wants {
            Wants::Records(request, grants, standing) => {
                api::fetch::complete(self, ticket, (&request, &grants, standing), now)
            }
            // Another member may have been first: then it waits on.
            Wants::Share(wait) => match api::share_fetch::resume(self, ticket, wait, now) {
                Some(response) => response.into(),
                None => return,
            },
        };
        self.reply(ticket, response);
    }

    fn unwatch(&mut self, id: FetchId, fetch: &ParkedFetch) {
        for key in &fetch.watches {
            if let Some(partition) = self.topics.partition_mut(*key) {
                partition.fetches.retain(|watching| *watching != id);
            }
        }
    }

    /// Does whatever has become due.
    fn pass_time(&mut self, now: Now) {
        while let Some((id, fetch)) = self.purgatory.take_expired(now.mono) {
            self.answer_fetch(id, fetch, now);
        }
        let is_due = |deadline: Option<Duration>| deadline.is_some_and(|it| it <= now.mono);
        if is_due(self.share.next_deadline()) {
            self.with_share(now, |share, journal| share.expire(now, journal));
        }
        if self
            .groups
            .next_deadline()
            .is_some_and(|deadline| deadline <= now.mono)
        {
            self.with_groups(now, |groups, journal| groups.expire(now, journal));
        }
        if self
            .transactions
            .next_deadline()
            .is_some_and(|deadline| deadline <= now.mono)
        {
            self.with_transactions(now, |transactions, journal| {
                transactions.expire(now, journal)
            });
        }
        self.remove_due(now);
        while let Some(chore) = self.schedule.take_due(now) {
            self.do_chore(chore, now);
        }
    }

    fn next_deadline(&self) -> Option<Duration> {
        let deadlines = [
            self.purgatory.next_deadline(),
            self.groups.next_deadline(),
            self.transactions.next_deadline(),
            self.share.next_deadline(),
            self.schedule.next_due(),
            self.housekeeping.next_deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }
}

fn group_config(config: &BrokerConfig, settings: &Settings) -> GroupConfig {
    let millis = |value: i32| Duration::from_millis(u64::try_from(value).unwrap_or(0));
    GroupConfig {
        min_session_ms: config.group_min_session_timeout_ms,
        max_session_ms: config.group_max_session_timeout_ms,
        max_size: usize::try_from(config.group_max_size).unwrap_or(usize::MAX),
        initial_rebalance_delay: millis(config.group_initial_rebalance_delay_ms),
        offsets_retention_ms: i64::from(config.offsets_retention_minutes) * 60_000,
        consumer_max_size: usize::try_from(config.group_consumer_max_size).unwrap_or(usize::MAX),
        streams_max_size: usize::try_from(config.group_streams_max_size).unwrap_or(usize::MAX),
        assignors: config.group_consumer_assignors.clone(),
        migration_policy: config.group_consumer_migration_policy.clone(),
        consumer: GroupProperties::resolve(config, None),
        own: own_properties(config, settings),
    }
}

fn share_config(config: &BrokerConfig, settings: &Settings) -> ShareConfig {
    ShareConfig {
        max_size: usize::try_from(config.group_share_max_size).unwrap_or(usize::MAX),
        max_sessions: usize::try_from(config.group_share_max_share_sessions).unwrap_or(usize::MAX),
        common: GroupProperties::resolve(config, None),
        own: own_properties(config, settings),
    }
}

/// The settings of groups that have their own.
fn own_properties(
    config: &BrokerConfig,
    settings: &Settings,
) -> HashMap<StrBytes, GroupProperties> {
    let own = settings.of_kind(SettingsKind::Group);
    own.map(|(name, map)| (name.clone(), GroupProperties::resolve(config, Some(map))))
        .collect()
}
