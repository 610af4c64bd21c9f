#!/usr/bin/env bash
# A crowd of connections of bad manners, and a client that works on undisturbed. RDKAFKA_TEST_CROWD says how many (10000).
set -u
# shellcheck source=tests/tap.sh.inc
. "$(dirname "$0")/tap.sh.inc"
: "${RDKAFKA_CROWD_BIN:?path of the program crowd}"

ulimit -S -n "$(ulimit -H -n)"
crowd=${RDKAFKA_TEST_CROWD:-10000}
files=$(ulimit -n)
# The broker keeps a tenth of its files for logs.
if [ "$files" != unlimited ] && [ "$crowd" -gt $((files * 8 / 10)) ]; then
    crowd=$((files * 8 / 10))
    echo "# only $crowd connections: no more files may be open (ulimit -H -n)"
fi

pool_mib=64
start_broker --ephemeral --log-level error --set queued.max.request.bytes=$((pool_mib << 20)) \
    --set group.initial.rebalance.delay.ms=0
# What the limits promise: the pool, 64 KiB for each connection, and what an idle broker takes.
cap_kib=$((pool_mib * 1024 + crowd * 64 + 64 * 1024))

mkfifo "$work/leave"
"$RDKAFKA_CROWD_BIN" "$address" "$crowd" <"$work/leave" >"$work/crowd.out" 2>"$work/crowd.err" &
crowd_pid=$!
exec 9>"$work/leave"
for _ in $(seq 1200); do
    grep -q ready "$work/crowd.out" && break
    kill -0 "$crowd_pid" 2>/dev/null || break
    sleep 0.1
done
check "$crowd silent, slow, greedy, deaf and noisy connections are there" grep -q ready "$work/crowd.out"

# Each round is a client of its own, so that getting in is part of it.
round() {
    local topic=round-$1
    seq 1000 | timeout 60 kcat -P -b "$address" -t "$topic" || return 1
    diff <(seq 1000) <(timeout 60 kcat -C -b "$address" -t "$topic" -e -q)
}
for number in 1 2 3; do
    check "among them a client writes and reads what it wrote, round $number" round "$number"
done
members() {
    timeout 60 kcat -b "$address" -G readers-of-all -e -q -o beginning -X auto.offset.reset=earliest round-1 | wc -l
}
same 'among them a group reads' 1000 "$(members)"
check 'the broker has thrown nobody out who may stay' test "$(ls "/proc/$broker_pid/fd" | wc -l)" -gt $((crowd * 7 / 10))

peak_kib=$(awk '/^VmHWM/ { print $2 }' "/proc/$broker_pid/status")
echo "# resident memory at most $((peak_kib / 1024)) MiB; the cap is $((cap_kib / 1024)) MiB"
check 'resident memory stays under the cap' test "$peak_kib" -lt "$cap_kib"

exec 9>&-
wait "$crowd_pid"
sed 's/^/# /' "$work/crowd.out" "$work/crowd.err"
gone() {
    local tries
    for tries in $(seq 100); do
        [ "$(ls "/proc/$broker_pid/fd" | wc -l)" -ge 100 ] || return 0
        sleep 0.1
    done
    return 1
}
check 'when the crowd has left, its connections are gone' gone
check 'the broker serves and stops well' stop_broker

exit $((failures > 0))
