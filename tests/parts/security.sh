# shellcheck shell=bash disable=SC2154,SC1090
# part: 42 security
# help: the extension against Apache Kafka's TLS and SASL listeners (php-tests/security)

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
    unset RDKAFKA_TEST_BROKERS "${!RDKAFKA_SECURE_@}"
    tests/kafka/secure down
    trap - EXIT
}
