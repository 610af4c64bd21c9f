#!/usr/bin/env bash
# rdkafka-broker with its log on a disk against Apache Kafka, one after the other, on this machine, under the same load
# of the same program (rdkafka-load). Prints Markdown tables.
#
#   broker.sh RDKAFKA-BROKER RDKAFKA-LOAD
#
# BENCH_SECONDS=1 how long one measurement takes; BENCH_KAFKA=0 leaves Apache Kafka out;
# BENCH_CONNECTIONS, BENCH_PARTITIONS, BENCH_IDLE, BENCH_MEMBERS, BENCH_LOG_MB: lists of how many; BENCH_LARGEST: the
# most partitions. Apache Kafka comes from Maven Central (tests/kafka) and runs with a heap of 1 GiB and the JVM's
# defaults otherwise.
set -euo pipefail
broker=$1
load=$2
root=$(cd "$(dirname "$0")/.." && pwd)
seconds=${BENCH_SECONDS:-1}
read -ra partition_counts <<<"${BENCH_PARTITIONS:-1 8 100}"
read -ra connection_counts <<<"${BENCH_CONNECTIONS:-1 16 200}"
read -ra idle_counts <<<"${BENCH_IDLE:-1 100 1000 5000}"
read -ra member_counts <<<"${BENCH_MEMBERS:-1 10 100}"
read -ra log_sizes <<<"${BENCH_LOG_MB:-16 256 1024}"
largest=${BENCH_LARGEST:-10000}
data=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; [ "${BENCH_KAFKA:-1}" = 0 ] || "$root/tests/kafka/kafka" down; rm -rf "$data"' EXIT
# Thousands of connections are files on both sides.
ulimit -n "$(ulimit -H -n)"

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# start WHO [--topic NAME:PARTITIONS]: sets pid, address and ready_ms.
start() {
    local who=$1 began line ready
    shift
    began=$(milliseconds)
    if [ "$who" = kafka ]; then
        KAFKA_HEAP=1g KAFKA_JAVA_OPTIONS=-server "$root/tests/kafka/kafka" up
        pid=$(cat "$root/target/kafka/pid")
        address=$("$root/tests/kafka/kafka" address)
    else
        exec {ready}< <(exec "$broker" serve --listen 127.0.0.1:0 --data-dir "$data/log" --log-level error "$@")
        pid=$!
        read -r line <&"$ready"
        address=${line##* }
    fi
    ready_ms=$(($(milliseconds) - began))
}

stop() {
    if [ "$1" = kafka ]; then
        "$root/tests/kafka/kafka" down
    else
        kill "$pid"
        tail --pid="$pid" -f /dev/null
    fi
    pid=
}

# put LOAD...: runs the load program against what runs; field NAME [DIGITS] reads from what it printed.
put() { result=$("$load" "$@" --broker "$address" --pid "$pid"); }
field() {
    php -n -r '$value = json_decode($argv[1], true)[$argv[2]]; echo number_format($value, (int) $argv[3]);' \
        "$result" "$1" "${2:-0}"
}
resident() { awk '/^VmRSS:/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/status"; }

peers=(ours)
if [ "${BENCH_KAFKA:-1}" != 0 ]; then
    # The jars are fetched before anything is timed.
    "$root/tests/kafka/kafka" up
    "$root/tests/kafka/kafka" down
    peers+=(kafka)
fi

compare() {
    local who=$1 partitions connections acks topic
    start "$who"
    echo "| $who | time to ready | $ready_ms ms, resident $(resident) MiB | | | |" >>"$data/ready"
    # A virtual machine compiles what is used: nothing counts before it had the time.
    put produce --topic warm-up --connections 8 --seconds 10
    for partitions in "${partition_counts[@]}"; do
        for connections in "${connection_counts[@]}"; do
            for acks in 1 -1; do
                [ "$acks" = 1 ] || [ "$connections" = "${connection_counts[0]}" ] || continue
                topic=p$partitions-c$connections-a${acks#-}
                put produce --topic "$topic" --partitions "$partitions" --connections "$connections" --acks="$acks" --seconds "$seconds"
                echo "| $who | produce, acks=${acks/-1/all} | $partitions | $connections | $(field messages_per_second) | $(field mb_per_second) | $(field cpu_us_per_request 1) | $(field cpu_ms_per_mb 2) |" >>"$data/throughput"
            done
            put fetch --topic "p$partitions-c$connections-a1" --partitions "$partitions" --connections "$connections" --seconds "$seconds"
            echo "| $who | fetch | $partitions | $connections | $(field messages_per_second) | $(field mb_per_second) | | $(field cpu_ms_per_mb 2) |" >>"$data/throughput"
        done
    done
    for acks in 1 -1; do
        put latency --topic "latency$acks" --acks="$acks" --rate 500 --connections 8 --seconds "$((seconds * 2))"
        echo "| $who | acks=${acks/-1/all} | $(field p50_us) | $(field p99_us) | $(field p999_us) |" >>"$data/latency"
    done
    echo "| $who | after all this | resident $(resident) MiB | | | |" >>"$data/ready"
    stop "$who"
}

# How our own costs grow.
grow() {
    local count
    for count in 1 100 1000 "$largest"; do
        rm -rf "$data/log"
        start ours
        put topic --topic many --partitions "$count"
        echo "| $count partitions, created | $(field seconds 3) s | $(field cpu_seconds 3) s CPU | $(resident) MiB |"
        put produce --topic many --partitions "$count" --requests "$count"
        echo "| $count partitions, the first batch in each | $(field messages_per_second) msg/s | $(field cpu_us_per_request 1) us CPU a request | $(resident) MiB |"
        put produce --topic many --partitions "$count" --seconds "$seconds"
        echo "| $count partitions, produced to | $(field messages_per_second) msg/s | $(field cpu_us_per_request 1) us CPU a request | $(resident) MiB |"
        stop ours
        start ours
        echo "| $count partitions, started again | ready after $ready_ms ms | | $(resident) MiB |"
        stop ours
    done
    rm -rf "$data/log"
    start ours
    for count in "${idle_counts[@]}"; do
        put connections --connections "$count"
        echo "| $count idle connections | $(field seconds 2) s | $(field kib_each) KiB each | $(field resident_kib) KiB |"
    done
    for count in "${member_counts[@]}"; do
        put group --members "$count" --seconds "$seconds"
        echo "| group of $count | stable after $(field stable_after_seconds 3) s | $(field cpu_us_per_heartbeat 1) us CPU a heartbeat | $(field resident_kib) KiB |"
    done
    stop ours
    for count in "${log_sizes[@]}"; do
        rm -rf "$data/log"
        start ours
        put produce --topic long --requests "$((count * 64))"
        echo "| log of $count MB, written | $(field mb_per_second) MB/s | $(field cpu_us_per_request 1) us CPU a request | $(resident) MiB |"
        stop ours
        start ours
        local again_ms=$ready_ms
        put fetch --topic long --seconds "$seconds"
        echo "| log of $count MB, started again and read | ready after $again_ms ms | $(field mb_per_second) MB/s, $(field cpu_ms_per_mb 2) ms CPU/MB | $(resident) MiB |"
        stop ours
    done
}

for who in "${peers[@]}"; do compare "$who"; done
printf '| broker | | partitions | connections | msg/s | MB/s | us CPU/request | ms CPU/MB |\n|---|---|--:|--:|--:|--:|--:|--:|\n'
cat "$data/throughput"
printf '\n| broker | 500 requests/s of 16 KB | p50 us | p99 us | p99.9 us |\n|---|---|--:|--:|--:|\n'
cat "$data/latency"
printf '\n| broker | | |\n|---|---|---|\n'
sed 's/ | | | |$/ |/' "$data/ready"
printf '\n| rdkafka-broker | | | resident |\n|---|--:|--:|--:|\n'
grow
