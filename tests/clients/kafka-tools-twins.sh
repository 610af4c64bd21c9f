#!/usr/bin/env bash
# Apache Kafka's tools and ours do the same things, each to a topic and a group of its own: they print the same, and the
# same comes of it. What one wrote, the other reads.
set -uo pipefail
client="Kafka's tools and ours"
# shellcheck source=tests/clients/lib.sh.inc
. "$(dirname "$0")/lib.sh.inc"
# shellcheck source=tests/clients/kafka-tools.sh.inc
. "$(dirname "$0")/kafka-tools.sh.inc"
groups=$tools.consumer.group.ConsumerGroupCommand
configs=kafka.admin.ConfigCommand
twin() { sed "s/$prefix-$1/NAME/g" | blank; }

# twins WHAT OUR-NAME CLASS ARGUMENT...: NAME in an argument is the twin's own; both print the same and end alike.
twins() {
    local what=$1 name=$2 class=$3 their_end=0 our_end=0
    shift 3
    theirs "$class" "${@//NAME/$prefix-theirs}" >"$work/theirs" 2>"$work/theirs.err" || their_end=1
    ours "$name" "${@//NAME/$prefix-ours}" >"$work/ours" 2>"$work/ours.err" || our_end=1
    same "$what" "$(twin theirs <"$work/theirs")"$'\n'"ends with $their_end" "$(twin ours <"$work/ours")"$'\n'"ends with $our_end"
}
# fails WHAT WORDS OUR-NAME CLASS ARGUMENT...: both fail, and say these words somewhere.
fails() {
    local what=$1 words=$2 name=$3 class=$4 their=1 our=1
    shift 4
    theirs "$class" "$@" >"$work/theirs" 2>&1 || their=$?
    ours "$name" "$@" >"$work/ours" 2>&1 || our=$?
    same "$what" "both say: $words" \
        "$([ "$their" = 0 ] || [ "$our" = 0 ] || { grep -qF -- "$words" "$work/theirs" && grep -qF -- "$words" "$work/ours" && echo "both say: $words"; } ||
            head -5 "$work/theirs" "$work/ours")"
}
described() { sed 's/TopicId: [^ \t]*/TopicId: ID/'; }

# --- topics
twins 'topics --create' topics $tools.TopicCommand --create --topic NAME --partitions 2 --config retention.ms=600000
twins 'topics --create --if-not-exists of one that exists' topics $tools.TopicCommand --create --topic NAME --if-not-exists
twins 'topics --alter' topics $tools.TopicCommand --alter --topic NAME --partitions 3
same 'topics --describe of both' "$(theirs $tools.TopicCommand --describe --topic "$prefix-theirs" | described | twin theirs)" \
    "$(theirs $tools.TopicCommand --describe --topic "$prefix-ours" | described | twin ours)"
fails 'topics --alter to fewer partitions' 'would not be an increase' topics $tools.TopicCommand --alter --topic "$prefix-ours" --partitions 1
fails 'topics --describe of none' "Topic '$prefix-none' does not exist as expected" topics $tools.TopicCommand --describe --topic "$prefix-none"

# --- configs
twins 'configs --alter' configs $configs --alter --entity-type topics --entity-name NAME \
    --add-config 'cleanup.policy=[compact,delete],segment.bytes=2097152'
twins 'configs --alter --delete-config' configs $configs --alter --entity-type topics --entity-name NAME --delete-config segment.bytes
twins 'configs --describe' configs $configs --describe --entity-type topics --entity-name NAME
twins 'configs --alter back' configs $configs --alter --entity-type topics --entity-name NAME --delete-config cleanup.policy
fails 'configs of a name that nobody knows' nonsense configs $configs --alter --entity-type topics --entity-name "$prefix-ours" --add-config nonsense=1

# --- client metrics
metrics=$tools.ClientMetricsCommand
twins 'client-metrics --alter' client-metrics $metrics --alter --name NAME --interval 10000 --metrics a.,b. --match 'client_id=x.*,client_software_name=y'
twins 'client-metrics --describe' client-metrics $metrics --describe --name NAME
same 'client-metrics --list' "$prefix-ours and $prefix-theirs" \
    "$(ours client-metrics --list | grep -F "$prefix-" | sort | paste -sd, | sed 's/,/ and /')"
twins 'client-metrics --alter of an interval to what it was' client-metrics $metrics --alter --name NAME --interval ''
twins 'client-metrics --describe after that' client-metrics $metrics --describe --name NAME
twins 'client-metrics --delete' client-metrics $metrics --delete --name NAME
twins 'client-metrics --describe of none' client-metrics $metrics --describe --name NAME
fails 'client-metrics of a match that is none' 'Illegal client matching pattern: nonsense' client-metrics $metrics \
    --alter --name "$prefix-ours" --match nonsense
fails 'client-metrics --alter of nothing' 'One of --name or --generate-name must be specified' client-metrics $metrics --alter --interval 1000

# --- quotas
named_user=(--entity-type users --entity-name NAME)
named_client=(--entity-type clients --entity-name NAME)
twins 'configs --alter of a client'"'"'s quota' configs $configs --alter "${named_client[@]}" --add-config producer_byte_rate=12345678,request_percentage=0.5
twins 'configs --alter of a user with all clients' configs $configs --alter "${named_user[@]}" --entity-type clients --entity-default \
    --add-config consumer_byte_rate=1024
twins 'configs --describe of a client' configs $configs --describe "${named_client[@]}"
twins 'configs --describe of a user with clients' configs $configs --describe "${named_user[@]}" --entity-type clients
twins 'configs --describe --user of none' configs $configs --describe --user "$prefix-none"
twins 'configs --alter --delete-config of a quota' configs $configs --alter --client NAME --delete-config producer_byte_rate
twins 'configs --describe --client of the rest' configs $configs --describe --client NAME
twins 'configs --alter --delete-config of the last' configs $configs --alter --client NAME --delete-config request_percentage
twins 'configs --alter --delete-config of two entities' configs $configs --alter "${named_user[@]}" --entity-type clients --entity-default \
    --delete-config consumer_byte_rate
twins 'configs --describe of a client without quotas' configs $configs --describe "${named_client[@]}"
fails 'configs of no quota' nonsense configs $configs --alter "${named_client[@]}" --add-config nonsense=1

# --- records: each prints what the other wrote
records() { for number in $(seq 9); do printf 'h:%s\tk%s\tvalue %s\n' "$number" "$number" "$number"; done; }
written=(--reader-property parse.headers=true --reader-property parse.key=true)
records | theirs $tools.ConsoleProducer --topic "$prefix-theirs" "${written[@]}" --compression-codec zstd
records | ours console-producer --topic "$prefix-ours" "${written[@]}" --compression-codec zstd
printed=(--from-beginning --max-messages 9 --timeout-ms 60000 --formatter-property print.headers=true
    --formatter-property print.key=true --formatter-property print.partition=true --formatter-property print.offset=true)
same 'console-consumer: theirs prints of ours what ours prints of theirs' \
    "$(theirs $tools.consumer.ConsoleConsumer --topic "$prefix-ours" --group "$prefix-ours" "${printed[@]}" 2>/dev/null | sort)" \
    "$(ours console-consumer --topic "$prefix-theirs" --group "$prefix-theirs" "${printed[@]}" 2>/dev/null | sort)"
twins 'get-offsets' get-offsets $tools.GetOffsetShell --topic NAME

# --- share groups: each a group of its own in the same queue
queue=$prefix-queue
ours topics --create --topic "$queue" >/dev/null
seq 9 | sed 's/.*/k&\tjob &/' | ours console-producer --topic "$queue" --reader-property parse.key=true
for who in theirs ours; do
    theirs $configs --alter --entity-type groups --entity-name "$prefix-$who-jobs" --add-config share.auto.offset.reset=earliest >/dev/null
done
jobs=(--topic "$queue" --group NAME-jobs --timeout-ms 60000)
twins 'console-share-consumer --release' console-share-consumer $tools.consumer.ConsoleShareConsumer "${jobs[@]}" --max-messages 9 --release \
    --formatter-property print.key=true --formatter-property print.offset=true --formatter-property print.partition=true \
    --formatter-property print.delivery=true --formatter-property print.epoch=true --formatter-property print.timestamp=true \
    --formatter-property print.headers=true
twins 'console-share-consumer --reject' console-share-consumer $tools.consumer.ConsoleShareConsumer "${jobs[@]}" --max-messages 4 --reject
twins 'console-share-consumer, of what is left' console-share-consumer $tools.consumer.ConsoleShareConsumer "${jobs[@]}" --max-messages 5 \
    --formatter-property print.key=true
twins 'share-groups --describe, when all is done' share-groups $tools.consumer.group.ShareGroupCommand --describe --group NAME-jobs
twins 'console-share-consumer of nothing more' console-share-consumer $tools.consumer.ConsoleShareConsumer \
    --topic "$queue" --group NAME-jobs --timeout-ms 2000

# --- groups
twins 'consumer-groups --describe' consumer-groups $groups --describe --group NAME
twins 'consumer-groups --describe --members' consumer-groups $groups --describe --group NAME --members
for where in --to-earliest '--shift-by 1' '--to-offset 2' '--to-datetime 2001-01-01T00:00:00.000' --to-latest; do
    # shellcheck disable=SC2086
    twins "consumer-groups --reset-offsets $where --execute" consumer-groups $groups --reset-offsets --group NAME --topic NAME $where --execute
done
twins 'consumer-groups --reset-offsets --export' consumer-groups $groups --reset-offsets --group NAME --all-topics --to-current --export --dry-run
twins 'consumer-groups --delete-offsets' consumer-groups $groups --delete-offsets --group NAME --topic NAME
twins 'consumer-groups --delete' consumer-groups $groups --delete --group NAME
fails 'consumer-groups --describe of none' "Group $prefix-none not found." consumer-groups $groups --describe --group "$prefix-none"

# --- the rest
for who in theirs ours; do
    echo "{\"partitions\":[{\"topic\":\"$prefix-$who\",\"partition\":0,\"offset\":-1}],\"version\":1}" >"$work/$prefix-$who.json"
done
twins 'delete-records' delete-records $tools.DeleteRecordsCommand --offset-json-file "$work/NAME.json"
twins 'get-offsets --time earliest, afterwards' get-offsets $tools.GetOffsetShell --topic NAME --time earliest
twins 'leader-election, where all is well' leader-election $tools.LeaderElectionCommand --election-type preferred --topic NAME --partition 0
shape() { tail -1 | sed 's/[0-9][0-9.]*/N/g'; }
same 'producer-perf-test: the last line' \
    "$(theirs $tools.ProducerPerformance --topic "$prefix-theirs" --num-records 3000 --record-size 100 --throughput -1 2>/dev/null | shape)" \
    "$(ours producer-perf-test --topic "$prefix-ours" --num-records 3000 --record-size 100 --throughput -1 2>/dev/null | shape)"
same 'consumer-perf-test: what it counts, under the same header' \
    "$(theirs $tools.ConsumerPerformance --topic "$prefix-ours" --num-records 2000 2>/dev/null | sed 's/:[0-9]\{3\},/,/g' | sed '2s/[0-9][0-9.:-]*/N/g')" \
    "$(ours consumer-perf-test --topic "$prefix-theirs" --num-records 2000 2>/dev/null | sed 's/:[0-9]\{3\},/,/g' | sed '2s/[0-9][0-9.:-]*/N/g')"
# --- the cluster
voter=(--controller-id 3000 --controller-directory-id 5suKU6ozQFCOVMpfKY4Axg)
fails 'metadata-quorum describe of nothing' 'One of --status or --replication must be specified' metadata-quorum \
    $tools.MetadataQuorumCommand describe
twins 'metadata-quorum remove-controller --dry-run' metadata-quorum $tools.MetadataQuorumCommand remove-controller "${voter[@]}" --dry-run
fails 'metadata-quorum remove-controller' 'removing voter because the kraft.version feature is 0' metadata-quorum \
    $tools.MetadataQuorumCommand remove-controller "${voter[@]}"
fails 'metadata-quorum add-controller of nobody' 'You must supply the configuration file of the controller' metadata-quorum \
    $tools.MetadataQuorumCommand add-controller
mkdir "$work/controller"
printf '%s\n' version=1 cluster.id=x node.id=3000 directory.id=5suKU6ozQFCOVMpfKY4Axg >"$work/controller/meta.properties"
printf '%s\n' node.id=3000 process.roles=controller "log.dirs=$work/controller" controller.listener.names=CONTROLLER \
    listeners=CONTROLLER://127.0.0.1:9093 >"$work/controller.properties"
for mode in --dry-run ''; do
    # shellcheck disable=SC2086
    twins "metadata-quorum add-controller $mode" metadata-quorum $tools.MetadataQuorumCommand --command-config "$work/controller.properties" \
        add-controller $mode
done
fails 'metadata-quorum add-controller to one voter' 'adding voter because the kraft.version feature is 0' metadata-quorum \
    $tools.MetadataQuorumCommand --command-config "$work/controller.properties" add-controller
fails 'cluster unregister of a broker that is not there' 'Broker ID 7000 is not currently registered' cluster \
    $tools.ClusterTool unregister --id 7000

# --- reassignments
reassign=$tools.reassign.ReassignPartitionsCommand
for who in theirs ours; do
    plan="{\"version\":1,\"partitions\":[{\"topic\":\"$prefix-$who\",\"partition\":0,\"replicas\":[1],\"log_dirs\":[\"any\"]}]}"
    echo "$plan" >"$work/plan-$prefix-$who.json"
    echo "{\"topics\":[{\"topic\":\"$prefix-$who\"}],\"version\":1}" >"$work/topics-$prefix-$who.json"
done
sed 's/\[1\]/[7000]/' <<<"$plan" >"$work/to-nobody.json"
sed "s/$prefix-ours/$prefix-none/" <<<"$plan" >"$work/of-nothing.json"
sed 's/"any"/"\/nowhere"/' <<<"$plan" >"$work/to-nowhere.json"
twins 'reassign-partitions --generate' reassign-partitions $reassign --generate --topics-to-move-json-file "$work/topics-NAME.json" --broker-list 1
twins 'reassign-partitions --execute' reassign-partitions $reassign --execute --reassignment-json-file "$work/plan-NAME.json"
twins 'reassign-partitions --execute with throttles' reassign-partitions $reassign --execute --reassignment-json-file "$work/plan-NAME.json" \
    --throttle 10000000 --replica-alter-log-dirs-throttle 10000000
same 'reassign-partitions: the same throttles are set' "$(theirs $configs --describe --topic "$prefix-theirs" | twin theirs)" \
    "$(theirs $configs --describe --topic "$prefix-ours" | twin ours)"
twins 'reassign-partitions --verify --preserve-throttles' reassign-partitions $reassign --verify --reassignment-json-file "$work/plan-NAME.json" \
    --preserve-throttles
twins 'reassign-partitions --verify' reassign-partitions $reassign --verify --reassignment-json-file "$work/plan-NAME.json"
same 'reassign-partitions: the throttles are gone' '' "$(ours configs --describe --topic "$prefix-ours" | grep throttled)"
twins 'reassign-partitions --list' reassign-partitions $reassign --list
# Kafka's tool forgets the end of a line here.
same 'reassign-partitions --cancel' \
    "$(theirs $reassign --cancel --reassignment-json-file "$work/plan-$prefix-theirs.json" | sed 's/active\.C/active.\nC/' | twin theirs)" \
    "$(ours reassign-partitions --cancel --reassignment-json-file "$work/plan-$prefix-ours.json" | twin ours)"
fails 'reassign-partitions to a broker that is not there' 'Unknown broker id 7000' reassign-partitions $reassign \
    --execute --reassignment-json-file "$work/to-nobody.json"
fails 'reassign-partitions of a topic that is not there' "Topic $prefix-none not found." reassign-partitions $reassign \
    --execute --reassignment-json-file "$work/of-nothing.json"
fails 'reassign-partitions to a folder that is not there' "Failed to alter dir for $prefix-ours-0-1" reassign-partitions $reassign \
    --execute --reassignment-json-file "$work/to-nowhere.json"
both 'reassign-partitions --verify of what never was done' reassign-partitions $reassign --verify --preserve-throttles \
    --reassignment-json-file "$work/to-nobody.json"

# --- access rules, on a broker that has an authorizer and lets everybody do everything
fails 'acls --list without an authorizer' 'No Authorizer is configured' acls $tools.AclCommand --list
# own_broker ARGUMENT...: a broker of this script, which is meant until it is ended.
plain_brokers=$brokers
own_broker() {
    "$RDKAFKA_BROKER_BIN" serve "$@" >"$work/own.out" 2>&1 &
    own=$!
    for _ in $(seq 200); do
        grep -q '^rdkafka-broker ready' "$work/own.out" && break
        sleep 0.05
    done
    brokers=$(sed -n 's/^rdkafka-broker ready on //p' "$work/own.out")
}
end_own_broker() {
    kill "$own"
    wait "$own"
    brokers=$plain_brokers
}
printf '%s\n' 'listeners=PLAINTEXT://127.0.0.1:0' 'super.users=User:ANONYMOUS' \
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer' >"$work/guarded.properties"
own_broker --config "$work/guarded.properties" --ephemeral
acls=$tools.AclCommand
# The order of entries is that of Java's sets: not compared.
twins 'acls --add' acls $acls --add --topic NAME --allow-principal User:alice --deny-principal User:bob --deny-host 10.0.0.1 \
    --operation Read --operation describeConfigs
twins 'acls --add of prefixes' acls $acls --add --group NAME --resource-pattern-type prefixed --allow-principal User:alice
twins 'acls --add --producer' acls $acls --add --producer --idempotent --topic NAME-p --transactional-id NAME --allow-principal User:NAME
twins 'acls --add --consumer' acls $acls --add --consumer --topic NAME-c --group NAME-g --allow-principal User:NAME
twins 'acls --list of a topic' acls $acls --list --topic NAME
twins 'acls --list of what matches a group' acls $acls --list --group NAME-g --resource-pattern-type match
twins 'acls --list of a principal' acls $acls --list --principal User:NAME
twins 'acls --remove of an entry' acls $acls --remove --topic NAME --allow-principal User:alice --operation Read --force
twins 'acls --list after that' acls $acls --list --topic NAME
twins 'acls --remove of all' acls $acls --remove --group NAME --resource-pattern-type any --force
twins 'acls --list of nothing' acls $acls --list --group NAME
fails 'acls --add of what cannot be done' 'only supports operations' acls $acls --add --group g --allow-principal User:a --operation Write
fails 'acls --add without anybody' 'You must specify one of: --allow-principal, --deny-principal' acls $acls --add --topic t
fails 'acls --add of a filter' 'is not valid when adding acls' acls $acls --add --topic t --resource-pattern-type match --allow-principal User:a
fails 'acls without an action' 'exactly one action' acls $acls --topic t
end_own_broker

# --- the files of a log: Kafka's tool and ours read the same ones, which a broker of ours has written
own_broker --listen 127.0.0.1:0 --data-dir "$work/data" --set log.index.interval.bytes=1000
for codec in none gzip snappy lz4 zstd; do
    records | ours console-producer --topic logged "${written[@]}" --compression-codec "$codec"
done
theirs $tools.ProducerPerformance --topic logged --num-records 50 --record-size 500 --throughput -1 --transactional-id logger \
    --transaction-duration-ms 20 >/dev/null
for protocol in classic consumer; do
    theirs $tools.consumer.ConsoleConsumer --topic logged --from-beginning --max-messages 9 --timeout-ms 60000 --group "$protocol" \
        --command-property "group.protocol=$protocol"
done >"$work/consumed" 2>&1
theirs kafka.admin.ConfigCommand --alter --entity-type groups --entity-name sharers --add-config share.auto.offset.reset=earliest >/dev/null
theirs $tools.consumer.ConsoleShareConsumer --topic logged --group sharers --max-messages 9 --timeout-ms 60000 >"$work/consumed" 2>&1
end_own_broker
# dumps WHAT ARGUMENT...: both print the same.
dumps() {
    local what=$1 expected
    shift
    expected=$(run_theirs $tools.DumpLogSegments "$@" 2>/dev/null)
    same "dump-log $what" "${expected:-something}" "$("$RDKAFKA_BROKER_BIN" dump-log "$@" 2>"$work/dump.err")"
}
# of TOPIC EXTENSION: its files, with commas between
of() { find "$work/data" -path "*/$1-*" -name "*.$2" -size +0 | sort | paste -sd,; }
segment=$work/data/logged-0/00000000000000000000
for options in '' --deep-iteration --print-data-log '--print-data-log --skip-record-metadata' '--max-bytes 1500' \
    '--key-decoder-class org.apache.kafka.tools.api.StringDecoder'; do
    # shellcheck disable=SC2086
    dumps "of a segment $options" --files "$segment.log" $options
done
same 'dump-log shows what was there to be shown' '95 markers' \
    "$("$RDKAFKA_BROKER_BIN" dump-log --files "$segment.log" --deep-iteration | awk '/endTxnMarker: COMMIT/ { markers = " markers"; next } /^\|/ { n++ } END { print n markers }')"
for options in '' --index-sanity-check; do
    # shellcheck disable=SC2086
    dumps "of indexes $options" --files "$segment.index,$segment.timeindex" $options
done
dumps 'of indexes --verify-index-only' --files "$segment.index,$segment.timeindex" --verify-index-only
dumps '--offsets-decoder' --files "$(of __consumer_offsets log)" --offsets-decoder
dumps '--transaction-log-decoder' --files "$(of __transaction_state log)" --transaction-log-decoder
dumps '--share-group-state-decoder' --files "$(of __share_group_state log)" --share-group-state-decoder
same 'dump-log of what the log remembers of its producers' 'producerId: 0 producerEpoch: ' \
    "$("$RDKAFKA_BROKER_BIN" dump-log --files "$(of logged snapshot)" | grep -o 'producerId: 0 producerEpoch: ')"
# A segment that is cut off, and one with another byte in it.
mkdir "$work/damaged"
head -c 700 "$segment.log" >"$work/damaged/00000000000000000000.log"
dumps 'of a segment that is cut off' --files "$work/damaged/00000000000000000000.log"
{ head -c 90 "$segment.log" && printf X && tail -c +92 "$segment.log"; } >"$work/damaged/00000000000000000001.log"
dumps 'of a segment with another byte in it' --files "$work/damaged/00000000000000000001.log"
same 'dump-log says what is wrong with an index' 1 \
    "$(cp "$segment.log" "$segment.index" "$work/damaged/" && printf '\0\0\0\7\0\0\0\0' | dd of="$work/damaged/00000000000000000000.index" conv=notrunc status=none &&
        "$RDKAFKA_BROKER_BIN" dump-log --files "$work/damaged/00000000000000000000.index" --verify-index-only 2>&1 | grep -c 'Index offset: 7, log offset: ')"
same 'dump-log of a name that is no offset' 1 \
    "$("$RDKAFKA_BROKER_BIN" dump-log --files "$work/orders.log" 2>&1 | grep -c "the name of a log's file is an offset")"

twins 'topics --delete' topics $tools.TopicCommand --delete --topic NAME
exit "$((failures > 0))"
