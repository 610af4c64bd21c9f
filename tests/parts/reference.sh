# shellcheck shell=bash disable=SC2154
# part: -- reference
# help: (by name only) php-tests under another extension against rdkafka-broker:
# help: REFERENCE_SO=/path/to/rdkafka.so

# Where php-rdkafka does something else, and we know better (php-tests/README.md), or has nothing of the kind.
reference_differences() {
    cat <<'LIST'
callback/oauthbearer_no_config
conf/ini
conf/value_not_utf8
reflection/info
seeds/high_level_consumer
LIST
}

# lifecycle/ is where we differ on purpose.
reference_tests() {
    local file
    for file in php-tests/{seeds,conf,produce,consume,group,legacy,metadata,callback,message,topic_partition,errors,function,reflection}/*.phpt; do
        file=${file#php-tests/}
        reference_differences | grep -qxF "${file%.phpt}" || echo "php-tests/$file"
    done
}

# Not part of the whole run: proves the expectations of php-tests with php-rdkafka itself.
test_reference() {
    [ -n "${REFERENCE_SO:-}" ] || fail 'name the other extension: REFERENCE_SO=/path/to/rdkafka.so ./dev test reference'
    build
    local ready line tests
    mapfile -t tests < <(reference_tests)
    exec {ready}< <(exec "$BROKER" serve --listen 127.0.0.1:0 --ephemeral --log-level warn)
    local broker_pid=$!
    # shellcheck disable=SC2064
    trap "kill $broker_pid" EXIT
    read -r line <&"$ready"
    EXTENSION=$REFERENCE_SO RDKAFKA_TEST_BROKERS=${line##* } phpt reference "${tests[@]}"
    kill "$broker_pid"
    trap - EXIT
}
