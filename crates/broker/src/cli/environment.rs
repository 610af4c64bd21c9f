//! Settings from environment variables, as the images people know have them.
//!
//! `KAFKA_LOG_RETENTION_HOURS` (apache/kafka, Confluent) and `KAFKA_CFG_LOG_RETENTION_HOURS` (Bitnami) are
//! `log.retention.hours`: after the prefix, `___` is a dash, `__` an underscore and `_` a dot. Variables that belong to
//! those images' scripts and to Java are left alone.

/// A setting of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) variable: String,
    pub(super) property: String,
    pub(super) value: String,
}

/// The settings among variables, by name of the variable, so that their order is always the same.
pub(super) fn settings(variables: impl Iterator<Item = (String, String)>) -> Vec<Variable> {
    let mut settings: Vec<Variable> = variables
        .filter_map(|(variable, value)| {
            let property = property(&variable)?;
            Some(Variable {
                variable,
                property,
                value,
            })
        })
        .collect();
    // KAFKA_CFG_ comes after KAFKA_ADVERTISED_ and before KAFKA_LOG_: of both spellings of one property, KAFKA_CFG_ wins.
    settings.sort_by_key(|it| (it.variable.starts_with(BITNAMI), it.variable.clone()));
    settings
}

fn property(variable: &str) -> Option<String> {
    let rest = match variable.strip_prefix(BITNAMI) {
        Some(rest) => rest,
        None if NOT_SETTINGS.contains(&variable)
            || NOT_SETTINGS_PREFIXES
                .iter()
                .any(|it| variable.starts_with(it)) =>
        {
            return None;
        }
        None => variable.strip_prefix("KAFKA_")?,
    };
    let name = rest
        .replace("___", "-")
        .replace("__", "\u{0}")
        .replace('_', ".")
        .replace('\u{0}', "_");
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}

const BITNAMI: &str = "KAFKA_CFG_";

/// Variables of start scripts, of Java and of service links.
const NOT_SETTINGS: &[&str] = &[
    "KAFKA_BASE_DIR",
    "KAFKA_CERTS_DIR",
    "KAFKA_CLUSTER_ID",
    "KAFKA_CONF_DIR",
    "KAFKA_CONF_FILE",
    "KAFKA_DAEMON_GROUP",
    "KAFKA_DAEMON_USER",
    "KAFKA_DATA_DIR",
    "KAFKA_DEBUG",
    "KAFKA_ENABLE_KRAFT",
    "KAFKA_EXTRA_FLAGS",
    "KAFKA_GC_LOG_OPTS",
    "KAFKA_HEAP_OPTS",
    "KAFKA_HOME",
    "KAFKA_INITIAL_CONTROLLERS",
    "KAFKA_INTER_BROKER_PASSWORD",
    "KAFKA_INTER_BROKER_USER",
    "KAFKA_JMX_HOSTNAME",
    "KAFKA_JMX_OPTS",
    "KAFKA_JMX_PORT",
    "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_LOG4J_CMD_OPTS",
    "KAFKA_LOG4J_LOGGERS",
    "KAFKA_LOG4J_OPTS",
    "KAFKA_LOG4J_ROOT_LOGLEVEL",
    "KAFKA_LOGS_DIR",
    "KAFKA_MODE",
    "KAFKA_MOUNTED_CONF_DIR",
    "KAFKA_OPTS",
    "KAFKA_PORT",
    "KAFKA_SERVICE_HOST",
    "KAFKA_SERVICE_PORT",
    "KAFKA_TLS_CLIENT_AUTH",
    "KAFKA_TLS_TYPE",
    "KAFKA_TOOLS_LOG4J_LOGLEVEL",
    "KAFKA_USER",
    "KAFKA_VERSION",
    "KAFKA_VOLUME_DIR",
];

const NOT_SETTINGS_PREFIXES: &[&str] = &[
    "KAFKA_CERTIFICATE_",
    "KAFKA_CLIENT_",
    "KAFKA_CONTROLLER_PASSWORD",
    "KAFKA_CONTROLLER_USER",
    "KAFKA_KRAFT_",
    "KAFKA_PORT_",
    "KAFKA_REST_",
    "KAFKA_SCHEMA_REGISTRY_",
    "KAFKA_SERVICE_PORT_",
    "KAFKA_SKIP_",
    "KAFKA_TLS_TRUSTSTORE_",
    "KAFKA_ZOOKEEPER_",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let settings = settings(pairs).into_iter();
        settings.map(|it| (it.property, it.value)).collect()
    }

    #[test]
    fn names_are_those_of_the_images() {
        let read = read(&[
            ("KAFKA_LOG_RETENTION_HOURS", "1"),
            ("KAFKA_CFG_NUM_PARTITIONS", "2"),
            ("KAFKA_LISTENER_NAME_MY__LISTENER_SSL_KEYSTORE_TYPE", "PEM"),
            (
                "KAFKA_LISTENER_NAME_CLIENT_SCRAM___SHA___256_SASL_JAAS_CONFIG",
                "x",
            ),
            ("PATH", "/bin"),
        ]);
        let names: Vec<_> = read.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "listener.name.client.scram-sha-256.sasl.jaas.config",
                "listener.name.my_listener.ssl.keystore.type",
                "log.retention.hours",
                "num.partitions"
            ]
        );
    }

    #[test]
    fn variables_of_scripts_and_of_java_are_no_settings() {
        let pairs = [
            ("KAFKA_HEAP_OPTS", "-Xmx1G"),
            ("KAFKA_PORT", "tcp://10.0.0.1:9092"),
            ("KAFKA_PORT_9092_TCP", "tcp://10.0.0.1:9092"),
            ("KAFKA_KRAFT_CLUSTER_ID", "x"),
            ("KAFKA_", "x"),
        ];
        assert!(read(&pairs).is_empty());
    }

    #[test]
    fn of_two_spellings_of_one_property_the_bitnami_one_comes_last() {
        let read = read(&[("KAFKA_CFG_LOG_DIRS", "b"), ("KAFKA_LOG_DIRS", "a")]);
        assert_eq!(read.last().unwrap().1, "b");
    }
}
