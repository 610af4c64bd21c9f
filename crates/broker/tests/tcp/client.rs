//! A blocking client of few words.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::Bytes;
use rdkafka_broker::{Broker, BrokerConf};
use rdkafka_records::{BatchBuilder, RecordBatches, Seal};
use rdkafka_wire::Request;
use rdkafka_wire::frame::{decode_response, encode_request};
use rdkafka_wire::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic};
use rdkafka_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic, MetadataResponse};
use rdkafka_wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use rdkafka_wire::types::Records;

pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) next_id: i32,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        socket.set_nodelay(true).unwrap();
        Self { socket, next_id: 0 }
    }

    /// Sends a request; returns its correlation id.
    pub(crate) fn send<R: Request>(&mut self, version: i16, request: &R) -> i32 {
        self.next_id += 1;
        let frame = encode_request(request, version, self.next_id, Some("tester"));
        self.socket.write_all(&frame.into_bytes()).unwrap();
        self.next_id
    }

    /// The next frame, without its length.
    pub(crate) fn frame(&mut self) -> io::Result<Bytes> {
        let mut len = [0; 4];
        self.socket.read_exact(&mut len)?;
        let mut frame = vec![0; usize::try_from(i32::from_be_bytes(len)).unwrap()];
        self.socket.read_exact(&mut frame)?;
        Ok(frame.into())
    }

    pub(crate) fn receive<R: Request>(&mut self, version: i16) -> (i32, R::Response) {
        decode_response(self.frame().unwrap(), R::KEY, version).unwrap()
    }

    pub(crate) fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let id = self.send(version, request);
        let (answered, response) = self.receive::<R>(version);
        assert_eq!(answered, id);
        response
    }

    pub(crate) fn metadata(&mut self, topic: &str) -> MetadataResponse {
        let wanted = MetadataRequestTopic {
            name: Some(topic.into()),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: Some(vec![wanted]),
            ..MetadataRequest::default()
        };
        self.call(12, &request)
    }

    /// Produces values to partition 0; the base offset.
    pub(crate) fn produce(&mut self, topic: &str, values: &[&str]) -> i64 {
        let response = self.call(9, &produce_request(topic, -1, values));
        let partition = &response.responses[0].partition_responses[0];
        assert_eq!(partition.error_code, 0, "{:?}", partition.error_message);
        partition.base_offset
    }

    /// All values of partition 0.
    pub(crate) fn values(&mut self, topic: &str) -> Vec<String> {
        let mut values = Vec::new();
        loop {
            let from = i64::try_from(values.len()).unwrap();
            let response = self.call(11, &fetch_request(topic, from, 0));
            let found = values_of(&response);
            if found.is_empty() {
                return values;
            }
            // A batch may start before the offset asked for; these batches hold one record each or are read whole.
            values.extend(found);
        }
    }
}

pub(crate) fn values_of(response: &FetchResponse) -> Vec<String> {
    let partition = &response.responses[0].partitions[0];
    assert_eq!(partition.error_code, 0);
    let mut values = Vec::new();
    for batch in RecordBatches::new(partition.records.clone().unwrap_or_default().into_bytes()) {
        let plain = batch.unwrap().decompress(1 << 20).unwrap();
        values.extend(
            plain
                .records()
                .map(|it| String::from_utf8(it.unwrap().value.unwrap().to_vec()).unwrap()),
        );
    }
    values
}

pub(crate) fn produce_request(topic: &str, acks: i16, values: &[&str]) -> ProduceRequest {
    let mut builder = BatchBuilder::new();
    for value in values {
        builder
            .append(1_000, None, Some(value.as_bytes()), [])
            .unwrap();
    }
    let records = Records::from(builder.seal(&Seal::default()).unwrap());
    let data = PartitionProduceData {
        index: 0,
        records: Some(records),
    };
    let topic = TopicProduceData {
        name: topic.into(),
        partition_data: vec![data],
        ..TopicProduceData::default()
    };
    // The default of a nullable string is the empty one.
    ProduceRequest {
        transactional_id: None,
        acks,
        timeout_ms: 1_000,
        topic_data: vec![topic],
    }
}

pub(crate) fn fetch_request(topic: &str, offset: i64, max_wait_ms: i32) -> FetchRequest {
    let partition = FetchPartition {
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..FetchPartition::default()
    };
    let topic = FetchTopic {
        topic: topic.into(),
        partitions: vec![partition],
        ..FetchTopic::default()
    };
    FetchRequest {
        min_bytes: 1,
        max_wait_ms,
        topics: vec![topic],
        ..FetchRequest::default()
    }
}

/// A broker in memory with changed properties.
pub(crate) fn broker(properties: &[(&str, &str)]) -> Broker {
    let mut conf = BrokerConf::embedded(1);
    for (name, value) in properties {
        conf.config.set(name, value).unwrap();
    }
    Broker::start(conf).unwrap()
}
