#!/usr/bin/env bash
# Kafka's command line tools as rdkafka-broker has them: what they do and what they print.
set -u
# shellcheck source=tests/tap.sh.inc
. "$(dirname "$0")/tap.sh.inc"

start_broker --ephemeral --set group.initial.rebalance.delay.ms=0
tool() {
    local name=$1
    shift
    "$RDKAFKA_BROKER_BIN" "$name" --bootstrap-server "$address" "$@"
}
quiet() { "$@" 2>/dev/null; }

# --- topics
same 'topics --create says so' 'Created topic orders.' \
    "$(tool topics --create --topic orders --partitions 2 --config retention.ms=60000)"
same 'topics --create of one that exists is an error' \
    "rdkafka-broker: Error while executing topic command : Topic 'orders' already exists." \
    "$(tool topics --create --topic orders 2>&1)"
same 'topics --create --if-not-exists is silent' '' "$(tool topics --create --topic orders --if-not-exists 2>&1)"
quiet tool topics --create --topic order-lines >/dev/null
same 'topics --list --topic takes a regular expression' $'order-lines\norders' "$(tool topics --list --topic 'order.*')"
same 'topics --describe shows settings and partitions' \
    $'Topic: orders\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: retention.ms=60000' \
    "$(tool topics --describe --topic orders | head -1 | sed 's/\tTopicId: [^\t]*//')"
same 'topics --describe --json is JSON' 'orders 2' \
    "$(tool topics --describe --topic orders --json | php -r '$t = json_decode(stream_get_contents(STDIN), true)[0]; echo $t["topic"], " ", count($t["partitions"]);')"
tool topics --alter --topic orders --partitions 3
same 'topics --alter adds partitions' 3 "$(tool topics --describe --topic orders | grep -c 'Partition: ')"
check 'topics --delete deletes' tool topics --delete --topic order-lines
same 'a deleted topic is gone' orders "$(tool topics --list --exclude-internal)"
same 'topics --describe of none is an error that names it' \
    "rdkafka-broker: Error while executing topic command : Topic 'nope' does not exist as expected" \
    "$(tool topics --describe --topic nope 2>&1)"

# --- console
printf 'h:1,i:2\tk1=one\nh:3\tk2=NULL\n' | tool console-producer --topic orders --reader-property parse.key=true \
    --reader-property key.separator== --reader-property parse.headers=true --reader-property null.marker=NULL
same 'console-consumer prints headers, key and value of what console-producer sent' \
    $'h:1,i:2\tk1\tone\nh:3\tk2\tnull' \
    "$(quiet tool console-consumer --topic orders --from-beginning --max-messages 2 --group readers \
        --formatter-property print.headers=true --formatter-property print.key=true | sort)"
same 'console-consumer --timeout-ms ends by itself and counts' 'Processed a total of 0 messages' \
    "$(tool console-consumer --topic orders --partition 0 --offset latest --timeout-ms 300 2>&1)"
same 'console-consumer --json gives records as JSON' 'k1' \
    "$(quiet tool console-consumer --topic orders --from-beginning --max-messages 2 --json |
        php -r 'while ($l = fgets(STDIN)) { $r = json_decode($l, true); $r["value"] === null || print $r["key"]; }')"
same 'console-producer says at once that nobody listens' 1 \
    "$(echo x | "$RDKAFKA_BROKER_BIN" console-producer --bootstrap-server 127.0.0.1:1 --topic t 2>&1 | grep -c 'Connection refused')"

# --- groups
described() { quiet tool consumer-groups --describe --group readers | awk 'NF > 5 && $1 == "readers" { committed += $4; end += $5; lag += $6 } END { print committed, end, lag }'; }
same 'consumer-groups --describe shows offsets and lag' '2 2 0' "$(described)"
same 'consumer-groups --list lists' yes "$(tool consumer-groups --list | grep -qx readers && echo yes)"
quiet tool consumer-groups --reset-offsets --group readers --topic orders --to-earliest >/dev/null
same 'consumer-groups --reset-offsets changes nothing without --execute' '2 2 0' "$(described)"
quiet tool consumer-groups --reset-offsets --group readers --topic orders --to-earliest --execute >/dev/null
same 'consumer-groups --reset-offsets --execute does' '0 2 2' "$(described)"
quiet tool consumer-groups --reset-offsets --group readers --all-topics --to-latest --export >"$work/offsets.csv"
quiet tool consumer-groups --reset-offsets --group readers --from-file "$work/offsets.csv" --execute >/dev/null
same 'an exported CSV file is read back' '2 2 0' "$(described)"
same 'consumer-groups --delete deletes' "Deletion of requested consumer groups ('readers') was successful." \
    "$(tool consumer-groups --delete --group readers)"
check 'consumer-groups --describe of none fails' test "$(tool consumer-groups --describe --group nope 2>&1)" = \
    "rdkafka-broker: Error: Executing consumer group command failed due to Group nope not found."

# --- offsets, configuration, the rest
same 'get-offsets counts records' 2 "$(tool get-offsets --topic orders | awk -F: '{ n += $3 } END { print n }')"
same 'configs --describe shows what was set' '  retention.ms=60000' \
    "$(tool configs --describe --entity-type topics --entity-name orders | sed -n 's/ sensitive.*//p')"
check 'health is content' tool health
check 'health is not content without a broker' bash -c "! '$RDKAFKA_BROKER_BIN' health --bootstrap-server 127.0.0.1:1"
same 'broker-api-versions names Produce' yes "$(tool broker-api-versions | grep -q 'Produce(0): 0 to ' && echo yes)"
same 'producer-perf-test tells rate and latencies' yes \
    "$(tool producer-perf-test --topic perf --num-records 5000 --record-size 100 | grep -Eq '^5000 records sent, .* 99.9th.$' && echo yes)"
same 'consumer-perf-test reads them back' 5000 \
    "$(tool consumer-perf-test --topic perf --messages 5000 --hide-header | awk -F', ' '{ print $5 }')"
check 'the broker stops' stop_broker
[ "$failures" = 0 ]
