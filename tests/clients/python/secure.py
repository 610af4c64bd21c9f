"""kafka-python, confluent-kafka and aiokafka come in by TLS and SASL: `secure.py BROKERS PREFIX`.

BROKERS is `ssl=HOST:PORT,sasl_ssl=HOST:PORT`; CA_FILE names the certificates to trust.
"""

import asyncio
import base64
import json
import os
import ssl
import time

import tap
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.abc import AbstractTokenProvider as AioTokens
from confluent_kafka import Consumer, Producer
from kafka import KafkaConsumer, KafkaProducer
from kafka.net.sasl.oauth import AbstractTokenProvider
from tap import brokers, check, name, same

address = dict(part.split("=") for part in brokers.split(","))
ca_file = os.environ["CA_FILE"]
values = [str(number).encode() for number in range(100)]


def token():
    """An unsecured JWS, as Kafka's own tests use them."""
    claims = {"sub": "alice", "iat": time.time() - 1, "exp": time.time() + 3600}
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims)]
    return ".".join(coded) + "."


class Tokens(AbstractTokenProvider):
    def token(self):
        return token()


class LaterTokens(AioTokens):
    async def token(self):
        return token()


def kafka_python(topic, listener, mechanism, password):
    settings = {"bootstrap_servers": address[listener], "security_protocol": listener.upper(), "ssl_cafile": ca_file}
    if mechanism == "OAUTHBEARER":
        settings.update(sasl_mechanism=mechanism, sasl_oauth_token_provider=Tokens())
    elif mechanism:
        settings.update(sasl_mechanism=mechanism, sasl_plain_username="alice", sasl_plain_password=password)
    producer = KafkaProducer(**settings)
    for sent in [producer.send(topic, value) for value in values]:
        sent.get(30)
    producer.close()
    consumer = KafkaConsumer(topic, auto_offset_reset="earliest", consumer_timeout_ms=20000, **settings)
    got = [next(consumer).value for _ in values]
    consumer.close()
    return got


def confluent(topic, listener, mechanism, password):
    settings = {"bootstrap.servers": address[listener], "security.protocol": listener, "ssl.ca.location": ca_file}
    if mechanism == "OAUTHBEARER":
        settings.update({"sasl.mechanisms": mechanism, "oauth_cb": lambda _: (token(), time.time() + 3600)})
    elif mechanism:
        settings.update({"sasl.mechanisms": mechanism, "sasl.username": "alice", "sasl.password": password})
    producer = Producer(settings)
    for value in values:
        producer.produce(topic, value, partition=0)
    same(0, producer.flush(30))
    consumer = Consumer({**settings, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    got = [message.value() for message in consumer.consume(len(values), 30)]
    consumer.close()
    return got


def aio(topic, listener, mechanism, password):
    settings = {"bootstrap_servers": address[listener], "security_protocol": listener.upper(),
                "ssl_context": ssl.create_default_context(cafile=ca_file)}
    if mechanism == "OAUTHBEARER":
        settings.update(sasl_mechanism=mechanism, sasl_oauth_token_provider=LaterTokens())
    elif mechanism:
        settings.update(sasl_mechanism=mechanism, sasl_plain_username="alice", sasl_plain_password=password)

    async def run():
        producer = AIOKafkaProducer(**settings)
        await producer.start()
        for value in values:
            await producer.send(topic, value)
        await producer.stop()
        consumer = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **settings)
        await consumer.start()
        got = [(await consumer.getone()).value for _ in values]
        await consumer.stop()
        return got

    return asyncio.run(asyncio.wait_for(run(), 60))


LOGINS = [("ssl", None, None), ("sasl_ssl", "PLAIN", "plain-secret"), ("sasl_ssl", "SCRAM-SHA-256", "scram-secret"),
          ("sasl_ssl", "SCRAM-SHA-512", "scram-secret"), ("sasl_ssl", "OAUTHBEARER", None)]


def refused(run, listener, mechanism):
    try:
        run(name("refused"), listener, mechanism, "wrong")
    except Exception:  # pylint: disable=broad-except
        return
    raise AssertionError("it was let in")


for tap.client, client in (("kafka-python", kafka_python), ("confluent-kafka", confluent), ("aiokafka", aio)):
    for listener, mechanism, password in LOGINS:
        topic = name(f"{tap.client}-{listener}-{mechanism}")
        login = " ".join(filter(None, (listener, mechanism)))
        check(f"{login}: produces and consumes",
              lambda: same(values, client(topic, listener, mechanism, password)))
    if client is not confluent:  # librdkafka tries again for as long as it is let: tests/security.sh has it
        check("sasl_ssl SCRAM-SHA-512: a wrong password is refused", lambda: refused(client, "sasl_ssl", "SCRAM-SHA-512"))
tap.done()
