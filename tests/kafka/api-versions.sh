#!/usr/bin/env bash
# What rdkafka-broker says in ApiVersions, held against what Apache Kafka itself says, as Apache Kafka's own tool reads
# both: every key a client can call is there, from version 0 (for clients that Kafka 4 no longer takes) to Kafka's newest.
#
#   api-versions.sh KAFKA        KAFKA_JARS names the folder of Kafka's jars
set -uo pipefail
# shellcheck source=tests/tap.sh.inc
. "$(dirname "$0")/../tap.sh.inc"
client=ApiVersions

# Why a key is missing: what a cluster of one node has no use for, what only brokers send to each other, what is not there yet.
absent() {
    case $1 in
        83 | 84 | 85 | 86 | 87) echo 'sent by brokers to each other, for share groups' ;;
        *) return 1 ;;
    esac
}

# versions ADDRESS: KEY NAME LEAST MOST, a line each.
versions() {
    java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
        -cp "$KAFKA_JARS/*" org.apache.kafka.tools.BrokerApiVersionsCommand --bootstrap-server "$1" |
        sed -nE 's/^\s+(\w+)\(([0-9]+)\): ([0-9]+)( to ([0-9]+))? \[.*/\2 \1 \3 \5/p' | awk '{ print $1, $2, $3, (NF > 3 ? $4 : $3) }'
}

start_broker --ephemeral
versions "$address" >"$work/ours"
versions "$1" >"$work/kafka"
declare -A ours=()
while read -r key _ range; do ours[$key]=$range; done <"$work/ours"
while read -r key name low high; do
    if [ -n "${ours[$key]:-}" ]; then
        # Version 0 of these was a preview, which Kafka withdrew.
        case $key in 76 | 77 | 78 | 79) least=$low ;; *) least=0 ;; esac
        same "$name ($key) from $least to $high (Kafka: from $low)" "$least $high" "${ours[$key]}"
    else
        reason=$(absent "$key")
        check "$name ($key) is missing${reason:+: $reason}" test "$reason"
    fi
done <"$work/kafka"
check 'Apache Kafka listed its keys' test -s "$work/kafka"
same 'none that Apache Kafka does not list' '' "$(comm -23 <(cut -d' ' -f1 "$work/ours" | sort) <(cut -d' ' -f1 "$work/kafka" | sort))"
check 'the broker stops' stop_broker
exit $((failures > 0))
