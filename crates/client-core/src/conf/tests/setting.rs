//! Setting, getting and dumping, with librdkafka's outcomes and words.

use crate::conf::{Callback, ClientKind, Conf, ConfErrorKind, TopicConf};
use crate::producer::partitioner::Partitioner;

fn set(name: &str, value: &str) -> Result<Option<String>, String> {
    let mut conf = Conf::new();
    conf.set(name, value).map_err(|error| error.text)?;
    Ok(conf.get(name))
}

fn accepted(name: &str, value: &str) -> String {
    set(name, value).unwrap().unwrap()
}

fn refused(name: &str, value: &str) -> String {
    set(name, value).unwrap_err()
}

#[test]
fn a_dump_of_nothing_set_is_librdkafkas() {
    let masked = |dump: Vec<(&'static str, String)>, scope: &str| {
        let mask = |value: String| {
            if value.starts_with("0x") {
                "*".into()
            } else {
                value
            }
        };
        let line = |(name, value)| format!("{scope} {name}={}", mask(value));
        dump.into_iter().map(line).collect::<Vec<_>>()
    };
    let mut dump = masked(Conf::new().dump(), "global");
    dump.extend(masked(TopicConf::new().dump(), "topic"));
    let expected = include_str!("defaults.txt")
        .lines()
        .skip(1)
        .collect::<Vec<_>>();
    assert_eq!(dump, expected);
}

#[test]
fn booleans_are_true_false_their_first_letters_and_one_and_zero() {
    for value in ["true", "TRUE", "t", "T", "1"] {
        assert_eq!(accepted("enable.idempotence", value), "true", "{value}");
    }
    for value in ["false", "False", "f", "0"] {
        assert_eq!(accepted("enable.idempotence", value), "false", "{value}");
    }
    for value in ["yes", "on", "2", " true", "true "] {
        assert_eq!(
            refused("enable.idempotence", value),
            "Expected bool value for \"enable.idempotence\": true or false",
            "{value}"
        );
    }
    assert_eq!(
        refused("enable.idempotence", ""),
        "Bool configuration property \"enable.idempotence\" cannot be set to empty value"
    );
}

#[test]
fn whole_numbers_end_where_they_stop_making_sense() {
    for (value, expected) in [("10", "10"), (" 10ms", "10"), ("0x10", "16"), ("010", "8")] {
        assert_eq!(accepted("batch.size", value), expected, "{value}");
    }
    assert_eq!(
        refused("batch.size", "many"),
        "Invalid value for configuration property \"batch.size\""
    );
    assert_eq!(
        refused("batch.size", ""),
        "Integer configuration property \"batch.size\" cannot be set to empty value"
    );
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    assert_eq!(
        refused("log_level", "8"),
        "Configuration property \"log_level\" value 8 is outside allowed range 0..7\n"
    );
    assert_eq!(
        refused("linger.ms", "900001"),
        "Configuration property \"queue.buffering.max.ms\" value 900001 is outside allowed range \
         0..900000\n"
    );
}

#[test]
fn a_number_beyond_32_bits_never_becomes_another_number() {
    // C narrows this to 1, which would be in range.
    assert_eq!(
        refused("batch.size", "4294967297"),
        "Configuration property \"batch.size\" value 4294967297 is outside allowed range 1..2147483647\n"
    );
}

#[test]
fn linger_has_fractions() {
    assert_eq!(accepted("linger.ms", "0.5"), "0.5");
    assert_eq!(accepted("queue.buffering.max.ms", "1e3"), "1000");
    assert!(set("linger.ms", "nan").is_err());
}

#[test]
fn acks_can_be_all() {
    assert_eq!(accepted("acks", "all"), "-1");
    assert_eq!(accepted("acks", "1"), "1");
    assert_eq!(
        refused("acks", "most"),
        "Invalid value for configuration property \"request.required.acks\""
    );
}

#[test]
fn choices_are_taken_in_any_case_and_show_their_first_name() {
    assert_eq!(accepted("auto.offset.reset", "Earliest"), "smallest");
    assert_eq!(accepted("auto.offset.reset", " latest"), "largest");
    assert_eq!(accepted("security.protocol", "SASL_SSL"), "sasl_ssl");
    assert_eq!(
        refused("compression.type", "brotli"),
        "Invalid value \"brotli\" for configuration property \"compression.codec\""
    );
    assert_eq!(
        refused("compression.codec", ""),
        "Configuration property \"compression.codec\" cannot be set to empty value"
    );
}

#[test]
fn debug_contexts_add_up() {
    let mut conf = Conf::new();
    conf.set("debug", "broker, topic").unwrap();
    conf.set("debug", "+msg,-broker").unwrap();
    assert_eq!(conf.get("debug").unwrap(), "topic,msg");
    let error = conf.set("debug", "cgrp,nonsense").unwrap_err();
    assert_eq!(
        error.text,
        "Invalid value \"nonsense\" for configuration property \"debug\""
    );
    assert_eq!(conf.get("debug").unwrap(), "topic,msg,cgrp");
}

#[test]
fn texts_lose_leading_white_space_and_nothing_means_the_default() {
    assert_eq!(accepted("client.id", "  me "), "me ");
    assert_eq!(accepted("client.id", ""), "rdkafka");
    assert_eq!(accepted("client.id", "  "), "");
    assert_eq!(accepted("client.rack", " r"), " r");
    assert_eq!(set("group.id", ""), Ok(None));
}

#[test]
fn checked_texts_say_what_they_refuse() {
    assert_eq!(
        refused("sasl.mechanism", "PLAIN,GSSAPI"),
        "Invalid value for configuration property \"sasl.mechanisms\": PLAIN,GSSAPI"
    );
    assert_eq!(
        refused("partitioner", ""),
        "Invalid value for configuration property \"partitioner\": (null)"
    );
    assert_eq!(
        refused("broker.version.fallback", "0.7.1"),
        "Invalid value for configuration property \"broker.version.fallback\": 0.7.1"
    );
}

#[test]
fn what_only_code_can_set_is_refused() {
    assert_eq!(
        refused("dr_msg_cb", "x"),
        "Property \"dr_msg_cb\" must be set through dedicated .._set_..() function"
    );
    assert_eq!(
        refused("interceptors", "x"),
        "Internal property \"interceptors\" not settable"
    );
    assert_eq!(
        refused("ssl.ca.certificate.stores", "Root"),
        "Configuration property \"ssl.ca.certificate.stores\" not supported in this build: configuration \
         only valid on Windows"
    );
    assert!(
        refused("ssl.truststore.location", "x").starts_with("Java TrustStores are not supported")
    );
}

#[test]
fn an_unknown_name_is_refused_with_the_one_that_was_meant() {
    let error = Conf::new().set("bootstrap.server", "x").unwrap_err();
    assert_eq!(error.kind, ConfErrorKind::Unknown);
    assert_eq!(error.code(), -2);
    assert_eq!(
        error.text,
        "No such configuration property: \"bootstrap.server\" (did you mean \"bootstrap.servers\"?)"
    );
    assert_eq!(
        refused("no.such.thing", "x"),
        "No such configuration property: \"no.such.thing\""
    );
    let error = TopicConf::new().set("topic.partitoner", "x").unwrap_err();
    assert_eq!(
        error.text,
        "No such configuration property: \"partitoner\" (did you mean \"partitioner\"?)"
    );
}

#[test]
fn topic_properties_can_be_set_on_the_global_configuration() {
    let mut conf = Conf::new();
    assert!(conf.default_topic_conf().is_none());
    conf.set("topic.acks", "1").unwrap();
    conf.set("auto.offset.reset", "earliest").unwrap();
    let topic = conf.default_topic_conf().unwrap();
    assert_eq!(topic.get("acks").as_deref(), Some("1"));
    assert_eq!(conf.get("auto.offset.reset").as_deref(), Some("smallest"));
    assert!(
        conf.dump()
            .iter()
            .any(|(name, _)| *name == "default_topic_conf")
    );
}

#[test]
fn a_default_topic_configuration_replaces_what_was_set_before() {
    let mut conf = Conf::new();
    conf.set("acks", "1").unwrap();
    conf.set_default_topic_conf(TopicConf::new());
    assert_eq!(conf.get("acks").as_deref(), Some("-1"));
}

#[test]
fn callbacks_show_as_addresses() {
    let mut conf = Conf::new();
    let shown = |conf: &Conf| {
        conf.dump()
            .into_iter()
            .find(|(name, _)| *name == "dr_msg_cb")
    };
    assert_eq!(shown(&conf), None);
    conf.set_callback(Callback::DeliveryMessage, true);
    assert!(shown(&conf).unwrap().1.starts_with("0x"));
    conf.set_callback(Callback::DeliveryMessage, false);
    assert_eq!(shown(&conf), None);
}

#[test]
fn a_partitioner_set_by_code_shows_as_an_address() {
    let mut topic = TopicConf::new();
    topic.set_partitioner(Partitioner::Murmur2);
    assert!(topic.get("partitioner_cb").unwrap().starts_with("0x"));
    assert_eq!(
        topic.get("partitioner").as_deref(),
        Some("consistent_random")
    );
}

#[test]
fn secrets_are_not_shown_in_logs() {
    let mut conf = Conf::new();
    conf.set("sasl.password", "hunter2").unwrap();
    conf.set("client.id", "me").unwrap();
    let expected = [
        ("client.id", "me".to_owned()),
        ("sasl.password", "[redacted]".to_owned()),
    ];
    assert_eq!(conf.dump_set_redacted(), expected);
    assert!(!format!("{conf:?}").contains("hunter2"));
    assert_eq!(conf.get("sasl.password").as_deref(), Some("hunter2"));
}

#[test]
fn no_text_makes_setting_resolving_or_dumping_panic() {
    const PIECES: [&str; 24] = [
        "",
        " ",
        ",",
        ".",
        "-",
        "+",
        "0x",
        "1",
        "99999999999999999999",
        "e",
        "é",
        "\u{0}",
        "[",
        "(",
        "\\",
        ":",
        "://",
        "true",
        "all",
        "range",
        "%",
        "nan",
        "p",
        "]",
    ];
    let mut rng = fastrand::Rng::with_seed(42);
    for round in 0..200 {
        let mut conf = Conf::new();
        for row in crate::conf::global::GLOBAL
            .rows
            .iter()
            .chain(crate::conf::topic::TOPIC.rows)
        {
            let pieces = (0..rng.usize(0..6)).map(|_| PIECES[rng.usize(0..PIECES.len())]);
            let value: String = pieces.collect();
            // Set few properties a round, or nothing ever resolves.
            if rng.u32(0..20) == 0 {
                let _ = conf.set(row.name, &value);
            }
        }
        let kind = if round % 2 == 0 {
            ClientKind::Producer
        } else {
            ClientKind::Consumer
        };
        let _ = conf.resolve(kind);
        let _ = (conf.dump(), conf.dump_set_redacted());
    }
}
