//! Names of Kafka's broker configuration that mean nothing on one node, and those that cannot be honoured.
//!
//! Owns: the list of every name of Kafka 4.3's configuration that is no row of a table, each with the reason, and the names
//! older versions and other distributions have. A file that holds them starts this broker unchanged; only what would leave
//! the broker less protected than its owner believes is refused ([`REFUSED`]). Pure data.

/// A group of names with one reason.
pub(super) struct Group {
    pub(super) note: &'static str,
    pub(super) names: &'static [&'static str],
}

/// Why a name has no meaning here; `None` for names nobody knows.
pub(super) fn note(name: &str) -> Option<&'static str> {
    let listed = GROUPS
        .iter()
        .find(|group| group.names.contains(&name))
        .map(|group| group.note);
    let harmless = REFUSED.iter().find(|(it, ..)| *it == name);
    let listed = listed.or_else(|| harmless.map(|_| "It asks for nothing."));
    listed.or_else(|| {
        let older = OLDER.iter().find(|(prefix, _)| name.starts_with(prefix));
        older.map(|(_, note)| *note)
    })
}

/// What to do about a property that cannot be honoured; `None` if it can, or asks for nothing.
pub(super) fn refusal(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim();
    let (_, harmless, remedy) = REFUSED.iter().find(|(it, ..)| *it == name)?;
    (!value.is_empty() && !harmless.contains(&value)).then_some(*remedy)
}

/// Name, values that ask for nothing, and what to do.
pub(super) const REFUSED: &[(&str, &[&str], &str)] = &[
    (
        "principal.builder.class",
        &["org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder"],
        "it names a Java class; ssl.principal.mapping.rules can change principals here",
    ),
    (
        "create.topic.policy.class.name",
        &[],
        "it names a Java class, and topics would be created without its consent; remove the property to accept that",
    ),
    (
        "alter.config.policy.class.name",
        &[],
        "it names a Java class, and settings would be changed without its consent; remove the property to accept that",
    ),
    (
        "client.quota.callback.class",
        &[],
        "it names a Java class; remove the property to accept that",
    ),
    (
        "ssl.engine.factory.class",
        &[],
        "it names a Java class; the other ssl. properties configure TLS here",
    ),
    (
        "security.providers",
        &[],
        "it names Java classes; remove the property",
    ),
    (
        "config.providers",
        &[],
        "values are not looked up elsewhere; write them into the file, or set KAFKA_ environment variables",
    ),
    (
        "remote.log.storage.system.enable",
        &["false"],
        "there is no tiered storage; remove the property and size the disk for the retention",
    ),
];

/// Prefixes of names that older versions of Kafka, or other distributions, have.
const OLDER: &[(&str, &str)] = &[
    ("zookeeper.", "ZooKeeper is not needed."),
    ("control.plane.", "One node has no control plane."),
    ("confluent.", "It belongs to another distribution."),
    (
        "inter.broker.protocol.version",
        "One node speaks to no other.",
    ),
    (
        "log.message.format.version",
        "Records are stored in the current format.",
    ),
    (
        "log.message.downconversion.enable",
        "Old clients are always served.",
    ),
    (
        "log.message.timestamp.difference.max.ms",
        "log.message.timestamp.before.max.ms and .after.max.ms replaced it.",
    ),
    ("password.encoder.", "Passwords are not kept in ZooKeeper."),
    ("quota.", "Quotas are set for users and client ids."),
    ("alter.", "One node replicates nothing and elects nobody."),
    ("broker.id.generation.enable", "The id is node.id."),
    ("reserved.broker.max.id", "The id is node.id."),
    ("advertised.host.name", "advertised.listeners replaced it."),
    ("advertised.port", "advertised.listeners replaced it."),
    ("host.name", "listeners replaced it."),
    ("port", "listeners replaced it."),
    (
        "offsets.commit.required.acks",
        "One node replicates nothing and elects nobody.",
    ),
    (
        "transactional.id.",
        "One node replicates nothing and elects nobody.",
    ),
    (
        "controlled.shutdown.",
        "One node replicates nothing and elects nobody.",
    ),
    (
        "metrics.",
        "Metrics are not collected through Java's reporters.",
    ),
    (
        "auto.include.jmx.reporter",
        "Metrics are not collected through Java's reporters.",
    ),
    (
        "eligible.leader.replicas.",
        "One node replicates nothing and elects nobody.",
    ),
    (
        "group.coordinator.new.enable",
        "There is one group coordinator.",
    ),
];

/// Kafka's names, by the reason why they mean nothing here.
pub(super) const GROUPS: &[Group] = &[
    Group {
        note: "One node replicates nothing and elects nobody.",
        names: &[
            "add.partitions.to.txn.retry.backoff.max.ms",
            "add.partitions.to.txn.retry.backoff.ms",
            "alter.log.dirs.replication.quota.window.num",
            "alter.log.dirs.replication.quota.window.size.seconds",
            "auto.leader.rebalance.enable",
            "broker.heartbeat.interval.ms",
            "broker.session.timeout.ms",
            "controlled.shutdown.enable",
            "controller.performance.always.log.threshold.ms",
            "controller.performance.sample.period.ms",
            "controller.quorum.append.linger.ms",
            "controller.quorum.auto.join.enable",
            "controller.quorum.bootstrap.servers",
            "controller.quorum.election.backoff.max.ms",
            "controller.quorum.election.timeout.ms",
            "controller.quorum.fetch.max.bytes",
            "controller.quorum.fetch.snapshot.max.bytes",
            "controller.quorum.fetch.timeout.ms",
            "controller.quorum.request.timeout.ms",
            "controller.quorum.retry.backoff.ms",
            "controller.quorum.voters",
            "controller.socket.timeout.ms",
            "cordoned.log.dirs",
            "early.start.listeners",
            "follower.fetch.last.tiered.offset.enable",
            "initial.broker.registration.timeout.ms",
            "leader.imbalance.check.interval.seconds",
            "log.dir.failure.timeout.ms",
            "num.replica.alter.log.dirs.threads",
            "num.replica.fetchers",
            "offsets.commit.timeout.ms",
            "process.roles",
            "replica.fetch.backoff.ms",
            "replica.fetch.max.bytes",
            "replica.fetch.min.bytes",
            "replica.fetch.response.max.bytes",
            "replica.fetch.wait.max.ms",
            "replica.high.watermark.checkpoint.interval.ms",
            "replica.lag.time.max.ms",
            "replica.selector.class",
            "replica.socket.receive.buffer.bytes",
            "replica.socket.timeout.ms",
            "replication.quota.window.num",
            "replication.quota.window.size.seconds",
            "request.timeout.ms",
            "sasl.mechanism.controller.protocol",
            "sasl.mechanism.inter.broker.protocol",
            "security.inter.broker.protocol",
            "server.max.startup.time.ms",
            "socket.connection.setup.timeout.max.ms",
            "socket.connection.setup.timeout.ms",
            "transaction.state.log.min.isr",
            "unclean.leader.election.interval.ms",
        ],
    },
    Group {
        note: "Threads and buffers are sized by the broker itself.",
        names: &[
            "background.threads",
            "delete.records.purgatory.purge.interval.requests",
            "fetch.purgatory.purge.interval.requests",
            "group.coordinator.append.linger.ms",
            "group.coordinator.background.threads",
            "group.coordinator.cached.buffer.max.bytes",
            "group.coordinator.threads",
            "log.cleaner.io.buffer.load.factor",
            "log.cleaner.io.buffer.size",
            "log.cleaner.threads",
            "log.flush.offset.checkpoint.interval.ms",
            "log.flush.start.offset.checkpoint.interval.ms",
            "log.initial.task.delay.ms",
            "num.io.threads",
            "num.network.threads",
            "num.recovery.threads.per.data.dir",
            "offsets.load.buffer.size",
            "offsets.topic.compression.codec",
            "producer.id.expiration.check.interval.ms",
            "producer.purgatory.purge.interval.requests",
            "share.fetch.purgatory.purge.interval.requests",
            "socket.listen.backlog.size",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            "transaction.remove.expired.transaction.cleanup.interval.ms",
            "transaction.state.log.load.buffer.size",
        ],
    },
    Group {
        note: "Assignments (but those of streams groups) and regular expressions are worked out when something changes. The state of share groups is written at once, a snapshot each time, and its log compacted.",
        names: &[
            "group.consumer.assignment.interval.ms",
            "group.consumer.max.assignment.interval.ms",
            "group.consumer.min.assignment.interval.ms",
            "group.consumer.regex.refresh.interval.ms",
            "group.share.assignment.interval.ms",
            "group.share.assignors",
            "group.share.initialize.retry.interval.ms",
            "group.share.max.assignment.interval.ms",
            "group.share.min.assignment.interval.ms",
            "group.share.persister.class.name",
            "share.coordinator.append.linger.ms",
            "share.coordinator.cached.buffer.max.bytes",
            "share.coordinator.cold.partition.snapshot.interval.ms",
            "share.coordinator.load.buffer.size",
            "share.coordinator.snapshot.update.records.per.snapshot",
            "share.coordinator.state.topic.compression.codec",
            "share.coordinator.state.topic.min.isr",
            "share.coordinator.state.topic.prune.interval.ms",
            "share.coordinator.state.topic.replication.factor",
            "share.coordinator.threads",
            "share.coordinator.write.timeout.ms",
        ],
    },
    Group {
        note: "The cluster metadata is a log of this broker's own.",
        names: &[
            "internal.metadata.delete.delay.millis",
            "internal.metadata.log.segment.bytes",
            "internal.metadata.max.batch.size.in.bytes",
            "metadata.log.dir",
            "metadata.log.max.record.bytes.between.snapshots",
            "metadata.log.max.snapshot.interval.ms",
            "metadata.log.segment.bytes",
            "metadata.log.segment.ms",
            "metadata.max.idle.interval.ms",
            "metadata.max.retention.bytes",
            "metadata.max.retention.ms",
        ],
    },
    Group {
        note: "Metrics are not collected through Java's reporters.",
        names: &[
            "kafka.metrics.polling.interval.secs",
            "kafka.metrics.reporters",
            "metric.reporters",
            "metrics.num.samples",
            "metrics.recording.level",
            "metrics.sample.window.ms",
            "telemetry.max.bytes",
        ],
    },
    Group {
        note: "Tiered storage is not there; Kafka does not use these keys either unless it is switched on.",
        names: &[
            "log.local.retention.bytes",
            "log.local.retention.ms",
            "remote.fetch.max.wait.ms",
            "remote.list.offsets.request.timeout.ms",
            "remote.log.index.file.cache.total.size.bytes",
            "remote.log.index.file.cache.ttl.ms",
            "remote.log.manager.copier.thread.pool.size",
            "remote.log.manager.copy.max.bytes.per.second",
            "remote.log.manager.copy.quota.window.num",
            "remote.log.manager.copy.quota.window.size.seconds",
            "remote.log.manager.expiration.thread.pool.size",
            "remote.log.manager.fetch.max.bytes.per.second",
            "remote.log.manager.fetch.quota.window.num",
            "remote.log.manager.fetch.quota.window.size.seconds",
            "remote.log.manager.follower.thread.pool.size",
            "remote.log.manager.task.interval.ms",
            "remote.log.manager.task.retry.backoff.max.ms",
            "remote.log.manager.task.retry.backoff.ms",
            "remote.log.manager.task.retry.jitter",
            "remote.log.manager.thread.pool.size",
            "remote.log.metadata.custom.metadata.max.bytes",
            "remote.log.metadata.manager.class.name",
            "remote.log.metadata.manager.class.path",
            "remote.log.metadata.manager.impl.prefix",
            "remote.log.metadata.manager.listener.name",
            "remote.log.reader.max.pending.tasks",
            "remote.log.reader.threads",
            "remote.log.storage.manager.class.name",
            "remote.log.storage.manager.class.path",
            "remote.log.storage.manager.impl.prefix",
        ],
    },
    Group {
        note: "It belongs to Java's TLS and login machinery, or to Kafka as a client.",
        names: &[
            "sasl.client.callback.handler.class",
            "sasl.kerberos.kinit.cmd",
            "sasl.kerberos.min.time.before.relogin",
            "sasl.kerberos.principal.to.local.rules",
            "sasl.kerberos.service.name",
            "sasl.kerberos.ticket.renew.jitter",
            "sasl.kerberos.ticket.renew.window.factor",
            "sasl.login.callback.handler.class",
            "sasl.login.class",
            "sasl.login.connect.timeout.ms",
            "sasl.login.read.timeout.ms",
            "sasl.login.refresh.buffer.seconds",
            "sasl.login.refresh.min.period.seconds",
            "sasl.login.refresh.window.factor",
            "sasl.login.refresh.window.jitter",
            "sasl.login.retry.backoff.max.ms",
            "sasl.login.retry.backoff.ms",
            "sasl.oauthbearer.assertion.algorithm",
            "sasl.oauthbearer.assertion.claim.aud",
            "sasl.oauthbearer.assertion.claim.exp.seconds",
            "sasl.oauthbearer.assertion.claim.iss",
            "sasl.oauthbearer.assertion.claim.jti.include",
            "sasl.oauthbearer.assertion.claim.nbf.seconds",
            "sasl.oauthbearer.assertion.claim.sub",
            "sasl.oauthbearer.assertion.file",
            "sasl.oauthbearer.assertion.private.key.file",
            "sasl.oauthbearer.assertion.private.key.passphrase",
            "sasl.oauthbearer.assertion.template.file",
            "sasl.oauthbearer.client.credentials.client.id",
            "sasl.oauthbearer.client.credentials.client.secret",
            "sasl.oauthbearer.jwks.endpoint.refresh.ms",
            "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
            "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
            "sasl.oauthbearer.jwt.retriever.class",
            "sasl.oauthbearer.jwt.validator.class",
            "sasl.oauthbearer.scope",
            "sasl.oauthbearer.token.endpoint.url",
            "ssl.allow.dn.changes",
            "ssl.allow.san.changes",
            "ssl.endpoint.identification.algorithm",
            "ssl.keymanager.algorithm",
            "ssl.protocol",
            "ssl.provider",
            "ssl.secure.random.implementation",
            "ssl.trustmanager.algorithm",
        ],
    },
    Group {
        note: "Transactions are always verified; two-phase commit and unreleased versions are not offered.",
        names: &[
            "transaction.partition.verification.enable",
            "transaction.two.phase.commit.enable",
            "unstable.api.versions.enable",
            "unstable.feature.versions.enable",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_one_group() {
        let mut names: Vec<&str> = GROUPS
            .iter()
            .flat_map(|group| group.names)
            .copied()
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(GROUPS.iter().all(|group| group.note.ends_with('.')));
    }

    #[test]
    fn what_would_protect_is_refused_and_what_asks_for_nothing_is_not() {
        assert!(refusal("ssl.engine.factory.class", "org.example.Engine").is_some());
        assert_eq!(refusal("ssl.engine.factory.class", " "), None);
        assert_eq!(refusal("remote.log.storage.system.enable", "false"), None);
        assert!(refusal("remote.log.storage.system.enable", "true").is_some());
        assert_eq!(refusal("num.partitions", "1"), None);
    }

    #[test]
    fn names_nobody_knows_have_no_note() {
        assert_eq!(note("num.partitoins"), None);
        assert!(note("zookeeper.connect").is_some());
        assert!(note("num.io.threads").is_some());
    }
}
