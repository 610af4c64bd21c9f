# shellcheck shell=bash disable=SC2154
# part: 50 cluster
# help: the client in a cluster of three Apache Kafka nodes that are killed in turn
# help: (CHAOS_SECONDS=600 for longer, CHAOS_SEED=N for the same course)

test_cluster() {
    build
    need_kafka
    say 'starting three nodes of Apache Kafka'
    tests/kafka/cluster up
    trap 'tests/kafka/cluster down' EXIT
    local seconds=${CHAOS_SECONDS:-90} seed=${CHAOS_SEED:-$RANDOM}
    chaos() {
        local folder status=0
        folder=$(mktemp -d)
        RDKAFKA_SO=$EXTENSION php -n -d extension="$EXTENSION" -d memory_limit=1G \
            "tests/cluster/$1.php" "$(tests/kafka/cluster address)" "$folder" "$seconds" "$seed" || status=$?
        [ "$status" = 0 ] && rm -rf "$folder" || echo "# what the processes wrote is in $folder"
        return "$status"
    }
    tap chaos chaos chaos
    tests/kafka/cluster down
    trap - EXIT
}
