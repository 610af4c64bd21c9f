# shellcheck shell=bash disable=SC2154
# part: 21 phpt-broker
# help: the same PHP scripts against rdkafka-broker in a process of its own

test_phpt-broker() {
    build
    local ready line
    exec {ready}< <(exec "$BROKER" serve --listen 127.0.0.1:0 --ephemeral --log-level warn)
    local broker_pid=$!
    # shellcheck disable=SC2064
    trap "kill $broker_pid" EXIT
    read -r line <&"$ready"
    RDKAFKA_TEST_BROKERS=${line##* } phpt phpt-broker php-tests
    kill "$broker_pid"
    trap - EXIT
}
