# shellcheck shell=bash disable=SC2154,SC1090
# part: 42 security
# help: the extension against Apache Kafka's TLS and SASL listeners (php-tests/security), our tool for delegation
# help: tokens against its own

test_security() {
    build
    need default-jre-headless command -v java
    need maven command -v mvn
    need openssl command -v openssl
    install_missing
    say 'starting Apache Kafka with TLS and SASL'
    local environment
    environment=$(tests/kafka/secure up)
    trap 'tests/kafka/secure down' EXIT
    . "$environment"
    phpt security php-tests/security
    tap security-delegation-tokens env RDKAFKA_BROKER_BIN="$BROKER" KAFKA_JARS="$ROOT/target/kafka/lib" \
        PROTOCOL=SASL_PLAINTEXT PASSWORD=alice-secret \
        bash tests/clients/kafka-delegation-tokens.sh "$RDKAFKA_SECURE_SASL" security
    unset RDKAFKA_TEST_BROKERS "${!RDKAFKA_SECURE_@}"
    tests/kafka/secure down
    trap - EXIT
}
