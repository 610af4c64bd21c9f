# shellcheck shell=bash disable=SC2154
# part: -- reference
# help: (by name only) php-tests under another extension against rdkafka-broker:
# help: REFERENCE_SO=/path/to/rdkafka.so

# Not part of the whole run: proves the expectations of php-tests with php-rdkafka itself.
test_reference() {
    [ -n "${REFERENCE_SO:-}" ] || fail 'name the other extension: REFERENCE_SO=/path/to/rdkafka.so ./dev test reference'
    build
    local ready
    exec {ready}< <(exec "$BROKER" serve --listen 127.0.0.1:0 --ephemeral --log-level warn)
    local broker_pid=$!
    local line
    read -r line <&"$ready"
    # lifecycle/ is where we differ on purpose
    EXTENSION=$REFERENCE_SO RDKAFKA_TEST_BROKERS=${line##* } \
        phpt reference php-tests/{seeds,produce,consume,group,legacy,metadata,callback,message,topic_partition,errors,function}
    kill "$broker_pid"
}
