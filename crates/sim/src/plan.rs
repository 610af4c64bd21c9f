//! What is drawn from a seed before anything happens: the cluster, the clients, their settings, the faults.
//!
//! Pure: the same seed draws the same plan.

use fastrand::Rng;

use crate::faults::{Fault, PowerPolicy};

/// A whole run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Names and numbers of partitions.
    pub(crate) topics: Vec<(String, i32)>,
    pub(crate) producers: Vec<ProducerPlan>,
    pub(crate) groups: Vec<GroupPlan>,
    /// The broker's properties.
    pub(crate) broker: Vec<(&'static str, String)>,
    pub(crate) power: PowerPolicy,
    /// Moments in microseconds, and what happens then.
    pub(crate) faults: Vec<(u64, Fault)>,
    /// Latency of the network, in microseconds: least and most.
    pub(crate) latency_us: (u64, u64),
    /// How long an fsync takes at most, in microseconds.
    pub(crate) disk_us: u64,
    /// How long a job takes at most, in microseconds; 0 for at once.
    pub(crate) job_us: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProducerKind {
    Plain,
    Idempotent,
    Transactional,
}

#[derive(Debug, Clone)]
pub(crate) struct ProducerPlan {
    pub(crate) kind: ProducerKind,
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Records to produce, or to produce in transactions.
    pub(crate) records: u32,
    /// Between two steps of the application at most, in microseconds.
    pub(crate) step_us: u64,
    /// Whether order within a partition is promised.
    pub(crate) is_ordered: bool,
    /// Whether acknowledgements are asked for.
    pub(crate) has_acks: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitBy {
    /// The client, by time.
    Itself,
    /// The application, waiting.
    Call,
    /// The application, not waiting.
    Command,
}

#[derive(Debug, Clone)]
pub(crate) struct GroupPlan {
    pub(crate) name: String,
    pub(crate) is_cooperative: bool,
    pub(crate) read_committed: bool,
    pub(crate) commit_by: CommitBy,
    /// Whether members seek; offsets may then go backwards.
    pub(crate) seeks: bool,
    pub(crate) has_callback: bool,
    /// Whether its members are static (KIP-345).
    pub(crate) is_static: bool,
    pub(crate) settings: Vec<(&'static str, String)>,
    pub(crate) members: u32,
    pub(crate) topics: Vec<String>,
    pub(crate) step_us: u64,
}

impl Plan {
    pub(crate) fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let rng = &mut rng;
        let topics: Vec<_> = (0..rng.u8(1..=2))
            .map(|number| (format!("t{number}"), rng.i32(1..=3)))
            .collect();
        let power = *pick(
            rng,
            &[
                PowerPolicy::NoneFails,
                PowerPolicy::Kills,
                PowerPolicy::Kills,
                PowerPolicy::CutsFlushed,
                PowerPolicy::CutsUnflushed,
            ],
        );
        let producers = (0..rng.u8(1..=3)).map(|_| producer(rng)).collect();
        let groups = (0..rng.u8(0..=2))
            .map(|number| group(rng, number, &topics))
            .collect();
        let mut plan = Self {
            broker: broker(rng, power),
            topics,
            producers,
            groups,
            power,
            faults: Vec::new(),
            latency_us: *pick(rng, &[(50, 200), (200, 5_000), (1_000, 80_000)]),
            disk_us: *pick(rng, &[100, 10_000, 300_000]),
            job_us: *pick(rng, &[0, 0, 2_000, 50_000]),
        };
        let until = rng.u64(5..=30) * 1_000_000;
        for _ in 0..rng.u8(0..=8) {
            let at = rng.u64(0..until);
            let fault = Fault::draw(rng, power);
            plan.faults.push((at, fault));
        }
        plan.faults.sort_by_key(|(at, _)| *at);
        plan
    }
}

pub(crate) fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(..from.len())]
}

fn producer(rng: &mut Rng) -> ProducerPlan {
    let kind = *pick(
        rng,
        &[
            ProducerKind::Plain,
            ProducerKind::Idempotent,
            ProducerKind::Transactional,
        ],
    );
    let mut settings = vec![
        ("linger.ms", pick(rng, &["0", "5", "100"]).to_string()),
        ("batch.num.messages", rng.u32(1..=20).to_string()),
        ("message.timeout.ms", (rng.u32(3..=30) * 1000).to_string()),
        ("socket.timeout.ms", (rng.u32(2..=8) * 1000).to_string()),
        ("retry.backoff.ms", rng.u32(10..=200).to_string()),
        ("reconnect.backoff.ms", rng.u32(10..=200).to_string()),
        ("reconnect.backoff.max.ms", "2000".to_owned()),
        (
            "compression.codec",
            pick(rng, &["none", "none", "lz4", "gzip"]).to_string(),
        ),
    ];
    let in_flight = rng.u32(1..=5);
    settings.push((
        "max.in.flight.requests.per.connection",
        in_flight.to_string(),
    ));
    let mut has_acks = true;
    match kind {
        ProducerKind::Plain => {
            let acks = *pick(rng, &["-1", "1", "0"]);
            has_acks = acks != "0";
            settings.push(("acks", acks.to_owned()));
        }
        ProducerKind::Idempotent => {
            settings.push(("enable.idempotence", "true".to_owned()));
        }
        ProducerKind::Transactional => {
            // No longer than a transaction may take, as the client demands.
            settings.push(("transaction.timeout.ms", "30000".to_owned()));
        }
    }
    ProducerPlan {
        kind,
        settings,
        records: rng.u32(5..=120),
        step_us: rng.u64(1..=60) * 5_000,
        is_ordered: kind != ProducerKind::Plain || (in_flight == 1 && has_acks),
        has_acks,
    }
}

fn group(rng: &mut Rng, number: u8, topics: &[(String, i32)]) -> GroupPlan {
    let is_next_gen = rng.u8(0..3) == 0;
    let strategy = *pick(rng, &["range", "roundrobin", "cooperative-sticky"]);
    let commit_by = *pick(rng, &[CommitBy::Itself, CommitBy::Call, CommitBy::Command]);
    let read_committed = rng.bool();
    let isolation = if read_committed {
        "read_committed"
    } else {
        "read_uncommitted"
    };
    let mut settings = vec![
        ("group.id", format!("g{number}")),
        ("auto.offset.reset", "earliest".to_owned()),
        ("isolation.level", isolation.to_owned()),
        (
            "enable.auto.commit",
            (commit_by == CommitBy::Itself).to_string(),
        ),
        ("auto.commit.interval.ms", rng.u32(100..=3000).to_string()),
        ("fetch.wait.max.ms", rng.u32(10..=800).to_string()),
        ("socket.timeout.ms", (rng.u32(2..=8) * 1000).to_string()),
        ("reconnect.backoff.ms", rng.u32(10..=200).to_string()),
        ("reconnect.backoff.max.ms", "2000".to_owned()),
        ("queued.min.messages", rng.u32(1..=1000).to_string()),
        ("check.crcs", "true".to_owned()),
    ];
    if is_next_gen {
        settings.push(("group.protocol", "consumer".to_owned()));
    } else {
        settings.push(("partition.assignment.strategy", strategy.to_owned()));
        let session = rng.u32(6..=10) * 1000;
        settings.push(("session.timeout.ms", session.to_string()));
        settings.push(("heartbeat.interval.ms", (session / 4).to_string()));
        settings.push(("max.poll.interval.ms", "60000".to_owned()));
    }
    let mut subscribed: Vec<_> = topics.iter().map(|(name, _)| name.clone()).collect();
    if rng.u8(0..4) == 0 {
        subscribed.truncate(1);
    }
    GroupPlan {
        name: format!("g{number}"),
        is_cooperative: is_next_gen || strategy == "cooperative-sticky",
        read_committed,
        commit_by,
        seeks: rng.u8(0..5) == 0,
        has_callback: rng.u8(0..4) > 0,
        is_static: rng.u8(0..4) == 0,
        settings,
        members: rng.u32(1..=3),
        topics: subscribed,
        step_us: rng.u64(1..=40) * 5_000,
    }
}

fn broker(rng: &mut Rng, power: PowerPolicy) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("offsets.topic.num.partitions", "2".to_owned()),
        ("transaction.state.log.num.partitions", "2".to_owned()),
        ("group.min.session.timeout.ms", "1000".to_owned()),
        (
            "group.initial.rebalance.delay.ms",
            pick(rng, &["0", "500"]).to_string(),
        ),
        ("group.consumer.min.session.timeout.ms", "1000".to_owned()),
        (
            "group.consumer.session.timeout.ms",
            (rng.u32(6..=12) * 1000).to_string(),
        ),
        ("group.consumer.min.heartbeat.interval.ms", "500".to_owned()),
        (
            "group.consumer.heartbeat.interval.ms",
            rng.u32(500..=3000).to_string(),
        ),
        // Groups and transactions are kept in logs that are compacted meanwhile.
        (
            "offsets.topic.segment.bytes",
            pick(rng, &["1500", "1000000"]).to_string(),
        ),
        (
            "transaction.state.log.segment.bytes",
            pick(rng, &["1500", "1000000"]).to_string(),
        ),
        ("log.cleaner.backoff.ms", "1000".to_owned()),
        (
            "log.cleaner.min.cleanable.ratio",
            pick(rng, &["0.01", "0.5"]).to_string(),
        ),
        (
            "log.segment.bytes",
            pick(rng, &["700", "5000", "1000000"]).to_string(),
        ),
    ];
    if power == PowerPolicy::CutsFlushed {
        properties.push(("log.flush.interval.messages", "1".to_owned()));
    }
    properties
}
