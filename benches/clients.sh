#!/usr/bin/env bash
# rdkafka-broker against Apache Kafka on this machine under the clients that Kafka's users know: kcat, Kafka's own
# kafka-producer-perf-test and kafka-consumer-perf-test, and librdkafka's rdkafka_performance. The same client against
# ours, then against Kafka, for each measurement. Prints Markdown tables, of medians over the rounds.
#
#   clients.sh RDKAFKA-BROKER
#
# BENCH_PAIRS=3 rounds that count (one more comes before them, in which Kafka's virtual machine compiles what it uses);
# BENCH_SCALE=1 a factor on the numbers of messages; BENCH_KAFKA=0 leaves Apache Kafka out as a broker, not its clients;
# BENCH_ONLY=LIST with commas: only these of kcat, java, rdkafka_performance, latency;
# RDKAFKA_PERFORMANCE=/path/to/rdkafka_performance, which no distribution packages: without it its rows are missing.
# Records are removed after each client: it needs 5 GB of disk at most.
# shellcheck disable=SC2016
set -euo pipefail
broker=$1
# What is deleted is gone before the next measurement, and mostly before the kernel wrote it to the disk.
# shellcheck disable=SC2034
properties=(log.segment.delete.delay.ms=200)
# shellcheck source=benches/brokers.sh.inc
. "$(dirname "$0")/brokers.sh.inc"
jars=$("$root/tests/kafka/kafka" jars)
rounds=${BENCH_PAIRS:-3}
scaled() { php -n -r 'echo max(1, (int) ($argv[1] * $argv[2]));' "$1" "${BENCH_SCALE:-1}"; }
# A run takes one to six seconds; Java's producer is slower, and what it sends before it is compiled does not count.
messages=$(scaled 800000)
java_messages=$(scaled 400000)
java_warm_up=$(scaled 150000)
# Of the latency, in messages; at so many a second.
rate=2000
latency_messages=$(scaled 7000)
latency_warm_up=$(scaled 2000)
# The longest that a run may take.
limit_seconds=$((60 + messages / 10000))

# wants CLIENT: whether it is measured.
wants() { [[ -z ${BENCH_ONLY:-} || ,$BENCH_ONLY, = *,$1,* ]]; }

# cpu_ms WHO: user and system time of all the broker's threads; the name of the process ends at a parenthesis.
ticks=$(getconf CLK_TCK)
cpu_ms() { awk -v ticks="$ticks" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / ticks }' "/proc/${pids[$1]}/stat"; }

# run WHO WHAT MESSAGES CLIENT...: one run of a client, which moves so many messages; noted when $counts.
run() {
    local who=$1 what=$2 moved=$3 printed=$data/printed before broker_ms figures
    shift 3
    # kcat prints what it consumes.
    [ "$1" != kcat ] || printed=/dev/null
    before=$(cpu_ms "$who")
    TIMEFORMAT='%R %U %S'
    if ! { time timeout "$limit_seconds" "$@" >"$printed" 2>"$data/errors"; } 2>"$data/took"; then
        cat "$data/errors" >&2
        echo "clients.sh: did not end well within $limit_seconds s against $who: $*" >&2
        exit 1
    fi
    broker_ms=$(php -n -r 'echo $argv[1] - $argv[2];' "$(cpu_ms "$who")" "$before")
    figures=$(php -n "$root/benches/clients_figures.php" "$moved" "$broker_ms" "$(<"$data/took")" "$printed")
    [ "$counts" = 0 ] || note "$who" "$what" "$figures"
}

create() { "$broker" topics --bootstrap-server "${addresses[$1]}" --create --topic "$2" --partitions 1 >/dev/null; }
# delete WHO TOPIC: until its files are gone, so that removing them is not part of the next measurement.
delete() {
    local who=$1 folder=$data/log tries
    [ "$who" = ours ] || folder=$root/target/kafka/data
    "$broker" topics --bootstrap-server "${addresses[$who]}" --delete --topic "$2" >/dev/null
    for tries in {1..600}; do
        compgen -G "$folder/$2[-.]*" >/dev/null || return 0
        sleep 0.1
    done
    echo "clients.sh: $folder/$2* is still there after $tries looks" >&2
    return 1
}

# Kafka's tools with the heap that Kafka's scripts give them. Each record is one line of a file.
java=(java -Xmx512m -server -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$jars/*")
producer=("${java[@]}" org.apache.kafka.tools.ProducerPerformance)
consumer=("${java[@]}" org.apache.kafka.tools.ConsumerPerformance)

# Each client: produce twice, then consume all of it. They end when they have all messages, and not when the end of the
# partition is told: that takes another fetch, which waits for half a second.
kcat_client() {
    local who=$1 acks
    for acks in 1 all; do
        touch_memory
        run "$who" "kcat|produce, acks=$acks" "$messages" kcat -P -b "${addresses[$who]}" -t kcat -p 0 -X "acks=$acks" -l "$data/records"
    done
    run "$who" 'kcat|consume' $((2 * messages)) kcat -C -q -b "${addresses[$who]}" -t kcat -p 0 -o beginning -c $((2 * messages))
}

# By itself it lets the last batch wait for a second; here it waits as long as librdkafka's producers do otherwise.
rdkafka_performance_client() {
    local who=$1 acks
    for acks in 1 -1; do
        touch_memory
        run "$who" "rdkafka_performance|produce, acks=${acks/-1/all}" "$messages" "$RDKAFKA_PERFORMANCE" -P -b "${addresses[$who]}" \
            -t rdkafka_performance -p 0 -s 1024 -c "$messages" -a "$acks" -X linger.ms=5
    done
    run "$who" 'rdkafka_performance|consume' $((2 * messages)) "$RDKAFKA_PERFORMANCE" -C -b "${addresses[$who]}" \
        -t rdkafka_performance -p 0 -o beginning -c $((2 * messages))
}

java_client() {
    local who=$1 acks
    for acks in 1 all; do
        touch_memory
        run "$who" "kafka-producer-perf-test|produce, acks=$acks" "$java_messages" "${producer[@]}" --bootstrap-server "${addresses[$who]}" \
            --topic java --num-records "$java_messages" --warmup-records "$java_warm_up" --payload-file "$data/payloads" \
            --throughput -1 --command-property "acks=$acks"
    done
    run "$who" 'kafka-consumer-perf-test|consume' $((2 * java_messages)) "${consumer[@]}" --bootstrap-server "${addresses[$who]}" \
        --topic java --num-records $((2 * java_messages))
}

# Without linger.ms=0 it would be the five milliseconds for which the producer waits for more.
latency_client() {
    local who=$1 acks
    for acks in 1 all; do
        run "$who" "latency|acks=$acks" "$latency_messages" "${producer[@]}" --bootstrap-server "${addresses[$who]}" \
            --topic latency --num-records "$latency_messages" --warmup-records "$latency_warm_up" --payload-file "$data/payloads" \
            --throughput "$rate" --command-property "acks=$acks" linger.ms=0
    done
}

names=()
for name in kcat rdkafka_performance java latency; do
    wants "$name" || continue
    [ "$name" != rdkafka_performance ] || [ -n "${RDKAFKA_PERFORMANCE:-}" ] || continue
    names+=("$name")
done
if [ ${#names[@]} = 0 ]; then
    # BENCH_ONLY may be meant for another benchmark.
    echo "clients.sh: no client of ${BENCH_ONLY-} to measure" >&2
    exit
fi
php -n "$root/benches/clients_figures.php" payloads 1000 >"$data/payloads"
php -n "$root/benches/clients_figures.php" payloads "$messages" >"$data/records"
for who in "${peers[@]}"; do start "$who"; done
for ((round = 0; round <= rounds; round++)); do
    counts=$((round > 0))
    for name in "${names[@]}"; do
        # By then the other clients have warmed everything up.
        [ "$counts$name" != 0latency ] || [ ${#names[@]} = 1 ] || continue
        for who in "${peers[@]}"; do
            create "$who" "$name"
            "${name}_client" "$who"
            delete "$who" "$name"
        done
    done
done
for who in "${peers[@]}"; do stop "$who"; done
[ "$rounds" = 0 ] || php -n "$root/benches/clients_tables.php" "$data/results" "$rate"
