"""Writes and reads what tests/peers/interop.php writes and reads, by a library of Python.

  python.py LIBRARY write BROKERS TOPIC COMPRESSION [RELEASE]   writes the records of standard input, one JSON object a line
  python.py LIBRARY read BROKERS TOPIC COUNT [RELEASE]          prints as many records of partition 0 as such lines

LIBRARY is confluent or kafka. With RELEASE it speaks as to a broker of that release of Kafka, e.g. 0.9.0.
"""

import base64
import json
import sys


def decoded(text):
    return None if text is None else base64.b64decode(text)


def encoded(data):
    return None if data is None else base64.b64encode(data).decode()


def lines():
    for line in sys.stdin:
        record = json.loads(line)
        headers = [(header["name"], decoded(header["value"])) for header in record["headers"]]
        yield decoded(record["key"]), decoded(record["value"]), record["timestamp"], headers


def show(key, value, timestamp, headers):
    named = [{"name": name, "value": encoded(data)} for name, data in headers or []]
    print(json.dumps({"key": encoded(key), "value": encoded(value), "timestamp": timestamp, "headers": named}))


def confluent(verb, brokers, topic, detail, release=None):
    from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, Producer, TopicPartition

    settings = {"bootstrap.servers": brokers}
    if release:
        settings |= {"api.version.request": False, "broker.version.fallback": release}
    if verb == "write":
        failed = []
        producer = Producer(settings | {"compression.type": detail, "linger.ms": 50})
        for key, value, timestamp, headers in lines():
            producer.produce(topic, value, key, 0, headers=headers, timestamp=timestamp,
                             on_delivery=lambda error, _: failed.append(error) if error else None)
        assert producer.flush(30) == 0 and not failed, failed
        return
    consumer = Consumer(settings | {"group.id": "interop"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    for message in consumer.consume(int(detail), 30):
        assert message.error() is None, message.error()
        kind, timestamp = message.timestamp()
        show(message.key(), message.value(), -1 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp, message.headers())


def kafka(verb, brokers, topic, detail, release=None):
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition

    settings = {"bootstrap_servers": brokers}
    if release:
        settings["api_version"] = tuple(int(number) for number in release.split("."))
    if verb == "write":
        compression = None if detail == "none" else detail
        producer = KafkaProducer(**settings, compression_type=compression, linger_ms=50)
        sent = []
        for key, value, timestamp, headers in lines():
            # it takes no header without a value
            known = [(name, data) for name, data in headers if data is not None]
            sent.append(producer.send(topic, value, key, known, 0, timestamp))
        producer.flush(30)
        for future in sent:
            future.get(30)
        return
    consumer = KafkaConsumer(**settings, consumer_timeout_ms=15000, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    left = int(detail)
    for message in consumer:
        timestamp = -1 if message.timestamp is None else message.timestamp
        show(message.key, message.value, timestamp, message.headers)
        left -= 1
        if left == 0:
            break


{"confluent": confluent, "kafka": kafka}[sys.argv[1]](*sys.argv[2:])
