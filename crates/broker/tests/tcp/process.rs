//! The binary: its one line, its options, its end.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::client::Client;

struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim_end()
            .strip_prefix("rdkafka-broker ready on ")
            .expect(&line)
            .replace("localhost", "127.0.0.1");
        Self {
            child,
            address: address.parse().unwrap(),
        }
    }

    fn client(&self) -> Client {
        Client::connect(self.address)
    }

    fn signal(&self, signal: Signal) {
        kill(
            Pid::from_raw(i32::try_from(self.child.id()).unwrap()),
            signal,
        )
        .unwrap();
    }

    /// Ends it and returns what it still said on stdout.
    fn end(mut self, signal: Signal) -> (Option<i32>, String) {
        self.signal(signal);
        let mut rest = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut rest)
            .unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdkafka-broker"));
    command
        .arg("serve")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .stdin(Stdio::null());
    command.env_remove("RDKAFKA_BROKER_LOG");
    command
}

/// Runs it to its end, which must come by itself.
fn refused(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments).output().unwrap();
    assert!(!status.success());
    assert!(stdout.is_empty());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn it_says_one_line_serves_and_stops_cleanly_on_a_signal() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let process = Process::start(&["--listen", "127.0.0.1:0", "--ephemeral", "--topic", "t:3"]);
        assert_eq!(process.client().metadata("t").topics[0].partitions.len(), 3);
        let started = Instant::now();
        assert_eq!(process.end(signal), (Some(0), String::new()));
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn acknowledged_records_survive_kill_nine() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data.to_str().unwrap(),
    ];
    for round in 0..5 {
        let process = Process::start(&arguments);
        let mut client = process.client();
        client.metadata("t");
        assert_eq!(client.values("t").len(), round * 20);
        for number in 0..20 {
            client.produce("t", &[&number.to_string()]);
        }
        process.end(Signal::SIGKILL);
    }
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data.to_str().unwrap(),
    ];
    let _first = Process::start(&arguments);
    assert!(refused(&arguments).contains("another process"));
}

#[test]
fn a_properties_file_of_an_old_cluster_starts_it_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.properties");
    let data = folder.path().join("logs_kafka");
    let text = format!(
        "# no TLS: keys about it do nothing\n\
         listeners=broker://127.0.0.1:0,client://127.0.0.1:0\n\
         inter.broker.listener.name=broker\n\
         listener.security.protocol.map=client:PLAINTEXT,broker:PLAINTEXT\n\
         ssl.keystore.location=/data/cert/kafka.server.keystore\n\
         ssl.keystore.password=secret\n\
         ssl.client.auth=none \n\
         ssl.enabled.protocols=TLSv1.2,TLSv1.1,TLSv1 \n\
         broker.id=0\n\
         num.network.threads=3\n\
         socket.request.max.bytes=104857600\n\
         log.dirs={}\n\
         num.partitions=8\n\
         num.recovery.threads.per.data.dir=1\n\
         offsets.topic.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         log.retention.hours=168\n\
         zookeeper.connect=127.0.0.1:42181\n\
         group.initial.rebalance.delay.ms=0\n",
        data.display()
    );
    fs::write(&file, text).unwrap();
    let process = Process::start(&["--config", file.to_str().unwrap()]);
    let metadata = process.client().metadata("t");
    assert_eq!(
        (
            metadata.brokers[0].node_id,
            metadata.topics[0].partitions.len()
        ),
        (0, 8)
    );
    assert!(data.exists());
}

#[test]
fn mistakes_are_named_before_anything_is_opened() {
    for (arguments, expected) in [
        (
            &["--ephemeral", "--set", "num.partitions=none"][..],
            "num.partitions",
        ),
        (
            &["--ephemeral", "--set", "nmu.partitions=1"],
            "nmu.partitions",
        ),
        (&["--ephemeral", "--set", "listeners=SSL://:9093"], "SSL"),
        (&["--ephemeral", "--listen", "127.0.0.1"], "127.0.0.1"),
        (
            &[
                "--ephemeral",
                "--listen",
                "127.0.0.1:0",
                "--topic",
                "bad name:1",
            ],
            "bad name",
        ),
        (&["--config", "/no/such/file"], "/no/such/file"),
        (&["--ephemeral", "--log-level", "=loud="], "log level"),
    ] {
        let said = refused(arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn mistakes_in_a_file_are_named_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.properties");
    for (text, line, cause, remedy) in [
        ("# c\nnum.partitions=none\n", 2, "num.partitions", "none"),
        (
            "\n\nauthorizer.class.name=kafka.security.Authorizer\n",
            3,
            "Java class",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        ),
        (
            "create.topic.policy.class.name=org.example.Policy\n",
            1,
            "Java class",
            "remove",
        ),
        (
            "num.partitions=1\nlisteners=SSL://:0\n",
            2,
            "SSL",
            "ssl.keystore.location",
        ),
        (
            "listener.security.protocol.map=A:SASL_PLAINTEXT\nsasl.enabled.mechanisms=PLAIN\nlisteners=A://:0\n",
            3,
            "SASL_PLAINTEXT",
            "listener.name.a.plain.sasl.jaas.config",
        ),
        (
            "listeners=SASL_PLAINTEXT://:0\nlistener.name.sasl_plaintext.sasl.enabled.mechanisms=GSSAPI\n",
            2,
            "GSSAPI",
            "SCRAM-SHA-256",
        ),
        (
            "listeners=A://:0\n",
            0,
            "listener.security.protocol.map",
            "A:PLAINTEXT",
        ),
        ("a=\\uxyz\n", 1, "escape", "hexadecimal"),
    ] {
        fs::write(&file, text).unwrap();
        let said = refused(&["--ephemeral", "--config", file.to_str().unwrap()]);
        if line > 0 {
            assert!(
                said.contains(&format!("server.properties:{line}: ")),
                "{said}"
            );
        }
        assert!(said.contains(cause) && said.contains(remedy), "{said}");
    }
}

#[test]
fn properties_that_nobody_knows_are_a_warning_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.properties");
    let text = "listeners=PLAINTEXT://127.0.0.1:0\nnmu.partitions=1\nzookeeper.connect=z:2181\nsuper.users=\n";
    fs::write(&file, text).unwrap();
    let mut process = Process::start(&["--ephemeral", "--config", file.to_str().unwrap()]);
    process.signal(Signal::SIGTERM);
    let mut said = String::new();
    let stderr = process.child.stderr.as_mut().unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert!(
        said.contains("server.properties:2: unknown property nmu.partitions"),
        "{said}"
    );
    assert!(
        said.contains("server.properties:3: zookeeper.connect is accepted and has no effect"),
        "{said}"
    );
}
