//! The application of a producer: produces a number of records, in transactions where it has an id, and serves reports.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use rdkafka_client_core::admin::{Call, CallReply};
use rdkafka_client_core::conf::ClientConfig;
use rdkafka_client_core::io::{CallId, Command, Event, Input};
use rdkafka_client_core::producer::accumulator::{Appender, Chooser, Placed, batch_limits};
use rdkafka_client_core::producer::{
    Command as ProducerCommand, TransactionCall, TransactionError,
};
use rdkafka_client_core::shared::{NewRecord, QueueGauge, TopicShared};
use rdkafka_wire::ErrorCode;

use crate::ledger::{Ledger, Outcome, Produced, number_of};
use crate::peer::Mailbox;
use crate::plan::{ProducerKind, ProducerPlan, pick};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Producing, without transactions.
    Free,
    /// To call `init`.
    Init,
    /// To call `begin`.
    Begin,
    /// Producing so many more.
    Inside(u32),
    /// To end: the first call.
    Ending(bool),
    /// Waiting for reports, then the second call.
    Flushing(bool),
    /// Nothing is left.
    Finished,
    /// Of no use any more.
    Fatal,
}

#[derive(Debug)]
pub(crate) struct ProducerApp {
    pub(crate) plan: ProducerPlan,
    pub(crate) left: u32,
    topics: Vec<(String, i32)>,
    conf: Arc<ClientConfig>,
    gauge: Arc<QueueGauge>,
    appenders: BTreeMap<String, Appender>,
    stage: Stage,
    transaction: Option<usize>,
    asked: Option<CallId>,
    rng: Rng,
    id: (usize, u32),
}

impl ProducerApp {
    pub(crate) fn new(
        (plan, left): (ProducerPlan, u32),
        topics: Vec<(String, i32)>,
        (conf, gauge): (&Arc<ClientConfig>, &Arc<QueueGauge>),
        rng: Rng,
        id: (usize, u32),
    ) -> Self {
        let is_transactional = plan.kind == ProducerKind::Transactional;
        Self {
            stage: if is_transactional {
                Stage::Init
            } else {
                Stage::Free
            },
            plan,
            left,
            topics,
            conf: Arc::clone(conf),
            gauge: Arc::clone(gauge),
            appenders: BTreeMap::new(),
            transaction: None,
            asked: None,
            rng,
            id,
        }
    }

    pub(crate) fn is_fatal(&self) -> bool {
        self.stage == Stage::Fatal
    }

    /// Whether everything was produced and reported.
    pub(crate) fn is_quiet(&self, ledger: &Ledger) -> bool {
        let is_done = match self.stage {
            Stage::Free => self.left == 0,
            Stage::Finished => true,
            _ => false,
        };
        is_done && ledger.is_reported(self.id.0, self.id.1)
    }

    /// What it waits for, for people.
    pub(crate) fn story(&self, ledger: &Ledger) -> String {
        let unreported = ledger.unreported(self.id.0, self.id.1);
        let (plan, stage, left) = (&self.plan, self.stage, self.left);
        format!(
            "{stage:?}, {left} left, asked {:?}, unreported {unreported:?}, {plan:?}",
            self.asked
        )
    }

    pub(crate) fn step(&mut self, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        self.serve(mailbox, ledger);
        if self.asked.is_some() {
            return;
        }
        match self.stage {
            Stage::Free if self.left > 0 => {
                let count = self.rng.u32(1..=8).min(self.left);
                self.produce(count, mailbox, ledger);
            }
            Stage::Free | Stage::Finished | Stage::Fatal => {}
            Stage::Init => self.transact(TransactionCall::Init, 60, mailbox),
            Stage::Begin if self.left == 0 => self.stage = Stage::Finished,
            Stage::Begin => self.transact(TransactionCall::Begin, 10, mailbox),
            Stage::Inside(0) => {
                let commits = self.rng.u8(0..3) > 0;
                self.stage = Stage::Ending(commits);
            }
            Stage::Inside(count) => {
                let now = self.rng.u32(1..=count.min(5));
                self.stage = Stage::Inside(count - now);
                self.produce(now, mailbox, ledger);
            }
            Stage::Ending(true) => self.transact(TransactionCall::BeginCommit, 10, mailbox),
            Stage::Ending(false) => self.transact(TransactionCall::BeginAbort, 10, mailbox),
            Stage::Flushing(commits) => {
                let flush = Input::Command(Command::Producer(ProducerCommand::Flush));
                self.gauge.set_flushing(true);
                mailbox.out.push(flush);
                if ledger.is_reported(self.id.0, self.id.1) {
                    self.gauge.set_flushing(false);
                    let call = if commits {
                        TransactionCall::Commit
                    } else {
                        TransactionCall::Abort
                    };
                    self.transact(call, 20, mailbox);
                }
            }
        }
    }

    fn transact(&mut self, call: TransactionCall, seconds: u64, mailbox: &mut Mailbox) {
        let timeout = Duration::from_secs(seconds);
        self.asked = Some(mailbox.ask(Call::Transaction(call), timeout));
    }

    fn serve(&mut self, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        while let Some(event) = mailbox.events.pop_front() {
            match event {
                Event::Delivered(mut batch) => {
                    self.gauge.reports_served(batch.len() as u64);
                    while let Some(message) = batch.next() {
                        let number = number_of(message.payload.unwrap());
                        let told = (message.partition, message.offset, message.error);
                        ledger.report(self.id, number, message.opaque, told);
                    }
                }
                Event::Error(error) if error.fatal => self.stage = Stage::Fatal,
                _ => {}
            }
        }
        while let Some((id, result)) = mailbox.replies.pop_front() {
            if self.asked == Some(id) {
                self.asked = None;
                self.answered(result, mailbox, ledger);
            }
        }
    }

    fn answered(
        &mut self,
        result: Result<CallReply, ErrorCode>,
        mailbox: &mut Mailbox,
        ledger: &mut Ledger,
    ) {
        let result = match result {
            Ok(CallReply::Transaction(result)) => result,
            Ok(other) => panic!("a transaction is not answered by {other:?}"),
            Err(code) => Err(TransactionError::retriable(code, "no answer")),
        };
        match result {
            Ok(()) => self.advance(mailbox, ledger),
            Err(error) if error.is_fatal => self.stage = Stage::Fatal,
            Err(error) if error.requires_abort => self.stage = Stage::Ending(false),
            Err(error) if error.is_retriable => {}
            Err(error) => panic!("{:?} was not to fail: {error:?}", self.stage),
        }
    }

    fn advance(&mut self, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        let acknowledge = |mailbox: &mut Mailbox| {
            let command = ProducerCommand::TransactionAcknowledged;
            mailbox.out.push(Input::Command(Command::Producer(command)));
        };
        self.stage = match self.stage {
            Stage::Init => {
                acknowledge(mailbox);
                Stage::Begin
            }
            Stage::Begin => {
                ledger.transactions.push(Outcome::Unknown);
                self.transaction = Some(ledger.transactions.len() - 1);
                Stage::Inside(self.rng.u32(0..=12).min(self.left))
            }
            Stage::Ending(commits) => Stage::Flushing(commits),
            Stage::Flushing(commits) => {
                acknowledge(mailbox);
                if let Some(transaction) = self.transaction.take() {
                    ledger.transactions[transaction] = if commits {
                        Outcome::Committed
                    } else {
                        Outcome::Aborted
                    };
                }
                // An empty transaction would go on for ever.
                self.left = self.left.saturating_sub(1);
                Stage::Begin
            }
            stage => stage,
        };
    }

    fn produce(&mut self, count: u32, mailbox: &mut Mailbox, ledger: &mut Ledger) {
        for _ in 0..count {
            self.left = self.left.saturating_sub(1);
            let (topic, partitions) = pick(&mut self.rng, &self.topics).clone();
            let is_keyed = self.rng.bool();
            let partition = if is_keyed {
                -1
            } else {
                self.rng.i32(0..partitions)
            };
            let key = is_keyed.then(|| format!("k{}", self.rng.u8(0..5)));
            let number = ledger.produce(Produced {
                peer: self.id.0,
                life: self.id.1,
                topic: topic.clone(),
                is_ordered: self.plan.is_ordered,
                is_idempotent: self.plan.kind != ProducerKind::Plain,
                has_acks: self.plan.has_acks,
                transaction: self.transaction,
                report: None,
                is_orphan: false,
            });
            let padding = "x".repeat(self.rng.usize(0..200));
            let payload = format!("{number}:{padding}");
            let placed = self.place(
                &topic,
                partition,
                key.as_deref(),
                (&payload, number),
                mailbox,
            );
            if let Err(code) = placed {
                // As an exception of produce() would: that is all there is to hear of it.
                ledger.report(self.id, number, number + 1, (partition, -1001, code));
            }
        }
    }

    fn place(
        &mut self,
        topic: &str,
        partition: i32,
        key: Option<&str>,
        (payload, number): (&str, u64),
        mailbox: &mut Mailbox,
    ) -> Result<(), ErrorCode> {
        let command = |command| Input::Command(Command::Producer(command));
        if !self.appenders.contains_key(topic) {
            let conf = self.conf.topic_config(None).unwrap();
            let shared = Arc::new(TopicShared::new(topic.into(), conf));
            let chooser = Chooser::new(shared.conf.partitioner, None, self.rng.u64(..));
            let limits = batch_limits(&self.conf);
            let appender = Appender::new(Arc::clone(&shared), limits, chooser);
            self.appenders.insert(topic.to_owned(), appender);
            mailbox
                .out
                .push(command(ProducerCommand::TopicAdded(shared)));
        }
        let record = NewRecord {
            key: key.map(str::as_bytes),
            payload: Some(payload.as_bytes()),
            headers: &[],
            timestamp_ms: mailbox.unix_ms,
            opaque: number + 1,
        };
        self.gauge.admit(record.queue_bytes())?;
        let appender = self.appenders.get_mut(topic).unwrap();
        let now = mailbox.now;
        let placed = match appender.place(partition, &record, mailbox.unix_ms, || now) {
            Ok(Placed::Quietly) => return Ok(()),
            Ok(Placed::Opened(slot)) => ProducerCommand::Opened(slot),
            Ok(Placed::Filled(slot)) => ProducerCommand::Filled(slot),
            Ok(Placed::Waiting) => ProducerCommand::Waiting(Arc::clone(appender.topic())),
            Err(code) => {
                self.gauge.release(1, record.queue_bytes());
                return Err(code);
            }
        };
        mailbox.out.push(command(placed));
        Ok(())
    }
}
