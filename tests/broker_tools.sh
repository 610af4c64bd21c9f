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
printf '%s\n' print.key=true key.separator=/ >"$work/format.properties"
same 'console-consumer --formatter-config is read, and --formatter-property goes over it' $'k1/one\nk2/nothing' \
    "$(quiet tool console-consumer --topic orders --from-beginning --max-messages 2 --formatter-config "$work/format.properties" \
        --formatter-property null.literal=nothing | sort)"
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

# --- share groups
quiet tool configs --alter --entity-type groups --entity-name workers --add-config share.auto.offset.reset=earliest >/dev/null
jobs() { quiet tool console-share-consumer --topic orders --group workers --timeout-ms 60000 "$@"; }
same 'console-share-consumer gets what nobody else has' $'one\nnull' "$(jobs --max-messages 2 --release | sort -r)"
same 'console-share-consumer --json tells that a record was given back' '2 2' \
    "$(jobs --max-messages 2 --json | php -r 'while ($l = fgets(STDIN)) { $n[] = json_decode($l, true)["deliveryCount"]; } echo implode(" ", $n);')"
same 'console-share-consumer --timeout-ms ends by itself when all is done' 'Processed a total of 0 messages' \
    "$(tool console-share-consumer --topic orders --group workers --timeout-ms 300 2>&1)"

# --- offsets, configuration, the rest
quiet tool console-consumer --topic orders --from-beginning --max-messages 2 --group others >/dev/null
same 'get-offsets counts records' 2 "$(tool get-offsets --topic orders | awk -F: '{ n += $3 } END { print n }')"
same 'configs --describe shows what was set' '  retention.ms=60000' \
    "$(tool configs --describe --entity-type topics --entity-name orders | sed -n 's/ sensitive.*//p')"
check 'health is content' tool health
check 'health is not content without a broker' bash -c "! '$RDKAFKA_BROKER_BIN' health --bootstrap-server 127.0.0.1:1"
same 'cluster list-endpoints names the broker' "1 ${address%:*} ${address##*:} unfenced" \
    "$(tool cluster list-endpoints | awk 'NR == 2 { print $1, $2, $3, $5 }')"
same 'cluster cluster-id and metadata-quorum --status know the same cluster' "$(tool cluster cluster-id | sed 's/.* //')" \
    "$(tool metadata-quorum describe --status | sed -n 's/^ClusterId: *//p')"
same 'metadata-quorum describe --replication --json is JSON' '1 Leader' \
    "$(tool metadata-quorum describe --replication --json |
        php -r '$r = json_decode(stream_get_contents(STDIN), true)[0]; echo $r["nodeId"], " ", $r["status"];')"
same 'groups --list names type and protocol' 'others Classic consumer' "$(tool groups --list --consumer | awk '$1 == "others" { print $1, $2, $3 }')"
same 'broker-api-versions names Produce' yes "$(tool broker-api-versions | grep -q 'Produce(0): 0 to ' && echo yes)"
echo '{"version":1,"partitions":[{"topic":"orders","partition":0,"replicas":[1]}]}' >"$work/plan.json"
same 'reassign-partitions --verify of what is so already' 'Reassignment of partition orders-0 is completed.' \
    "$(tool reassign-partitions --verify --reassignment-json-file "$work/plan.json" | sed -n 2p)"
same 'producer-perf-test tells rate and latencies' yes \
    "$(tool producer-perf-test --topic perf --num-records 5000 --record-size 100 | grep -Eq '^5000 records sent, .* 99.9th.$' && echo yes)"
same 'consumer-perf-test reads them back' 5000 \
    "$(tool consumer-perf-test --topic perf --messages 5000 --hide-header | awk -F', ' '{ print $5 }')"
check 'the broker stops' stop_broker

# --- folders and files: a broker on two disks
mkdir "$work/a" "$work/b"
start_broker --set log.dirs="$work/a,$work/b"
tool topics --create --topic moved >/dev/null
seq 100 | tool console-producer --topic moved
folder() { dirname "$(ls -d "$work"/[ab]/moved-0)"; }
from=$(folder)
case $from in */a) to=$work/b ;; *) to=$work/a ;; esac
echo "{\"version\":1,\"partitions\":[{\"topic\":\"moved\",\"partition\":0,\"replicas\":[1],\"log_dirs\":[\"$to\"]}]}" >"$work/plan.json"
moves() { tool reassign-partitions --verify --reassignment-json-file "$work/plan.json" | grep -F "$1"; }
same 'reassign-partitions --verify knows that a move was not begun' \
    "Partition moved-0 on broker 1 is not being moved from log dir $from to $to." "$(moves 'Partition moved-0')"
same 'reassign-partitions --execute begins it' \
    "Successfully started moving log directory to $to for replica moved-0 with broker 1 " \
    "$(tool reassign-partitions --execute --reassignment-json-file "$work/plan.json" | tail -1)"
for _ in $(seq 300); do
    moves 'replica moved-0-1 completed successfully.' >/dev/null && break
    sleep 0.1
done
same 'reassign-partitions: the partition is in the other folder, with its records' "$to 100" \
    "$(folder) $(tool get-offsets --topic moved | cut -d: -f3)"
check 'that broker stops, too' stop_broker
same 'dump-log shows the records of a segment' '100 payload: 100' \
    "$("$RDKAFKA_BROKER_BIN" dump-log --files "$to/moved-0/00000000000000000000.log" --print-data-log |
        awk '/^\|/ { n++; last = $(NF - 1) " " $NF } END { print n, last }')"
same 'dump-log --json is an object a line' '100' \
    "$("$RDKAFKA_BROKER_BIN" dump-log --files "$to/moved-0/00000000000000000000.log" --deep-iteration --json |
        php -r '$n = 0; while ($l = fgets(STDIN)) { $n += count(json_decode($l, true)["records"]); } echo $n;')"
same 'dump-log of a file that is not there is an error that names it' 1 \
    "$("$RDKAFKA_BROKER_BIN" dump-log --files "$work/00000000000000000007.log" 2>&1 | grep -c "cannot open $work/00000000000000000007.log")"
[ "$failures" = 0 ]
