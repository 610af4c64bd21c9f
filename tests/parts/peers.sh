# shellcheck shell=bash disable=SC2154
# part: 45 peers
# help: the extension against franz-go's fake cluster posing as Kafka 0.10 to 4.2; what Java, librdkafka, kafka-python and franz-go write and read
# help: (the Go module proxy, PyPI and Maven bring them)

test_peers() {
    build
    need golang-go command -v go
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    need_kafka
    # shellcheck source=tests/peers/go.sh.inc
    source tests/peers/go.sh.inc
    mkdir -p "$TARGET/peers"
    build_go kfake "$TARGET/peers/kfake"
    local python=$TARGET/mixed/bin/python
    if ! "$python" -c 'import confluent_kafka, kafka' 2>/dev/null; then
        python3 -m venv "$TARGET/mixed"
        "$python" -m pip install -q confluent-kafka==2.16.1 kafka-python==3.0.12
    fi
    local run=(env RDKAFKA_SO="$EXTENSION" php -n -d extension="$EXTENSION")
    say 'franz-go kfake'
    tap kfake "${run[@]}" tests/peers/kfake.php "$TARGET/peers/kfake"
    say 'what others write and read'
    build_go franz "$TARGET/peers/franz"
    tests/kafka/kafka up
    trap 'tests/kafka/kafka down' EXIT
    tap interop "${run[@]}" tests/peers/interop.php "$(tests/kafka/kafka address)" "$python" "$TARGET/peers/franz" \
        tests/kafka/kafka
    tests/kafka/kafka down
    trap - EXIT
}
