# shellcheck shell=bash disable=SC2154
# part: 46 mock
# help: the extension against librdkafka's mock cluster with injected errors (PyPI brings it)

test_mock() {
    build
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    install_missing
    local python=$TARGET/mixed/bin/python
    if ! "$python" -c 'import confluent_kafka, kafka' 2>/dev/null; then
        python3 -m venv "$TARGET/mixed"
        "$python" -m pip install -q confluent-kafka==2.16.1 kafka-python==3.0.12
    fi
    tap mock env RDKAFKA_SO="$EXTENSION" php -n -d extension="$EXTENSION" tests/peers/mock.php "$python"
}
