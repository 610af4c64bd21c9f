//! The client: any response to its core, and what members of a group, disks, token endpoints and users write.
//!
//! Laws: see `conversation`; besides, an assignor gives each partition of a topic to at most one member, and only to one
//! that wants the topic; a partitioner stays within the partitions; what a setting was set to can be set again.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroI32;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use rdkafka_client::fuzzing as shell;
use rdkafka_client_core::conf::{BrokerList, ClientKind, Conf, TopicConf};
use rdkafka_client_core::consumer::group::assignor::{Assignor, Member, Topic};
use rdkafka_client_core::fuzzing as core;
use rdkafka_client_core::io::BrokerId;
use rdkafka_client_core::producer::partitioner::{Partitioner, partition};
use rdkafka_wire::embedded::encode_subscription;
use rdkafka_wire::frame::decode_request_header;
use rdkafka_wire::messages::consumer_protocol::{ConsumerProtocolSubscription, TopicPartition};
use rdkafka_wire::{ApiKey, ErrorCode};

use crate::conversation::{CLIENTS, Conversation, Sent};
use crate::input::{Input, Seed};
use crate::node::Node;
use crate::target::{Budget, Target};

/// The table.
pub const TARGETS: &[Target] = &[
    Target {
        name: "client-responses",
        covers: "the response stream to every kind of client (producers, consumers of both protocols, SASL), each answer \
                 made of the input",
        run: responses,
        seeds: response_seeds,
        budget: TALK,
        input_bytes_max: 2048,
    },
    Target {
        name: "client-conversation",
        covers: "every kind of client with our broker core, some of whose answers and requests are damaged on the way",
        run: conversation,
        seeds: conversation_seeds,
        budget: TALK,
        input_bytes_max: 512,
    },
    Target {
        name: "group-assignment",
        covers: "what members of a classic group told the leader (subscriptions, cooperative-sticky user data), dealt by \
                 each assignor; and assignments",
        run: assignment,
        seeds: assignment_seeds,
        budget: SMALL,
        input_bytes_max: 1024,
    },
    Target {
        name: "client-settings",
        covers: "names and values of client and topic properties, lists of brokers, patterns of topics",
        run: settings,
        seeds: setting_seeds,
        // A pattern may become ten megabytes of automaton.
        budget: Budget {
            bytes: 64 << 20,
            per_input_byte: 4096,
        },
        input_bytes_max: 1024,
    },
    Target {
        name: "partitioners",
        covers: "keys of records, as each partitioner hashes them",
        run: partitioners,
        seeds: || {
            vec![
                vec![0, 0, 5],
                b"\x01\0\x03key".to_vec(),
                b"\x05\x01\0longer key".to_vec(),
            ]
        },
        budget: SMALL,
        input_bytes_max: 256,
    },
    Target {
        name: "client-files",
        covers: "offset files, PEM of certificates and keys, subjects of certificates, answers and URLs of token endpoints",
        run: files,
        seeds: file_seeds,
        budget: Budget {
            bytes: 8 << 20,
            per_input_byte: 1024,
        },
        input_bytes_max: 2048,
    },
];

const TALK: Budget = Budget {
    bytes: 192 << 20,
    per_input_byte: 4096,
};

const SMALL: Budget = Budget {
    bytes: 1 << 20,
    per_input_byte: 4096,
};

/// Which client, then for each request it sends: how to answer, with what.
fn responses(input: &[u8]) {
    let mut input = Input::new(input);
    let mut client = Conversation::start(input.byte());
    while !input.is_empty() {
        let how = input.byte();
        if how & 0xf0 == 0xf0 {
            client.act(how);
            continue;
        }
        let Some(sent) = client.sent.pop_front() else {
            client.pass(Duration::from_secs(5));
            continue;
        };
        if let Some(id) = sent.notify {
            client.written(sent.connection, id);
            continue;
        }
        match how & 0x0f {
            0 => client.disconnect(sent.connection),
            // Bytes that have nothing to do with the question.
            1 => client.answer(sent.connection, Bytes::copy_from_slice(input.piece())),
            _ => {
                let answer = headed(&sent, input.piece());
                client.answer(sent.connection, answer);
            }
        }
        for closed in std::mem::take(&mut client.closed) {
            client.sent.retain(|it| it.connection != closed);
        }
    }
    client.pass(Duration::from_secs(5));
}

/// An answer whose header is right.
fn headed(sent: &Sent, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    // Tokens of SASL go without a header where they have to.
    if let Ok((header, _)) = decode_request_header(sent.frame.clone()) {
        frame.put_i32(header.correlation_id);
        let key = ApiKey::from_code(header.request_api_key);
        if key.is_some_and(|key| key.response_header_version(header.request_api_version) > 0) {
            frame.put_u8(0);
        }
    }
    frame.put_slice(body);
    frame.freeze()
}

/// What honest brokers answered: each becomes an input.
fn response_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for kind in 0..CLIENTS.len() as u8 {
        let mut seed = Seed::new().byte(kind);
        talk(kind, &mut Input::new(&[]), |what| {
            seed = match what {
                Said::Answer(answer) => {
                    let body = answer.get(4..).unwrap_or_default();
                    seed.clone().byte(2).piece(body)
                }
                Said::Act(what) => seed.clone().byte(0xf0 | what),
            };
            seed.clone().done().len() < 1800
        });
        seeds.push(seed.done());
    }
    seeds
}

/// What happens in a conversation.
enum Said<'a> {
    /// The broker answered.
    Answer(&'a [u8]),
    /// The application did something.
    Act(u8),
}

/// Which client, then what is damaged: how many frames pass before, where, how.
fn conversation(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.byte();
    talk(kind, &mut input, |_| true);
}

/// Frames that pass in one conversation, at most.
const FRAMES_MAX: usize = 120;

fn talk(kind: u8, input: &mut Input<'_>, mut listens: impl FnMut(Said<'_>) -> bool) {
    thread_local! {
        static DISK: rdkafka_log::fs::Memory = Node::furnished();
    }
    let fs = DISK.with(rdkafka_log::fs::Memory::kill);
    let mut node = Node::open(&fs).unwrap_or_else(|error| panic!("{error}"));
    let mut client = Conversation::start(kind);
    let mut damage = Damage::read(input);
    let mut act = 0;
    for _ in 0..FRAMES_MAX {
        let Some(mut sent) = client.sent.pop_front() else {
            // Both wait: the application does something, or time passes.
            act += 1;
            if act % 3 != 0 {
                client.act(act);
                if !listens(Said::Act(act & 0x0f)) {
                    return;
                }
            }
            let rest = [client.rest(), node.rest()].into_iter().flatten().min();
            let rest = rest
                .unwrap_or(Duration::from_secs(1))
                .max(Duration::from_millis(1));
            let rest = rest.min(Duration::from_secs(5));
            node.pass(rest);
            client.pass(rest);
            deliver(&mut node, &mut client, &mut damage, input, &mut listens);
            continue;
        };
        sent.frame = damage.frame(sent.frame, input);
        let is_open = node.frame(sent.connection.0.into(), sent.frame);
        if let Some(id) = sent.notify {
            client.written(sent.connection, id);
        }
        if !deliver(&mut node, &mut client, &mut damage, input, &mut listens) {
            return;
        }
        if !is_open {
            client.disconnect(sent.connection);
        }
        for closed in std::mem::take(&mut client.closed) {
            client.sent.retain(|it| it.connection != closed);
            node.close(closed.0.into());
        }
    }
}

/// Carries answers over; whether anybody still listens.
fn deliver(
    node: &mut Node,
    client: &mut Conversation,
    damage: &mut Damage,
    input: &mut Input<'_>,
    listens: &mut impl FnMut(Said<'_>) -> bool,
) -> bool {
    let mut is_heard = true;
    for answer in std::mem::take(&mut node.answers) {
        is_heard = listens(Said::Answer(&answer.frame));
        let frame = damage.frame(answer.frame, input);
        let connection = u32::try_from(answer.connection).unwrap_or(0);
        client.answer(BrokerId(connection), frame);
    }
    is_heard
}

/// The next change of a frame.
struct Damage {
    frames_before: u8,
    is_over: bool,
}

impl Damage {
    fn read(input: &mut Input<'_>) -> Self {
        Self {
            is_over: input.is_empty(),
            frames_before: input.byte() % 64,
        }
    }

    fn frame(&mut self, frame: Bytes, input: &mut Input<'_>) -> Bytes {
        if self.is_over {
            return frame;
        }
        if self.frames_before > 0 {
            self.frames_before -= 1;
            return frame;
        }
        let (what, at) = (input.byte(), usize::from(input.short()));
        let mut bytes = frame.to_vec();
        let at = at % (bytes.len() + 1);
        let piece = input.piece();
        match what % 6 {
            0 => bytes.truncate(at),
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= (what / 6).max(1);
                }
            }
            2 => drop(bytes.splice(at..at, piece.iter().copied())),
            3 => {
                let end = (at + piece.len()).min(bytes.len());
                bytes.splice(at..end, piece.iter().copied());
            }
            // An error code, where there is one as often as not.
            4 => {
                let rows = ErrorCode::table();
                let place = rows.len() / 2 + usize::from(what / 6) * 2;
                let code = rows[place % rows.len()].code.code().to_be_bytes();
                if let Some(room) = bytes.get_mut(at..at + 2) {
                    room.copy_from_slice(&code);
                }
            }
            _ => {
                let end = (at + piece.len().max(1)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
        *self = Self::read(input);
        bytes.into()
    }
}

fn conversation_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for kind in 0..CLIENTS.len() as u8 {
        seeds.push(vec![kind]);
        for what in 0..6 {
            for frames in [1, 3, 7, 12] {
                let seed = Seed::new().byte(kind).byte(frames).byte(what + 36);
                seeds.push(seed.short(12).piece(b"\0\0").done());
            }
        }
    }
    seeds
}

/// Topics and their partitions, then what each member told.
fn assignment(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    if how & 0x80 != 0 {
        if let Some(read) = core::assignment(Bytes::copy_from_slice(input.rest())) {
            assert_eq!(core::assignment(core::encode_assignment(&read)), Some(read));
        }
        return;
    }
    let topics: Vec<Topic> = (0..usize::from(how & 3) + 1)
        .map(|index| Topic {
            name: TOPICS[index].into(),
            partitions: vec![Vec::new(); usize::from(input.byte() % 16)],
        })
        .collect();
    let mut members = Vec::new();
    while !input.is_empty() && members.len() < 12 {
        let id = format!("m{}", members.len());
        members.extend(core::member(&id, Bytes::copy_from_slice(input.piece())));
    }
    for assignor in [
        Assignor::Range,
        Assignor::RoundRobin,
        Assignor::CooperativeSticky,
    ] {
        deal(assignor, &members, &topics);
    }
}

const TOPICS: [&str; 4] = ["a", "b", "c", "d"];

fn deal(assignor: Assignor, members: &[Member], topics: &[Topic]) {
    let dealt = assignor.assign(members, topics);
    assert_eq!(dealt.len(), members.len());
    let counts: BTreeMap<&str, usize> = topics
        .iter()
        .map(|topic| (&*topic.name, topic.partitions.len()))
        .collect();
    let mut owned = BTreeSet::new();
    for (member, share) in members.iter().zip(&dealt) {
        for (topic, partitions) in share {
            assert!(
                member.topics.contains(topic),
                "{assignor:?}: {topic:?} is not wanted"
            );
            for partition in partitions {
                let count = counts.get(&**topic).copied().unwrap_or(0);
                let exists = usize::try_from(*partition).is_ok_and(|it| it < count);
                assert!(exists, "{assignor:?}: there is no {topic:?}/{partition}");
                let is_new = owned.insert((topic, *partition));
                assert!(is_new, "{assignor:?}: {topic:?}/{partition} has two owners");
            }
        }
    }
}

fn assignment_seeds() -> Vec<Vec<u8>> {
    let subscription = |topics: &[&str], owned: &[i32], version| {
        let subscription = ConsumerProtocolSubscription {
            topics: topics.iter().map(|it| (*it).into()).collect(),
            user_data: Some(Bytes::from_static(
                b"\0\0\0\x01\0\x01a\0\0\0\x01\0\0\0\0\0\0\0\x07",
            )),
            owned_partitions: vec![TopicPartition {
                topic: "a".into(),
                partitions: owned.to_vec(),
            }],
            generation_id: 3,
            rack_id: Some("r".into()),
        };
        encode_subscription(&subscription, version)
    };
    let mut seeds = Vec::new();
    for version in 0..=3 {
        let seed = Seed::new().byte(1).byte(5).byte(3);
        let seed = seed.piece(&subscription(&["a", "b"], &[0, 1, 2], version));
        let seed = seed.piece(&subscription(&["a"], &[2, 3], version));
        seeds.push(seed.piece(&subscription(&["b"], &[], version)).done());
    }
    let share = BTreeMap::from([("a".into(), vec![0, 2])]);
    let share = core::encode_assignment(&share);
    seeds.push(Seed::new().byte(0x80).rest(&share).done());
    seeds
}

/// Lines `name=value`: properties by name, or the one with a number.
fn settings(input: &[u8]) {
    let mut input = Input::new(input);
    let how = input.byte();
    let text = input.text();
    match how % 4 {
        2 => {
            let _ = rdkafka_client_core::conf::TopicPatterns::parse(&text)
                .map(|it| it.matches("topic"));
            let _ = Assignor::parse_list(&text);
            return;
        }
        3 => {
            if let Ok(conf) = Conf::new().resolve(ClientKind::Producer) {
                let _ = BrokerList::parse(&text, conf.security.protocol);
            }
            return;
        }
        _ => {}
    }
    let mut conf = Conf::new();
    let mut topic = TopicConf::new();
    for line in text.split('\n').take(16) {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        if conf.set(name, value).is_ok()
            && let Some(kept) = conf.get(name)
        {
            let again = conf.set(name, &kept);
            assert!(
                again.is_ok(),
                "{name} was {kept:?}, and cannot be set so: {again:?}"
            );
            assert_eq!(conf.get(name), Some(kept));
        }
        let _ = topic.set(name, value);
    }
    let _ = (conf.dump(), conf.dump_set_redacted(), topic.dump());
    let kind = match how & 4 {
        0 => ClientKind::Producer,
        _ => ClientKind::Consumer,
    };
    if let Ok(resolved) = conf.resolve(kind) {
        let _ = resolved.topic_config(Some(&topic));
    }
}

fn setting_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    let rows = Conf::new().dump();
    for rows in rows.chunks(6) {
        let lines = rows.iter().map(|(name, value)| format!("{name}={value}"));
        let text = lines.collect::<Vec<_>>().join("\n");
        seeds.push([&[0], text.as_bytes()].concat());
        seeds.push([&[4], text.as_bytes()].concat());
    }
    for (how, text) in [
        (0, "compression.codec=zstd\nacks=all\nlinger.ms=1.5"),
        (
            0,
            "debug=broker,topic,msg\nsasl.mechanisms=PLAIN\nsecurity.protocol=sasl_ssl",
        ),
        (
            4,
            "group.id=g\nauto.offset.reset=smallest\ntopic.blacklist=^a.*,b",
        ),
        (2, "^a[0-9]+$,b,^c|d$"),
        (2, "range,roundrobin , cooperative-sticky"),
        (3, "PLAINTEXT://a:1,[::1]:9092,c ,ssl://d:99999"),
    ] {
        seeds.push([&[how], text.as_bytes()].concat());
    }
    seeds
}

fn partitioners(input: &[u8]) {
    let mut input = Input::new(input);
    let kind = input.choice(&Partitioner::ALL);
    let is_null = input.byte() & 1 == 1;
    let count = NonZeroI32::new(i32::from(input.byte()) << 20 | i32::from(input.byte()));
    let Some(count) = count else { return };
    let key = (!is_null).then(|| input.rest());
    let choose = |seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        partition(kind, key, count, &mut rng)
    };
    let chosen = choose(1);
    assert!((0..count.get()).contains(&chosen));
    assert!(kind.is_random_for(key) || choose(2) == chosen);
    assert_eq!(Partitioner::from_name(kind.name()), Some(kind));
}

fn files(input: &[u8]) {
    let mut input = Input::new(input);
    match input.byte() % 5 {
        0 => {
            if let Some(offset) = shell::offset_file(&input.text()) {
                assert_eq!(shell::offset_file(&format!("{offset}\n")), Some(offset));
            }
        }
        1 => {
            let bytes = input.rest();
            if let Some((_, body)) = shell::http_answer(bytes) {
                assert!(body.len() <= bytes.len());
            }
        }
        2 => _ = shell::url(&input.text()),
        3 => _ = shell::common_names(input.rest()),
        _ => pem(&mut input),
    }
}

fn pem(input: &mut Input<'_>) {
    let how = input.byte();
    let piece = |input: &mut Input<'_>| String::from_utf8_lossy(input.piece()).into_owned();
    let (roots, chain, key) = (piece(input), piece(input), piece(input));
    // Deriving a key from a password takes as long as the file says, which is the user's own.
    if key.contains("ENCRYPTED") {
        return;
    }
    let mut conf = Conf::new();
    let _ = conf.set("security.protocol", "ssl");
    let _ = conf.set("ssl.ca.pem", &roots);
    if how & 1 == 1 {
        let _ = conf.set("ssl.certificate.pem", &chain);
        let _ = conf.set("ssl.key.pem", &key);
    }
    if let Ok(conf) = conf.resolve(ClientKind::Producer) {
        let _ = shell::tls(&conf.security.tls);
    }
}

fn file_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = vec![
        b"\x0042\n".to_vec(),
        b"\x00 9223372036854775807 rest".to_vec(),
        b"\x01HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec(),
        b"\x01HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n2;x\r\n{}\r\n0\r\n\r\n"
            .to_vec(),
        b"\x02https://idp.example:8443/token?a=b#c".to_vec(),
        b"\x02http://[::1]".to_vec(),
        b"\x03\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x".to_vec(),
    ];
    let pem = Seed::new()
        .byte(4)
        .byte(1)
        .piece(CERTIFICATE)
        .piece(CERTIFICATE);
    seeds.push(pem.piece(KEY).done());
    seeds.push(Seed::new().byte(4).byte(0).piece(CERTIFICATE).done());
    seeds
}

const CERTIFICATE: &[u8] = include_bytes!("pem/certificate.pem");
const KEY: &[u8] = include_bytes!("pem/key.pem");
