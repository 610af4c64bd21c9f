//! Client properties by the Java client's names, as files for Kafka's tools have them.
//!
//! Owns the table of names that differ from librdkafka's, and of those that mean nothing outside Java. What is in
//! neither table goes to the client as it is.

use anyhow::{Context, Result, bail};

use crate::connect::note;

/// Java's name, ours.
const RENAMED: &[(&str, &str)] = &[
    ("fetch.max.wait.ms", "fetch.wait.max.ms"),
    ("max.request.size", "message.max.bytes"),
    ("send.buffer.bytes", "socket.send.buffer.bytes"),
    ("receive.buffer.bytes", "socket.receive.buffer.bytes"),
    ("ssl.truststore.location", "ssl.ca.location"),
    ("ssl.truststore.certificates", "ssl.ca.pem"),
    ("ssl.keystore.certificate.chain", "ssl.certificate.pem"),
    ("ssl.keystore.key", "ssl.key.pem"),
];

/// Names that only say how Java is to do it.
const MEANINGLESS: &[&str] = &[
    "key.serializer",
    "value.serializer",
    "key.deserializer",
    "value.deserializer",
    "max.poll.records",
    "max.block.ms",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "interceptor.classes",
    "buffer.memory",
    "request.timeout.ms",
    "default.api.timeout.ms",
    "partition.assignment.strategy",
    "partitioner.class",
    "ssl.truststore.type",
    "ssl.keystore.type",
    "ssl.truststore.password",
    "ssl.protocol",
    "ssl.enabled.protocols",
    "exclude.internal.topics",
    "include",
];

/// The properties with the names our client knows.
pub(crate) fn translate(properties: Vec<(String, String)>) -> Result<Vec<(String, String)>> {
    let mut ours = Vec::new();
    for (name, value) in properties {
        let value = value.trim().to_owned();
        if name == "sasl.jaas.config" {
            ours.extend(credentials(&value)?);
        } else if name == "ssl.keystore.location" {
            ours.extend(keystore(value));
        } else if name == "ssl.endpoint.identification.algorithm" && value.is_empty() {
            ours.push((name, "none".to_owned()));
        } else if let Some((_, our_name)) = RENAMED.iter().find(|(theirs, _)| *theirs == name) {
            ours.push(((*our_name).to_owned(), value));
        } else if MEANINGLESS.contains(&name.as_str()) {
            note(&format!(
                "the client property {name} has no meaning here and is left out"
            ));
        } else {
            ours.push((name, value));
        }
    }
    Ok(ours)
}

/// A PKCS#12 file stays a keystore, a PEM file is certificate and key in one.
fn keystore(location: String) -> Vec<(String, String)> {
    if [".p12", ".pfx"].iter().any(|end| location.ends_with(end)) {
        return vec![("ssl.keystore.location".to_owned(), location)];
    }
    vec![
        ("ssl.certificate.location".to_owned(), location.clone()),
        ("ssl.key.location".to_owned(), location),
    ]
}

/// User and password out of `...LoginModule required username="u" password="p";`.
fn credentials(jaas: &str) -> Result<Vec<(String, String)>> {
    let module = jaas.split_whitespace().next().unwrap_or_default();
    if module.ends_with("OAuthBearerLoginModule") {
        return Ok(Vec::new());
    }
    if !(module.ends_with("PlainLoginModule") || module.ends_with("ScramLoginModule")) {
        bail!(
            "sasl.jaas.config: {module} is not supported; use PlainLoginModule or ScramLoginModule"
        );
    }
    let option = |name: &str| {
        let start = jaas.find(&format!("{name}=\""))? + name.len() + 2;
        let rest = jaas.get(start..)?;
        rest.get(..rest.find('"')?).map(str::to_owned)
    };
    let user = option("username").context("sasl.jaas.config: username=\"...\" is missing")?;
    let password = option("password").context("sasl.jaas.config: password=\"...\" is missing")?;
    Ok(vec![
        ("sasl.username".to_owned(), user),
        ("sasl.password".to_owned(), password),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(name: &str, value: &str) -> Vec<(String, String)> {
        translate(vec![(name.to_owned(), value.to_owned())]).unwrap()
    }

    #[test]
    fn a_jaas_line_gives_user_and_password() {
        let jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"alice\" password=\"a;b=c\";";
        assert_eq!(
            translated("sasl.jaas.config", jaas),
            [
                ("sasl.username".to_owned(), "alice".to_owned()),
                ("sasl.password".to_owned(), "a;b=c".to_owned())
            ]
        );
    }

    #[test]
    fn a_login_module_we_have_not_is_refused_by_name() {
        let error = translate(vec![(
            "sasl.jaas.config".to_owned(),
            "com.sun.security.auth.module.Krb5LoginModule required;".to_owned(),
        )]);
        assert!(error.unwrap_err().to_string().contains("Krb5LoginModule"));
    }

    #[test]
    fn javas_names_become_ours_and_java_only_ones_go() {
        assert_eq!(
            translated("fetch.max.wait.ms", " 10 ")[0],
            ("fetch.wait.max.ms".to_owned(), "10".to_owned())
        );
        assert!(translated("key.serializer", "x").is_empty());
        assert_eq!(
            translated("acks", "all"),
            [("acks".to_owned(), "all".to_owned())]
        );
    }
}
