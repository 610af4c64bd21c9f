#!/usr/bin/env bash
# kcat (Debian's, on librdkafka) against rdkafka-broker.
set -uo pipefail
client=kcat
# shellcheck source=tests/clients/lib.sh.inc
. "$(dirname "$0")/lib.sh.inc"

for codec in none gzip snappy lz4 zstd; do
    topic=$prefix-codec-$codec
    seq 1 500 | kcat -b "$brokers" -P -t "$topic" -z "$codec" -K '!' -H n=1
    same "produces to a new topic and consumes with $codec" "$(seq 1 500)" \
        "$(kcat -b "$brokers" -C -t "$topic" -o beginning -e -q)"
done
same 'lists topics' 5 "$(kcat -b "$brokers" -L | grep -c "topic \"$prefix-codec-.*with 1 partition")"
seq 1 100 | kcat -b "$brokers" -P -t "$prefix-idempotent" -X enable.idempotence=true
same 'produces idempotently' "$(seq 1 100)" "$(kcat -b "$brokers" -C -t "$prefix-idempotent" -o beginning -e -q)"
seq 1 100 | kcat -b "$brokers" -P -t "$prefix-transactional" -X transactional.id="$prefix-kcat"
same 'produces in a transaction' "$(seq 1 100)" \
    "$(kcat -b "$brokers" -C -t "$prefix-transactional" -o beginning -e -q -X isolation.level=read_committed)"
same 'queries the first offset since a time' "$prefix-idempotent [0] offset 0" "$(kcat -b "$brokers" -Q -t "$prefix-idempotent:0:1000")"
same 'queries the end' "$prefix-idempotent [0] offset 100" "$(kcat -b "$brokers" -Q -t "$prefix-idempotent:0:-1")"

# two members: what both print together is everything, once
members() {
    local topic=$prefix-group number
    "$RDKAFKA_BROKER_BIN" topics --bootstrap-server "$brokers" --create --topic "$topic" --partitions 4 >/dev/null
    for number in 1 2; do
        kcat -b "$brokers" -G "$prefix-g" -X auto.offset.reset=earliest -X partition.assignment.strategy=cooperative-sticky \
            -u -q "$topic" >"$work/member$number" 2>"$work/member$number.err" &
        echo $! >"$work/pid$number"
    done
    local tries
    for tries in $(seq 60); do
        seq $((tries * 100 + 1)) $((tries * 100 + 100)) | sed 's/.*/&:&/' | kcat -b "$brokers" -P -t "$topic" -K :
        [ -s "$work/member1" ] && [ -s "$work/member2" ] && break
        sleep 0.5
    done
    local all=$((tries * 100))
    for tries in $(seq 300); do
        [ "$(cat "$work"/member[12] | wc -l)" -ge "$all" ] && break
        sleep 0.1
    done
    kill "$(cat "$work/pid1")" "$(cat "$work/pid2")"
    wait "$(cat "$work/pid1")" "$(cat "$work/pid2")"
    [ -s "$work/member1" ] && [ -s "$work/member2" ] && [ "$(sort -u "$work"/member[12] | wc -l)" = "$all" ] && return
    wc -l "$work"/member[12]
    cat "$work"/member*.err
    return 1
}
check 'two members of a group share the partitions' members
exit "$((failures > 0))"
