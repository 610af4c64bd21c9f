# shellcheck shell=bash disable=SC2154
# part: 40 kafka
# help: the extension against Apache Kafka, whose jars Maven brings

test_kafka() {
    build
    need default-jre-headless command -v java
    need maven command -v mvn
    install_missing
    say 'starting Apache Kafka'
    tests/kafka/kafka up
    trap 'tests/kafka/kafka down' EXIT
    RDKAFKA_TEST_BROKERS=$(tests/kafka/kafka address) \
        phpt kafka php-tests/{seeds,produce,consume,group,legacy,metadata,callback}
    tests/kafka/kafka down
    trap - EXIT
}
