//! Metrics and health over HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rdkafka_broker::{Broker, BrokerConf};

fn broker() -> (Broker, SocketAddr) {
    let mut conf = BrokerConf::embedded(1);
    conf.topics = vec![("orders".to_owned(), 2)];
    let set = conf.config.set("rdkafka.http.listener", "127.0.0.1:0");
    set.unwrap();
    let broker = Broker::start(conf).unwrap();
    let address = broker.http_addr().unwrap();
    (broker, address)
}

fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    socket.write_all(request).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn metrics_are_prometheus_text_about_topics() {
    let (_broker, address) = broker();
    let answer = ask(address, b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4"));
    assert!(
        answer.contains("\nkafka_topic_partitions{topic=\"orders\"} 2\n"),
        "{answer}"
    );
}

#[test]
fn health_is_an_answer_of_the_shard() {
    let (_broker, address) = broker();
    for path in ["/health", "/healthz", "/ready?verbose"] {
        let answer = ask(address, format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes());
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("healthy\n"),
            "{answer}"
        );
    }
}

#[test]
fn what_is_not_there_and_what_is_not_http_is_said_so() {
    let (_broker, address) = broker();
    assert!(ask(address, b"GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    assert!(ask(address, b"POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    assert!(ask(address, b"\0\0\0\x12\0\x12\0\x03\r\n\r\n").starts_with("HTTP/1.1 400"));
}

#[test]
fn an_address_that_is_taken_is_a_start_error() {
    let (_broker, address) = broker();
    let mut conf = BrokerConf::embedded(1);
    let set = conf
        .config
        .set("rdkafka.http.listener", &address.to_string());
    set.unwrap();
    let error = Broker::start(conf).err().unwrap();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot listen on {address}")),
        "{error}"
    );
}
