# shellcheck shell=bash disable=SC2154
# part: 40 kafka
# help: the extension against Apache Kafka, whose jars Maven brings

test_kafka() {
    build
    need_kafka
    say 'starting Apache Kafka'
    tests/kafka/kafka up
    trap 'tests/kafka/kafka down' EXIT
    RDKAFKA_TEST_BROKERS=$(tests/kafka/kafka address) \
        phpt kafka php-tests
    tests/kafka/kafka down
    trap - EXIT
}
