// kafkajs comes in by TLS and SASL: secure.js ssl=HOST:PORT,sasl_ssl=HOST:PORT PREFIX; CA_FILE names the certificates to trust
'use strict';
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Kafka, logLevel } = require('kafkajs');

const [, , brokers, prefix] = process.argv;
const address = Object.fromEntries(brokers.split(',').map((part) => part.split('=')));
const ssl = { ca: [fs.readFileSync(process.env.CA_FILE)] };

/** An unsecured JWS, as Kafka's own tests use them. */
function token() {
    const now = Math.floor(Date.now() / 1000);
    const coded = [{ alg: 'none' }, { sub: 'alice', iat: now - 1, exp: now + 3600 }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return `${coded.join('.')}.`;
}

async function roundTrip(topic, listener, sasl) {
    const kafka = new Kafka({ brokers: [address[listener]], ssl, sasl, logLevel: logLevel.NOTHING, retry: { retries: 2 } });
    const values = Array.from({ length: 100 }, (_, number) => `${number}`);
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: topic });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const got = [];
    await new Promise((resolve) => {
        consumer.run({ eachMessage: async ({ message }) => { if (got.push(`${message.value}`) === values.length) resolve(); } });
    });
    await consumer.disconnect();
    assert.deepEqual(got, values);
}

const login = (mechanism, password) => ({ mechanism, username: 'alice', password });
const logins = [
    ['ssl: produces and consumes', 'ssl'],
    ['sasl_ssl PLAIN: produces and consumes', 'sasl_ssl', login('plain', 'plain-secret')],
    ['sasl_ssl SCRAM-SHA-256: produces and consumes', 'sasl_ssl', login('scram-sha-256', 'scram-secret')],
    ['sasl_ssl SCRAM-SHA-512: produces and consumes', 'sasl_ssl', login('scram-sha-512', 'scram-secret')],
    ['sasl_ssl OAUTHBEARER: produces and consumes', 'sasl_ssl',
        { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: token() }) }],
    ['sasl_ssl SCRAM-SHA-512: a wrong password is refused', 'sasl_ssl', login('scram-sha-512', 'wrong'), /authentication/i],
];

async function main() {
    let failures = 0;
    for (const [number, [what, listener, sasl, error]] of logins.entries()) {
        try {
            const done = roundTrip(`${prefix}-kafkajs-${number}`, listener, sasl);
            await (error ? assert.rejects(done, error) : done);
            console.log(`ok - kafkajs: ${what}`);
        } catch (failure) {
            failures += 1;
            console.log(`not ok - kafkajs: ${what}\n${(failure.stack || `${failure}`).replace(/^/gm, '# ')}`);
        }
    }
    process.exit(failures ? 1 : 0);
}

main();
