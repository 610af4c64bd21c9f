// kafkajs against rdkafka-broker: kafkajs.js BROKERS PREFIX
'use strict';
const assert = require('node:assert/strict');
const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, logLevel } = require('kafkajs');
const lz4 = require('lz4js');
const { ZstdCodec } = require('zstd-codec');

const [, , brokers, prefix] = process.argv;
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING, retry: { retries: 8 } });
const admin = kafka.admin();
const name = (what) => `${prefix}-${what}`;
const millis = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// kafkajs brings gzip; the others are for its user to plug in
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');
CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
});

async function plugZstd() {
    const zstd = await new Promise((resolve) => { ZstdCodec.run(resolve); });
    const simple = new zstd.Simple();
    CompressionCodecs[CompressionTypes.ZSTD] = () => ({
        compress: async (encoder) => Buffer.from(simple.compress(encoder.buffer)),
        decompress: async (buffer) => Buffer.from(simple.decompress(buffer)),
    });
}

async function create(topic, numPartitions = 1) {
    await admin.createTopics({ topics: [{ topic, numPartitions }] });
}

async function produce(topic, values, settings = {}, sending = {}) {
    const producer = kafka.producer(settings);
    await producer.connect();
    const messages = values.map((value, number) => ({
        key: `k${number}`, value, partition: 0, timestamp: `${1700000000000 + number}`, headers: { n: `${number}` }, ...sending.message,
    }));
    await producer.send({ topic, messages, compression: sending.compression });
    await producer.disconnect();
}

// Reads until `count` messages are there or a quarter of a minute has passed, and a moment longer for what is too much.
async function read(topic, count, settings = {}) {
    const consumer = kafka.consumer({ groupId: name(`read-${topic}-${Math.random()}`), ...settings });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const got = [];
    await consumer.run({ eachMessage: async ({ message }) => { got.push(message); } });
    for (let tries = 0; got.length < count && tries < 300; tries += 1) await millis(50);
    await millis(200);
    await consumer.disconnect();
    return got;
}

async function topics() {
    await create(name('a'));
    await create(name('b'), 3);
    const listed = await admin.listTopics();
    assert.ok(listed.includes(name('a')) && listed.includes(name('b')));
    await admin.createPartitions({ topicPartitions: [{ topic: name('a'), count: 2 }] });
    assert.equal((await admin.fetchTopicMetadata({ topics: [name('a')] })).topics[0].partitions.length, 2);
    await admin.deleteTopics({ topics: [name('a')] });
    assert.ok(!(await admin.listTopics()).includes(name('a')));
    assert.equal(await admin.createTopics({ topics: [{ topic: name('b') }] }), false);
}

async function compressions() {
    const values = Array.from({ length: 300 }, (_, number) => `value ${number}`.repeat(20));
    for (const codec of ['None', 'GZIP', 'Snappy', 'LZ4', 'ZSTD']) {
        const topic = name(`codec-${codec}`);
        await create(topic);
        await produce(topic, values, {}, { compression: CompressionTypes[codec] });
        const got = await read(topic, values.length);
        assert.deepEqual(got.map((message) => message.value.toString()), values, codec);
        assert.equal(got[299].headers.n.toString(), '299');
        assert.equal(got[299].timestamp, '1700000000299');
    }
}

async function idempotent() {
    await create(name('idempotent'));
    const values = Array.from({ length: 200 }, (_, number) => `${number}`);
    await produce(name('idempotent'), values, { idempotent: true });
    assert.deepEqual((await read(name('idempotent'), 200)).map((message) => message.value.toString()), values);
}

async function group() {
    const topic = name('group');
    const groupId = name('g');
    await create(topic, 4);
    const seen = new Set();
    const owned = [0, 0];
    const members = [0, 1].map(() => kafka.consumer({ groupId, rebalanceTimeout: 5000 }));
    const until = async (condition, what) => {
        for (let tries = 0; tries < 600; tries += 1) {
            if (condition()) return;
            await millis(100);
        }
        throw new Error(`${what}: owned ${owned}, seen ${seen.size}`);
    };
    await Promise.all(members.map(async (consumer, number) => {
        consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
            owned[number] = (payload.memberAssignment[topic] || []).length;
        });
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await consumer.run({ eachMessage: async ({ message }) => { seen.add(message.value.toString()); } });
    }));
    try {
        await until(() => owned[0] === 2 && owned[1] === 2, 'two members share four partitions');
        const described = await admin.describeGroups([groupId]);
        assert.equal(described.groups[0].members.length, 2);
        for (const partition of [0, 1, 2, 3]) {
            const values = Array.from({ length: 25 }, (_, number) => `${partition}/${number}`);
            await produce(topic, values, {}, { message: { partition } });
        }
        await until(() => seen.size === 100, 'every message is read');
        await members[1].disconnect();
        await until(() => owned[0] === 4, 'the one that stays takes over');
    } finally {
        await Promise.all(members.map((consumer) => consumer.disconnect()));
    }
    assert.ok((await admin.listGroups()).groups.some((listed) => listed.groupId === groupId));
    const offsets = (await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions;
    assert.equal(offsets.reduce((sum, { offset }) => sum + Number(offset), 0), 100);
    await admin.resetOffsets({ groupId, topic, earliest: true });
    await admin.deleteGroups([groupId]);
}

async function offsetsByTime() {
    const topic = name('times');
    await create(topic);
    await produce(topic, Array(100).fill('x'));
    assert.equal((await admin.fetchTopicOffsetsByTimestamp(topic, 1700000000040))[0].offset, '40');
    const { low, high } = (await admin.fetchTopicOffsets(topic))[0];
    assert.deepEqual([low, high], ['0', '100']);
}

async function transactions() {
    const topic = name('target');
    const groupId = name('transactional');
    await create(topic);
    const producer = kafka.producer({ transactionalId: name('tx'), maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const value of ['committed', 'aborted', 'again']) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ value }] });
        if (value === 'again') {
            await transaction.sendOffsets({
                consumerGroupId: groupId, topics: [{ topic, partitions: [{ partition: 0, offset: '2' }] }],
            });
        }
        await (value === 'aborted' ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
    const values = (got) => got.map((message) => message.value.toString());
    assert.deepEqual(values(await read(topic, 2)), ['committed', 'again']);
    assert.deepEqual(values(await read(topic, 3, { readUncommitted: true })), ['committed', 'aborted', 'again']);
    assert.equal((await admin.fetchOffsets({ groupId, topics: [topic] }))[0].partitions[0].offset, '2');
}

async function configs() {
    await create(name('configs'));
    const resource = { type: ConfigResourceTypes.TOPIC, name: name('configs') };
    await admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '12345' }] }] });
    const { resources } = await admin.describeConfigs({ resources: [resource] });
    const value = (key) => resources[0].configEntries.find((entry) => entry.configName === key).configValue;
    assert.equal(value('retention.ms'), '12345');
    assert.equal(value('cleanup.policy'), 'delete');
}

async function deleteRecords() {
    const topic = name('delete-records');
    await create(topic);
    await produce(topic, Array(20).fill('x'));
    await admin.fetchTopicOffsets(topic); // it knows no leader of a topic it has not asked about yet
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] });
    assert.deepEqual((await read(topic, 5)).map(({ offset }) => offset), ['15', '16', '17', '18', '19']);
    assert.equal((await admin.describeCluster()).brokers.length, 1);
}

async function main() {
    await plugZstd();
    await admin.connect();
    let failures = 0;
    for (const [what, run] of [
        ['creates, lists, grows and deletes topics', topics],
        ['produces and consumes with every compression', compressions],
        ['produces idempotently', idempotent],
        ['a group of two rebalances', group],
        ['offsets by time', offsetsByTime],
        ['transactions commit and abort', transactions],
        ['describes and alters configs', configs],
        ['deletes records', deleteRecords],
    ]) {
        try {
            await run();
            console.log(`ok - kafkajs: ${what}`);
        } catch (error) {
            failures += 1;
            console.log(`not ok - kafkajs: ${what}\n${(error.stack || `${error}`).replace(/^/gm, '# ')}`);
        }
    }
    await admin.disconnect();
    process.exit(failures ? 1 : 0);
}

main();
