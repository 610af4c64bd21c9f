# shellcheck shell=bash disable=SC2154
# part: 50 cluster
# help: the client in a cluster of three Apache Kafka nodes that are killed in turn
# help: reading from the closest replica and through changes of the leader, getting on within two seconds of a fault's end,
# help: and transactions whose producers are killed and fenced
# help: (CHAOS_SECONDS=600 for longer, CHAOS_SEED=N for the same course)

test_cluster() {
    build
    need_kafka
    say 'starting three nodes of Apache Kafka'
    tests/kafka/cluster up
    trap 'tests/kafka/cluster down' EXIT
    local seconds=${CHAOS_SECONDS:-90} seed=${CHAOS_SEED:-$RANDOM}
    # chaos PROGRAM [ARGUMENT]
    chaos() {
        local folder status=0 program=$1
        shift
        folder=$(mktemp -d)
        RDKAFKA_SO=$EXTENSION php -n -d extension="$EXTENSION" -d memory_limit=1G \
            "tests/cluster/$program.php" "$(tests/kafka/cluster address)" "$folder" "$seconds" "$seed" "$@" || status=$?
        [ "$status" = 0 ] && rm -rf "$folder" || echo "# what the processes wrote is in $folder"
        return "$status"
    }
    cargo build --release --locked -p rdkafka-client --example copy_in_transactions
    export COPIER=$TARGET/release/examples/copy_in_transactions
    tap replicas chaos replicas
    tap recovery chaos recovery
    tap chaos chaos chaos
    if [ "$seconds" -gt 90 ]; then
        tap transactions chaos transactions kill-nodes
    else
        seconds=40
        tap transactions chaos transactions
    fi
    tests/kafka/cluster down
    trap - EXIT
}
