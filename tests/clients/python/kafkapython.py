"""kafka-python against rdkafka-broker."""

import threading
import time

import tap
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import TopicAlreadyExistsError
from tap import brokers, check, name, same

tap.client = "kafka-python"
admin = KafkaAdminClient(bootstrap_servers=brokers)


def create(topic, partitions=1):
    admin.create_topics({topic: {"num_partitions": partitions, "replication_factor": 1}})


def produce(topic, values, partition=0, **settings):
    producer = KafkaProducer(bootstrap_servers=brokers, linger_ms=5, **settings)
    sent = [producer.send(topic, value, partition=partition, timestamp_ms=1_700_000_000_000 + number,
                          headers=[("n", str(number).encode())]) for number, value in enumerate(values)]
    producer.flush(30)
    for future in sent:
        future.get(30)
    producer.close()


def read(topic, count, **settings):
    consumer = KafkaConsumer(bootstrap_servers=brokers, auto_offset_reset="earliest", consumer_timeout_ms=20000,
                             **settings)
    consumer.assign([TopicPartition(topic, 0)])
    got = []
    for message in consumer:
        got.append(message)
        if len(got) == count:
            break
    extra = sum(consumer.poll(300).values(), [])
    consumer.close()
    return got + extra


def topics():
    create(name("a"))
    create(name("b"), 3)
    assert {name("a"), name("b")} <= set(admin.list_topics())
    admin.create_partitions({name("a"): 2})
    same(2, len(admin.describe_topics([name("a")])[0]["partitions"]))
    admin.delete_topics([name("a")])
    assert name("a") not in admin.list_topics()
    try:
        create(name("b"))
        raise AssertionError("a topic was created twice")
    except TopicAlreadyExistsError:
        pass


def compressions():
    values = [f"value {number}".encode() * 20 for number in range(300)]
    for codec in (None, "gzip", "snappy", "lz4", "zstd"):
        topic = name(f"codec-{codec}")
        create(topic)
        produce(topic, values, compression_type=codec)
        got = read(topic, len(values))
        same(values, [m.value for m in got])
        same([("n", b"299")], list(got[-1].headers))
        same(1_700_000_000_299, got[-1].timestamp)


def idempotent():
    create(name("idempotent"))
    values = [str(n).encode() for n in range(200)]
    produce(name("idempotent"), values, enable_idempotence=True)
    same(values, [m.value for m in read(name("idempotent"), 200)])


def group():
    topic, group_id = name("group"), name("g")
    create(topic, 4)
    for partition in range(4):
        produce(topic, [f"{partition}/{n}".encode() for n in range(25)], partition)
    seen, owned, lock = set(), {}, threading.Lock()
    stop, leaves = threading.Event(), threading.Event()

    def member(number, ends):
        consumer = KafkaConsumer(topic, bootstrap_servers=brokers, group_id=group_id, auto_offset_reset="earliest",
                                 enable_auto_commit=False)
        while not ends.is_set():
            # Long enough for a rebalance on a busy machine: a poll of kafka-python whose time is over at the moment in which
            # its SyncGroup is answered loses the assignment and never sends a heartbeat again.
            records = consumer.poll(5000)
            with lock:
                owned[number] = len(consumer.assignment())
                seen.update(m.value for messages in records.values() for m in messages)
            if records:
                consumer.commit()
        consumer.close()
        with lock:
            owned.pop(number)

    def until(condition, what):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with lock:
                if condition():
                    return
            time.sleep(0.1)
        raise AssertionError(f"{what}: owned {owned}, seen {len(seen)}")

    threads = [threading.Thread(target=member, args=(0, stop)), threading.Thread(target=member, args=(1, leaves))]
    try:
        for thread in threads:
            thread.start()
        until(lambda: owned == {0: 2, 1: 2}, "two members share four partitions")
        until(lambda: len(admin.describe_groups([group_id])[group_id]["members"]) == 2, "both are described")
        leaves.set()
        until(lambda: owned == {0: 4}, "the one that stays takes over")
        until(lambda: len(seen) == 100, "every message is read")
    finally:
        stop.set()
        leaves.set()
        for thread in threads:
            thread.join()
    assert group_id in [g["group_id"] for g in admin.list_groups()]
    committed = admin.list_group_offsets([group_id])[group_id]
    same(100, sum(offset.offset for offset in committed.values()))
    tp = TopicPartition(topic, 0)
    admin.alter_group_offsets(group_id, {tp: OffsetAndMetadata(3, "", -1)})
    same(3, admin.list_group_offsets({group_id: [tp]})[group_id][tp].offset)
    same({group_id: "OK"}, admin.delete_groups([group_id]))


def offsets_by_time():
    topic = name("times")
    create(topic)
    produce(topic, [b"x"] * 100)
    tp = TopicPartition(topic, 0)
    consumer = KafkaConsumer(bootstrap_servers=brokers)
    same(40, consumer.offsets_for_times({tp: 1_700_000_000_040})[tp].offset)
    same(({tp: 0}, {tp: 100}), (consumer.beginning_offsets([tp]), consumer.end_offsets([tp])))
    consumer.close()
    for spec, offset in ((OffsetSpec.EARLIEST, 0), (OffsetSpec.LATEST, 100), (1_700_000_000_007, 7)):
        same(offset, admin.list_partition_offsets({tp: spec})[tp].offset)


def transactions():
    target = name("target")
    create(target)
    producer = KafkaProducer(bootstrap_servers=brokers, transactional_id=name("tx"))
    producer.init_transactions()
    for value, ends in ((b"committed", producer.commit_transaction), (b"aborted", producer.abort_transaction),
                        (b"again", producer.commit_transaction)):
        producer.begin_transaction()
        producer.send(target, value).get(30)
        ends()
    same([b"committed", b"again"], [m.value for m in read(target, 2, isolation_level="read_committed")])
    same(3, len(read(target, 3)))
    found = [t for listed in admin.list_transactions().values() for t in listed if t.transactional_id == name("tx")]
    same(1, len(found))
    producer.close()


def configs():
    topic = name("configs")
    create(topic)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "12345"})])
    entries = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    same("12345", entries["topic"][topic]["retention.ms"]["value"])
    same("delete", entries["topic"][topic]["cleanup.policy"]["value"])


def delete_records():
    topic = name("delete-records")
    create(topic)
    produce(topic, [b"x"] * 20)
    tp = TopicPartition(topic, 0)
    same(15, admin.delete_records({tp: 15})[tp]["low_watermark"])
    same([15, 16, 17, 18, 19], [m.offset for m in read(topic, 5)])


def describe():
    same(1, len(admin.describe_cluster()["brokers"]))
    same("__cluster_metadata", admin.describe_metadata_quorum()["topics"][0]["topic_name"])
    assert "transaction.version" in admin.describe_features()
    same(1, len(admin.describe_log_dirs()))
    same(3, len(admin.describe_topic_partitions([name("b")])["topics"][0]["partitions"]))
    same([], admin.find_hanging_transactions())
    same({}, admin.list_partition_reassignments())
    assert name("b") in admin.list_config_resources()["topic"]


check("creates, lists, grows and deletes topics", topics)
check("produces and consumes with every compression", compressions)
check("produces idempotently", idempotent)
check("a group of two rebalances", group)
check("offsets by time", offsets_by_time)
check("transactions commit and abort", transactions)
check("describes and alters configs", configs)
check("deletes records", delete_records)
check("describes cluster, quorum, features and folders", describe)
tap.done()
