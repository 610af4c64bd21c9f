"""aiokafka against rdkafka-broker."""

import asyncio

import tap
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from tap import brokers, check_async, name, same

tap.client = "aiokafka"


async def created(*topics):
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers)
    await admin.start()
    await admin.create_topics([NewTopic(topic, partitions, 1) for topic, partitions in topics])
    return admin


async def produce(topic, values, partition=0, **settings):
    producer = AIOKafkaProducer(bootstrap_servers=brokers, **settings)
    await producer.start()
    try:
        sent = [await producer.send(topic, value, partition=partition, timestamp_ms=1_700_000_000_000 + number,
                                    headers=[("n", str(number).encode())]) for number, value in enumerate(values)]
        return await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def read(topic, count, **settings):
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers, auto_offset_reset="earliest", **settings)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        got = [await consumer.getone() for _ in range(count)]
        same({}, await consumer.getmany(timeout_ms=300))
        return got
    finally:
        await consumer.stop()


async def topics():
    admin = await created((name("a"), 1), (name("b"), 3))
    try:
        assert {name("a"), name("b")} <= set(await admin.list_topics())
        await admin.create_partitions({name("a"): NewPartitions(2)})
        same(2, len((await admin.describe_topics([name("a")]))[0]["partitions"]))
        await admin.delete_topics([name("a")])
        assert name("a") not in await admin.list_topics()
    finally:
        await admin.close()


async def compressions():
    values = [f"value {number}".encode() * 20 for number in range(300)]
    for codec in (None, "gzip", "snappy", "lz4", "zstd"):
        topic = name(f"codec-{codec}")
        await (await created((topic, 1))).close()
        await produce(topic, values, compression_type=codec)
        got = await read(topic, len(values))
        same(values, [m.value for m in got])
        same((("n", b"299"),), tuple(got[-1].headers))
        same(1_700_000_000_299, got[-1].timestamp)


async def idempotent():
    await (await created((name("idempotent"), 1))).close()
    values = [str(n).encode() for n in range(200)]
    await produce(name("idempotent"), values, enable_idempotence=True)
    same(values, [m.value for m in await read(name("idempotent"), 200)])


class Owned(ConsumerRebalanceListener):
    def __init__(self):
        self.partitions, self.changed = set(), asyncio.Event()

    async def on_partitions_revoked(self, revoked):
        self.partitions = set()

    async def on_partitions_assigned(self, assigned):
        self.partitions = assigned
        self.changed.set()


async def group():
    topic, group_id = name("group"), name("g")
    admin = await created((topic, 4))
    for partition in range(4):
        await produce(topic, [f"{partition}/{n}".encode() for n in range(25)], partition)
    members = []
    for _ in range(2):
        consumer = AIOKafkaConsumer(bootstrap_servers=brokers, group_id=group_id, auto_offset_reset="earliest",
                                    enable_auto_commit=False)
        owned = Owned()
        consumer.subscribe([topic], listener=owned)
        await consumer.start()
        members.append((consumer, owned))
    seen = []

    async def reading(consumer):
        async for message in consumer:
            seen.append(message.value)
            await consumer.commit()

    async def until(condition):
        while not condition():
            await asyncio.sleep(0.05)

    tasks = [asyncio.create_task(reading(consumer)) for consumer, _ in members]
    try:
        await until(lambda: [len(owned.partitions) for _, owned in members] == [2, 2])
        same(1, len([g for g in await admin.list_consumer_groups() if g[0] == group_id]))
        await admin.describe_consumer_groups([group_id])
        tasks[1].cancel()
        await members[1][0].stop()
        await until(lambda: len(members[0][1].partitions) == 4)
        await until(lambda: len(set(seen)) == 100)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for consumer, _ in members:
            await consumer.stop()
    committed = await admin.list_consumer_group_offsets(group_id)
    same(100, sum(offset.offset for offset in committed.values()))
    await admin.close()


async def offsets_by_time():
    topic = name("times")
    await (await created((topic, 1))).close()
    await produce(topic, [b"x"] * 100)
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    await consumer.start()
    tp = TopicPartition(topic, 0)
    same(40, (await consumer.offsets_for_times({tp: 1_700_000_000_040}))[tp].offset)
    same({tp: 0}, await consumer.beginning_offsets([tp]))
    same({tp: 100}, await consumer.end_offsets([tp]))
    await consumer.stop()


async def transactions():
    source, target, group_id = name("source"), name("target"), name("transactional")
    admin = await created((source, 1), (target, 1))
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=name("tx"))
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait(target, b"committed")
            await producer.send_offsets_to_transaction({TopicPartition(source, 0): 7}, group_id)
        await producer.begin_transaction()
        await producer.send_and_wait(target, b"aborted")
        await producer.abort_transaction()
        async with producer.transaction():
            await producer.send_and_wait(target, b"again")
    finally:
        await producer.stop()
    same([b"committed", b"again"], [m.value for m in await read(target, 2, isolation_level="read_committed")])
    same(3, len(await read(target, 3)))
    same(7, (await admin.list_consumer_group_offsets(group_id))[TopicPartition(source, 0)].offset)
    await admin.close()


async def configs():
    topic = name("configs")
    admin = await created((topic, 1))
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "12345"})])
    answer = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    entries = {entry[0]: entry[1] for entry in answer[0].resources[0][4]}
    same("12345", entries["retention.ms"])
    same("delete", entries["cleanup.policy"])
    await admin.close()


async def delete_records():
    topic = name("delete-records")
    admin = await created((topic, 1))
    await produce(topic, [b"x"] * 20)
    tp = TopicPartition(topic, 0)
    same({tp: 15}, await admin.delete_records({tp: RecordsToDelete(15)}))
    same([15, 16, 17, 18, 19], [m.offset for m in await read(topic, 5)])
    await admin.close()


async def main():
    await check_async("creates, lists, grows and deletes topics", topics)
    await check_async("produces and consumes with every compression", compressions)
    await check_async("produces idempotently", idempotent)
    await check_async("a group of two rebalances", group)
    await check_async("offsets by time", offsets_by_time)
    await check_async("transactions commit and abort", transactions)
    await check_async("describes and alters configs", configs)
    await check_async("deletes records", delete_records)


asyncio.run(main())
tap.done()
