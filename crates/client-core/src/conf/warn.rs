//! What a client says in its log about its configuration when it starts.

use rdkafka_conf::{Property, Side};

use super::client_config::{ClientConfig, ClientKind, ConfWarning};
use super::global as g;
use super::settings::Conf;

const WARNING: u8 = 4;
const NOTICE: u8 = 5;

fn line(level: u8, text: impl Into<String>) -> ConfWarning {
    ConfWarning {
        level,
        facility: "CONFWARN",
        text: text.into(),
    }
}

/// Every warning about `conf` and what it came to.
pub(super) fn warnings(conf: &Conf, config: &ClientConfig) -> Vec<ConfWarning> {
    let mut warnings = Vec::new();
    for row in conf.values.rows_set() {
        about_row(config.kind, row, &mut warnings);
    }
    for row in conf
        .default_topic
        .iter()
        .flat_map(|topic| topic.values.rows_set())
    {
        about_row(config.kind, row, &mut warnings);
    }
    if conf.default_topic_overwritten {
        warnings.push(line(
            WARNING,
            "Topic configuration properties set in the global configuration were overwritten by \
             explicitly setting a default_topic_conf: recommend not using set_default_topic_conf",
        ));
    }
    about_back_offs(conf, config, &mut warnings);
    about_sasl(conf, config, &mut warnings);
    if config.mock_brokers > 0 {
        let text = "Mock cluster enabled: original bootstrap.servers and security.protocol ignored and \
                    replaced by the embedded broker";
        warnings.push(ConfWarning {
            level: NOTICE,
            facility: "MOCK",
            text: text.into(),
        });
    } else if config.bootstrap_servers.is_empty() {
        warnings.push(line(
            NOTICE,
            "No `bootstrap.servers` configured: client will not be able to connect to Kafka cluster",
        ));
    }
    warnings
}

/// A property that has outlived its use, or is of the other kind of client.
fn about_row(kind: ClientKind, row: &Property, warnings: &mut Vec<ConfWarning>) {
    let (name, doc) = (row.name, row.doc);
    let what = match (row.is_deprecated, row.is_experimental) {
        (true, true) => Some("deprecated and experimental"),
        (true, false) => Some("deprecated"),
        (false, true) => Some("experimental"),
        (false, false) => None,
    };
    if let Some(what) = what {
        warnings.push(line(
            WARNING,
            format!("Configuration property {name} is {what}: {doc}"),
        ));
    }
    let other = match (kind, row.side) {
        (ClientKind::Producer, Side::Consumer) => ClientKind::Consumer,
        (ClientKind::Consumer, Side::Producer) => ClientKind::Producer,
        _ => return,
    };
    let text = format!(
        "Configuration property {name} is a {} property and will be ignored by this {} instance",
        other.name(),
        kind.name(),
    );
    warnings.push(line(WARNING, text));
}

fn about_back_offs(conf: &Conf, config: &ClientConfig, warnings: &mut Vec<ConfWarning>) {
    let most = config.retry_backoff_max_ms;
    let fast_key = g::TOPIC_METADATA_REFRESH_FAST_INTERVAL_MS;
    let fast = config.metadata.refresh_fast_interval_ms;
    let capped = |name: &str, value: u32| {
        format!(
            "Configuration `{name}` with value {value} is greater than configuration \
             `retry.backoff.max.ms` with value {most}. A static backoff with value \
             `retry.backoff.max.ms` will be applied."
        )
    };
    if config.retry_backoff_ms > most {
        warnings.push(line(
            WARNING,
            capped("retry.backoff.ms", config.retry_backoff_ms),
        ));
    }
    if conf.values.is_set(fast_key) && fast > most {
        warnings.push(line(
            WARNING,
            capped("topic.metadata.refresh.fast.interval.ms", fast),
        ));
    }
    let wait = config.consumer.fetch_wait_max_ms;
    let timeout = config.socket.timeout_ms;
    if config.kind == ClientKind::Consumer && wait.saturating_add(1000) > timeout {
        let text = format!(
            "Configuration property `fetch.wait.max.ms` ({wait}) should be set lower than \
             `socket.timeout.ms` ({timeout}) by at least 1000ms to avoid blocking and timing out \
             sub-sequent requests"
        );
        warnings.push(line(WARNING, text));
    }
}

fn about_sasl(conf: &Conf, config: &ClientConfig, warnings: &mut Vec<ConfWarning>) {
    let mechanism = &config.security.sasl.mechanism;
    if conf.values.is_set(g::SASL_MECHANISMS) && !config.security.protocol.uses_sasl() {
        let text = format!(
            "Configuration property `sasl.mechanism` set to `{mechanism}` but `security.protocol` is not \
             configured for SASL: recommend setting `security.protocol` to SASL_SSL or SASL_PLAINTEXT"
        );
        warnings.push(line(WARNING, text));
    }
    let has_user = mechanism.starts_with("SCRAM") || mechanism == "PLAIN";
    if conf.values.is_set(g::SASL_USERNAME) && !has_user {
        warnings.push(line(
            WARNING,
            "Configuration property `sasl.username` only applies when `sasl.mechanism` is set to PLAIN or \
             SCRAM-SHA-..",
        ));
    }
}
