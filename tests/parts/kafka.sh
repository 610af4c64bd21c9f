# shellcheck shell=bash disable=SC2154
# part: 40 kafka
# help: the extension and our tools against Apache Kafka, whose jars Maven brings; our ApiVersions
# help: beside its own

test_kafka() {
    build
    need_kafka
    say 'starting Apache Kafka'
    tests/kafka/kafka up
    trap 'tests/kafka/kafka down' EXIT
    local address script
    address=$(tests/kafka/kafka address)
    RDKAFKA_TEST_BROKERS=$address phpt kafka php-tests
    local environment=(env RDKAFKA_BROKER_BIN="$BROKER" RDKAFKA_SO="$EXTENSION" KAFKA_JARS="$ROOT/target/kafka/lib")
    tap api-versions "${environment[@]}" bash tests/kafka/api-versions.sh "$address"
    for script in kafka-tools kafka-tools-twins; do
        say "$script against Apache Kafka"
        tap "kafka-$script" "${environment[@]}" bash "tests/clients/$script.sh" "$address" "$script"
    done
    tests/kafka/kafka down
    trap - EXIT
}
