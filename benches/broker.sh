#!/usr/bin/env bash
# rdkafka-broker with its log on a disk against Apache Kafka on this machine, under the same load of the same program
# (rdkafka-load), in turn: ours, Kafka, ours, Kafka, for each measurement. Then how our own costs grow. Prints Markdown
# tables, of medians over the rounds.
#
#   broker.sh RDKAFKA-BROKER RDKAFKA-LOAD
#
# BENCH_PAIRS=3 rounds, 0 for none; BENCH_GROWTH=0 leaves out how our own costs grow; BENCH_SECONDS=1 how long one measurement takes, BENCH_SCALE=1 a factor on it; BENCH_KAFKA=0
# leaves Apache Kafka out; BENCH_CONNECTIONS, BENCH_PARTITIONS, BENCH_IDLE, BENCH_MEMBERS, BENCH_LOG_MB: lists of how
# many; BENCH_LARGEST: the most partitions; BENCH_GROWTH=LIST: only these of partitions, connections, groups, logs. Apache Kafka comes from Maven Central (tests/kafka) and runs with a heap of
# 1 GiB and the JVM's defaults otherwise. Records are removed after each measurement: it needs 5 GB of disk, and as much
# as the largest of BENCH_LOG_MB.
set -euo pipefail
broker=$1
load=$2
# shellcheck source=benches/brokers.sh.inc
. "$(dirname "$0")/brokers.sh.inc"
seconds=$(php -n -r 'echo $argv[1] * $argv[2];' "${BENCH_SECONDS:-1}" "${BENCH_SCALE:-1}")
# What does not count of each measurement.
warm_up=$(php -n -r 'echo $argv[1] * 0.3;' "$seconds")
rounds=${BENCH_PAIRS:-3}
read -ra partition_counts <<<"${BENCH_PARTITIONS:-1 8 100}"
read -ra connection_counts <<<"${BENCH_CONNECTIONS:-1 16 200}"
read -ra idle_counts <<<"${BENCH_IDLE:-1 100 1000 5000}"
read -ra member_counts <<<"${BENCH_MEMBERS:-1 10 100 1000}"
read -ra log_sizes <<<"${BENCH_LOG_MB:-100 1000 10000}"
largest=${BENCH_LARGEST:-10000}
# Thousands of connections are files on both sides.
ulimit -n "$(ulimit -H -n)"

# put WHO LOAD...: runs the load program against a broker; field NAME [DIGITS] reads from what it printed.
put() {
    local who=$1
    shift
    result=$("$load" "$@" --broker "${addresses[$who]}" --pid "${pids[$who]}")
}
field() {
    php -n -r '$value = json_decode($argv[1], true)[$argv[2]]; echo number_format($value, (int) $argv[3]);' \
        "$result" "$1" "${2:-0}"
}

# measure WHO: each case once.
measure() {
    local who=$1 partitions=$2 connections=$3 acks topic
    for acks in 1 -1; do
        [ "$acks" = 1 ] || [ "$connections" = "${connection_counts[0]}" ] || continue
        topic=p$partitions-c$connections-a${acks#-}
        touch_memory
        put "$who" produce --topic "$topic" --partitions "$partitions" --connections "$connections" --acks="$acks" \
            --seconds "$seconds" --warm-up "$warm_up"
        note "$who" "produce, acks=${acks/-1/all}|$partitions|$connections" "$result"
        if [ "$acks" = 1 ]; then
            put "$who" fetch --topic "$topic" --partitions "$partitions" --connections "$connections" \
                --seconds "$seconds" --warm-up "$warm_up"
            note "$who" "fetch|$partitions|$connections" "$result"
        fi
        put "$who" delete --topic "$topic"
    done
}

compare() {
    local who round partitions connections acks
    for who in "${peers[@]}"; do
        for ((round = 0; round < rounds; round++)); do
            [ "$round" = 0 ] || stop "$who"
            start "$who"
            note "$who" 'time to ready, ms' "$ready_ms"
        done
        note "$who" 'resident when ready, MiB' "$(resident "$who")"
        # A virtual machine compiles what is used: nothing counts before it had the time.
        put "$who" produce --topic warm-up --partitions 8 --connections 16 --seconds 10
        put "$who" fetch --topic warm-up --partitions 8 --connections 8 --seconds 5
        put "$who" delete --topic warm-up
    done
    for ((round = 0; round < rounds; round++)); do
        touch_memory
        note floor "produce, acks=1|1|1" "$(php -n "$root/benches/floors.php" append)"
        for connections in "${connection_counts[@]}"; do
            note floor "fetch|1|$connections" "$("$load" floor --file "$data/floor" --connections "$connections" --seconds "$seconds" --warm-up "$warm_up")"
        done
        rm "$data/floor"
        for partitions in "${partition_counts[@]}"; do
            for connections in "${connection_counts[@]}"; do
                for who in "${peers[@]}"; do measure "$who" "$partitions" "$connections"; done
            done
        done
        for acks in 1 -1; do
            for who in "${peers[@]}"; do
                put "$who" latency --topic latency --acks="$acks" --rate 500 --connections 8 --seconds "$(php -n -r 'echo 4 * $argv[1];' "$seconds")"
                note "$who" "latency|${acks/-1/all}" "$result"
                put "$who" delete --topic latency
            done
        done
    done
    for who in "${peers[@]}"; do
        note "$who" 'resident after all this, MiB' "$(resident "$who")"
        stop "$who"
    done
}

# How our own costs grow.
grow_partitions() {
    local count
    for count in $(printf '%s\n' 1 100 1000 "$largest" | sort -nu); do
        rm -rf "$data/log"
        start ours
        put ours topic --topic many --partitions "$count"
        echo "| $count partitions, created | $(field seconds 3) s | $(field cpu_seconds 3) s CPU | $(resident ours) MiB |"
        put ours produce --topic many --partitions "$count" --requests "$count"
        echo "| $count partitions, the first batch in each | $(field messages_per_second) msg/s | $(field cpu_us_per_request 1) us CPU a request | $(resident ours) MiB |"
        put ours produce --topic many --partitions "$count" --seconds "$seconds" --warm-up "$warm_up"
        echo "| $count partitions, produced to | $(field messages_per_second) msg/s | $(field cpu_us_per_request 1) us CPU a request | $(resident ours) MiB |"
        stop ours
        start ours
        echo "| $count partitions, started again | ready after $ready_ms ms | | $(resident ours) MiB |"
        stop ours
    done
}

grow_connections() {
    local count
    rm -rf "$data/log"
    start ours
    for count in "${idle_counts[@]}"; do
        put ours connections --connections "$count"
        echo "| $count idle connections | $(field seconds 2) s | $(field kib_each) KiB each | $(field resident_kib) KiB |"
    done
    stop ours
}

# Members learn within 100 ms that the group begins anew.
grow_groups() {
    local count
    rm -rf "$data/log"
    start ours
    for count in "${member_counts[@]}"; do
        put ours group --members "$count"
        echo "| group of $count, all come at once | stable after $(field stable_after_seconds 3) s | $(field join_cpu_seconds 2) s CPU | |"
        echo "| group of $count, one more comes | stable after $(field rebalance_seconds 3) s | $(field rebalance_cpu_seconds 2) s CPU | |"
        echo "| group of $count, stable | | $(field cpu_us_per_heartbeat 1) us CPU a heartbeat | $(resident ours) MiB |"
    done
    stop ours
}

grow_logs() {
    local count again_ms
    for count in "${log_sizes[@]}"; do
        rm -rf "$data/log"
        touch_memory
        start ours
        put ours produce --topic long --requests "$((count * 1000000 / 16600))"
        echo "| log of $count MB, written | $(field mb_per_second) MB/s | $(field cpu_ms_per_mb 2) ms CPU/MB | $(resident ours) MiB |"
        put ours produce --topic long --seconds "$seconds" --warm-up "$warm_up"
        echo "| log of $count MB, produced to | $(field mb_per_second) MB/s | $(field cpu_ms_per_mb 2) ms CPU/MB | $(resident ours) MiB |"
        stop ours
        start ours
        again_ms=$ready_ms
        put ours fetch --topic long --last 1600 --seconds "$seconds" --warm-up "$warm_up"
        echo "| log of $count MB, started again | ready after $again_ms ms | | |"
        echo "| log of $count MB, its last 1,600 records again and again | $(field mb_per_second) MB/s | $(field cpu_ms_per_mb 2) ms CPU/MB | $(resident ours) MiB |"
        put ours fetch --topic long --seconds "$seconds" --warm-up "$warm_up"
        echo "| log of $count MB, from its start | $(field mb_per_second) MB/s | $(field cpu_ms_per_mb 2) ms CPU/MB | $(resident ours) MiB |"
        stop ours
    done
}

if [ "$rounds" -gt 0 ]; then
    compare
    php -n "$root/benches/broker_tables.php" "$data/results"
fi
if [ "${BENCH_GROWTH:-1}" != 0 ]; then
    printf '\n| rdkafka-broker | | | resident |\n|---|--:|--:|--:|\n'
    growth=${BENCH_GROWTH:-1}
    [ "$growth" != 1 ] || growth='partitions connections groups logs'
    for what in $growth; do "grow_$what"; done
fi
