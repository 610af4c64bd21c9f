# shellcheck shell=bash disable=SC2154
# part: 35 mixed
# help: our consumers in one group with librdkafka's and kafka-python's (PyPI brings them)

test_mixed() {
    build
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip'
    install_missing
    local python=$TARGET/mixed/bin/python
    # shellcheck source=tests/peers/python.sh.inc
    source tests/peers/python.sh.inc
    install_python_clients "$TARGET/mixed"
    local ready line
    exec {ready}< <(exec "$BROKER" serve --listen 127.0.0.1:0 --ephemeral --log-level warn)
    local broker_pid=$!
    read -r line <&"$ready"
    say 'mixed groups'
    tap mixed "$python" tests/mixed/groups.py "${RDKAFKA_TEST_BROKERS:-${line##* }}" "$(command -v php)" "$EXTENSION"
    kill "$broker_pid"
}
