//! Records on a real disk.

use rdkafka_broker::{Broker, BrokerConf, StartError, Storage};
use rdkafka_wire::messages::fetch::FetchRequest;

use crate::client::{Client, fetch_request, produce_request, values_of};

fn on_disk(folder: &tempfile::TempDir) -> BrokerConf {
    BrokerConf {
        storage: Storage::Disk(vec![folder.path().join("data")]),
        ..BrokerConf::embedded(1)
    }
}

#[test]
fn records_are_there_after_a_stop_and_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let cluster_id = {
        let broker = Broker::start(on_disk(&folder)).unwrap();
        let mut client = Client::connect(broker.local_addr());
        client.metadata("t");
        client.produce("t", &["a", "b"]);
        broker.cluster_id().to_owned()
    };
    let broker = Broker::start(on_disk(&folder)).unwrap();
    assert_eq!(broker.cluster_id(), cluster_id);
    let mut client = Client::connect(broker.local_addr());
    assert_eq!(client.values("t"), ["a", "b"]);
    assert_eq!(client.produce("t", &["c"]), 2);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let conf = BrokerConf {
        storage: Storage::Disk(vec![folder.path().join("one"), file.clone()]),
        ..BrokerConf::embedded(1)
    };
    let error = Broker::start(conf).unwrap_err().to_string();
    assert!(error.contains(&*file.to_string_lossy()), "{error}");
}

#[test]
fn a_folder_in_use_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let _broker = Broker::start(on_disk(&folder)).unwrap();
    let error = Broker::start(on_disk(&folder)).unwrap_err();
    assert!(matches!(error, StartError::Storage(_)));
    assert!(error.to_string().contains("another process"), "{error}");
}

#[test]
fn large_batches_go_through_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(on_disk(&folder)).unwrap();
    let mut client = Client::connect(broker.local_addr());
    client.metadata("t");
    let values: Vec<String> = (0..3)
        .map(|number: u8| char::from(b'a' + number).to_string().repeat(900_000))
        .collect();
    for value in &values {
        client.produce("t", &[value]);
    }
    assert_eq!(client.values("t"), values);
}

#[test]
fn a_consumer_at_the_end_gets_each_record_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(on_disk(&folder)).unwrap();
    let mut producer = Client::connect(broker.local_addr());
    producer.metadata("t");
    let mut consumer = Client::connect(broker.local_addr());
    for offset in 0..50 {
        consumer.send(11, &fetch_request("t", offset, 5_000));
        producer.send(9, &produce_request("t", 1, &["tick"]));
        assert_eq!(values_of(&consumer.receive::<FetchRequest>(11).1), ["tick"]);
    }
}
