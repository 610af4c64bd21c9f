"""A member of the group in Python, by librdkafka (confluent-kafka) or kafka-python.

Arguments: library brokers group topic assignor. Prints and ends as member.php does.
"""

import json
import os
import sys

library, brokers, group, topic, assignor = sys.argv[1:]
owned = []
os.set_blocking(0, False)


def tell():
    print(json.dumps({"owned": sorted(owned)}), flush=True)


def read(value):
    print(json.dumps({"read": value.decode()}), flush=True)


def has_input():
    """False at the end of standard input."""
    try:
        return os.read(0, 1) != b""
    except BlockingIOError:
        return True


def with_librdkafka():
    import confluent_kafka

    def gives(consumer, partitions):
        numbers = [one.partition for one in partitions]
        owned.extend(numbers)
        if assignor == "cooperative-sticky":
            consumer.incremental_assign(partitions)
        else:
            consumer.assign(partitions)
        tell()

    def takes(consumer, partitions):
        for one in partitions:
            owned.remove(one.partition)
        if assignor == "cooperative-sticky":
            consumer.incremental_unassign(partitions)
        else:
            consumer.unassign()
        tell()

    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "auto.commit.interval.ms": 200,
            "topic.metadata.refresh.interval.ms": 1000,
            "partition.assignment.strategy": assignor,
            "heartbeat.interval.ms": 300,
            "session.timeout.ms": 6000,
        }
    )
    consumer.subscribe([topic], on_assign=gives, on_revoke=takes, on_lost=takes)
    while has_input():
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            read(message.value())
    consumer.close()


def with_kafka_python():
    import kafka
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

    class Listener(kafka.ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            owned.clear()
            tell()

        def on_partitions_assigned(self, assigned):
            owned[:] = [one.partition for one in assigned]
            tell()

    assignors = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor}
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=brokers,
        group_id=group,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=200,
        partition_assignment_strategy=[assignors[assignor]],
        heartbeat_interval_ms=300,
        session_timeout_ms=6000,
    )
    consumer.subscribe([topic], listener=Listener())
    while has_input():
        # As long as a rebalance may take: see kafkapython.py of tests/clients.
        for records in consumer.poll(2000).values():
            for record in records:
                read(record.value)
    consumer.close()


with_librdkafka() if library == "librdkafka" else with_kafka_python()
