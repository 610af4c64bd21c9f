"""confluent-kafka (librdkafka) against rdkafka-broker, with both group protocols."""

import threading
import time

import tap
from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition)
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   OffsetSpec, ResourceType, ScramMechanism, ScramCredentialInfo,
                                   UserScramCredentialUpsertion)
from tap import brokers, check, name, same

tap.client = "confluent-kafka"
admin = AdminClient({"bootstrap.servers": brokers})


def wait(futures):
    return {key: future.result(30) for key, future in futures.items()}


def create(*topics):
    wait(admin.create_topics([NewTopic(topic, partitions) for topic, partitions in topics]))


def produce(topic, values, **settings):
    """Sends the values and returns where they went."""
    done = []
    producer = Producer({"bootstrap.servers": brokers, "linger.ms": 5, **settings})
    for number, value in enumerate(values):
        producer.produce(topic, value, key=f"k{number}", timestamp=1_700_000_000_000 + number,
                         headers={"n": str(number)}, on_delivery=lambda error, message: done.append((error, message)))
    same(0, producer.flush(30))
    assert all(error is None for error, _ in done), done
    return [message for _, message in done]


def read(topic, count, seconds=30, **settings):
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": name("reader"), "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", **settings})
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    got = []
    end = time.monotonic() + seconds
    while len(got) < count and time.monotonic() < end:
        got += consumer.consume(count - len(got), 1)
    extra = consumer.consume(1, 0.3)
    consumer.close()
    same([], [m.error() for m in got + extra if m.error()])
    return got + extra


def topics():
    create((name("a"), 1), (name("b"), 3))
    listed = admin.list_topics(timeout=10).topics
    same(3, len(listed[name("b")].partitions))
    wait(admin.create_partitions([NewPartitions(name("a"), 2)]))
    same(2, len(admin.list_topics(name("a"), timeout=10).topics[name("a")].partitions))
    wait(admin.delete_topics([name("a")]))
    assert name("a") not in admin.list_topics(timeout=10).topics
    try:
        create((name("b"), 1))
        raise AssertionError("a topic was created twice")
    except KafkaException as error:
        same("TOPIC_ALREADY_EXISTS", error.args[0].name())


def compressions():
    values = [f"value {number}".encode() * 20 for number in range(300)]
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        topic = name(f"codec-{codec}")
        create((topic, 1))
        produce(topic, values, **{"compression.type": codec})
        got = read(topic, len(values))
        same(values, [m.value() for m in got])
        same([("n", b"299")], got[-1].headers())
        same(1_700_000_000_299, got[-1].timestamp()[1])


def idempotent():
    create((name("idempotent"), 1))
    produce(name("idempotent"), [str(n) for n in range(500)], **{"enable.idempotence": True})
    same([str(n).encode() for n in range(500)], [m.value() for m in read(name("idempotent"), 500)])


def group(protocol):
    topic, group_id = name(f"group-{protocol}"), name(f"g-{protocol}")
    create((topic, 4))
    produce(topic, [str(n) for n in range(200)])
    seen, lock, stop = set(), threading.Lock(), threading.Event()
    owned = {}

    def member(number, until):
        consumer = Consumer({"bootstrap.servers": brokers, "group.id": group_id, "group.protocol": protocol,
                             "auto.offset.reset": "earliest", "client.id": f"m{number}",
                             "enable.auto.commit": False})
        consumer.subscribe([topic])
        while not until.is_set():
            message = consumer.poll(0.2)
            with lock:
                owned[number] = len(consumer.assignment())
            if message is not None and message.error() is None:
                with lock:
                    seen.add(message.value())
                consumer.commit(message, asynchronous=False)
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

    leaves = threading.Event()
    threads = [threading.Thread(target=member, args=(0, stop)), threading.Thread(target=member, args=(1, leaves))]
    try:
        for thread in threads:
            thread.start()
        until(lambda: owned == {0: 2, 1: 2}, "two members share four partitions")
        described = admin.describe_consumer_groups([group_id])[group_id].result(30)
        same(2, len(described.members))
        same("STABLE", described.state.name)
        leaves.set()
        until(lambda: owned == {0: 4}, "the one that stays takes over")
        until(lambda: len(seen) == 200, "every message is read")
    finally:
        stop.set()
        leaves.set()
        for thread in threads:
            thread.join()
    assert group_id in [g.group_id for g in admin.list_consumer_groups().result(30).valid]
    committed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group_id)])[group_id].result(30)
    same(200, sum(p.offset for p in committed.topic_partitions))
    wait(admin.alter_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group_id, [TopicPartition(topic, 0, 1)])]))
    committed = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group_id, [TopicPartition(topic, 0)])])[group_id].result(30)
    same(1, committed.topic_partitions[0].offset)
    wait(admin.delete_consumer_groups([group_id]))


def offsets_by_time():
    topic = name("times")
    create((topic, 1))
    produce(topic, [str(n) for n in range(100)])
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": name("times")})
    same(40, consumer.offsets_for_times([TopicPartition(topic, 0, 1_700_000_000_040)], 10)[0].offset)
    same((0, 100), consumer.get_watermark_offsets(TopicPartition(topic, 0), 10))
    consumer.close()
    tp = TopicPartition(topic, 0)
    for spec, offset in ((OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 100), (OffsetSpec.max_timestamp(), 99),
                         (OffsetSpec.for_timestamp(1_700_000_000_007), 7)):
        same(offset, admin.list_offsets({tp: spec})[tp].result(30).offset)


def transactions():
    source, target = name("source"), name("target")
    create((source, 1), (target, 1))
    produce(source, [str(n) for n in range(10)])
    group_id = name("transactional")
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": group_id, "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "isolation.level": "read_committed"})
    consumer.subscribe([source])
    producer = Producer({"bootstrap.servers": brokers, "transactional.id": name("tx")})
    producer.init_transactions(30)
    moved = 0
    while moved < 10:
        message = consumer.poll(30)
        assert message is not None and message.error() is None, message
        producer.begin_transaction()
        producer.produce(target, message.value())
        if moved % 3 == 2:
            producer.produce(target, b"never seen")
            producer.flush(10)
            producer.abort_transaction(30)
            producer.begin_transaction()
            producer.produce(target, message.value())
        producer.send_offsets_to_transaction([TopicPartition(source, 0, message.offset() + 1)],
                                             consumer.consumer_group_metadata(), 30)
        producer.commit_transaction(30)
        moved += 1
    same(10, consumer.committed([TopicPartition(source, 0)], 30)[0].offset)
    consumer.close()
    same([str(n).encode() for n in range(10)],
         [m.value() for m in read(target, 10, **{"isolation.level": "read_committed"})])
    same(16, len(read(target, 16, **{"isolation.level": "read_uncommitted"})))
    fenced = Producer({"bootstrap.servers": brokers, "transactional.id": name("tx")})
    fenced.init_transactions(30)
    try:
        producer.begin_transaction()
        producer.produce(target, b"zombie")
        producer.commit_transaction(30)
        raise AssertionError("the older producer was not fenced")
    except KafkaException as error:
        assert error.args[0].fatal() or error.args[0].txn_requires_abort(), error


def configs():
    topic = name("configs")
    create((topic, 1))
    resource = ConfigResource(ResourceType.TOPIC, topic)
    entries = wait(admin.describe_configs([resource]))[resource]
    same("delete", entries["cleanup.policy"].value)
    resource.add_incremental_config(ConfigEntry("retention.ms", "12345",
                                                incremental_operation=AlterConfigOpType.SET))
    wait(admin.incremental_alter_configs([resource]))
    entries = wait(admin.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))
    entry = next(iter(entries.values()))["retention.ms"]
    same("12345", entry.value)
    same(1, entry.source)
    broker = ConfigResource(ResourceType.BROKER, str(next(iter(admin.list_topics(timeout=10).brokers))))
    assert "log.retention.hours" in wait(admin.describe_configs([broker]))[broker]


def delete_records():
    topic = name("delete-records")
    create((topic, 1))
    produce(topic, [str(n) for n in range(20)])
    tp = TopicPartition(topic, 0, 15)
    same(15, admin.delete_records([tp])[tp].result(30).low_watermark)
    same([15, 16, 17, 18, 19], [m.offset() for m in read(topic, 5)])


def describe():
    cluster = admin.describe_cluster().result(30)
    same(1, len(cluster.nodes))
    assert cluster.cluster_id
    from confluent_kafka import TopicCollection
    described = admin.describe_topics(TopicCollection([name("b")]))[name("b")].result(30)
    same(3, len(described.partitions))
    user = name("user")
    wait(admin.alter_user_scram_credentials(
        [UserScramCredentialUpsertion(user, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096), b"secret")]))
    found = admin.describe_user_scram_credentials([user])[user].result(30)
    same(4096, found.scram_credential_infos[0].iterations)


check("creates, lists, grows and deletes topics", topics)
check("produces and consumes with every compression", compressions)
check("produces idempotently", idempotent)
check("a group of two rebalances (classic)", lambda: group("classic"))
check("a group of two rebalances (KIP-848)", lambda: group("consumer"))
check("offsets by time", offsets_by_time)
check("transactions commit, abort and fence", transactions)
check("describes and alters configs", configs)
check("deletes records", delete_records)
check("describes the cluster, topics and users", describe)
tap.done()
