#!/usr/bin/env bash
# Apache Kafka's own command line tools against a broker, and what our tools of the same names say of the same topics.
set -uo pipefail
client="Kafka's tools"
# shellcheck source=tests/clients/lib.sh.inc
. "$(dirname "$0")/lib.sh.inc"
# shellcheck source=tests/clients/kafka-tools.sh.inc
. "$(dirname "$0")/kafka-tools.sh.inc"
topic=$prefix-orders
group=$prefix-readers

same 'kafka-topics --create' "Created topic $topic." \
    "$(theirs $tools.TopicCommand --create --topic "$topic" --partitions 2 --config retention.ms=600000)"
same 'kafka-topics --list' "$topic" "$(theirs $tools.TopicCommand --list | grep -Fx "$topic")"
check 'kafka-topics --alter' theirs $tools.TopicCommand --alter --topic "$topic" --partitions 3
both 'kafka-topics --describe' topics $tools.TopicCommand --describe --topic "$topic"

for codec in none gzip snappy lz4 zstd; do
    for number in 1 2 3; do echo "$codec-$number:order $codec $number"; done |
        theirs $tools.ConsoleProducer --topic "$topic" --reader-property parse.key=true --reader-property key.separator=: \
            --compression-codec "$codec"
done >/dev/null
same 'kafka-console-producer and kafka-console-consumer, with every compression' \
    "$(for codec in none gzip snappy lz4 zstd; do for number in 1 2 3; do echo "$codec-$number order $codec $number"; done; done | sort)" \
    "$(theirs $tools.consumer.ConsoleConsumer --topic "$topic" --from-beginning --max-messages 15 --timeout-ms 60000 --group "$group" \
        --formatter-property print.key=true 2>/dev/null | tr '\t' ' ' | sort)"
both 'kafka-get-offsets' get-offsets $tools.GetOffsetShell --topic "$topic"
both 'kafka-get-offsets --time earliest' get-offsets $tools.GetOffsetShell --topic "$topic" --time earliest
both 'kafka-get-offsets by time' get-offsets $tools.GetOffsetShell --topic "$topic" --time 1000

# --- groups
both 'kafka-consumer-groups --describe' consumer-groups $tools.consumer.group.ConsumerGroupCommand --describe --group "$group"
both 'kafka-consumer-groups --describe --state' consumer-groups $tools.consumer.group.ConsumerGroupCommand --describe --group "$group" --state
both 'kafka-consumer-groups --reset-offsets, dry run' consumer-groups $tools.consumer.group.ConsumerGroupCommand \
    --reset-offsets --group "$group" --topic "$topic" --to-earliest
check 'kafka-consumer-groups --reset-offsets --execute' theirs $tools.consumer.group.ConsumerGroupCommand \
    --reset-offsets --group "$group" --topic "$topic" --to-earliest --execute
same 'the group starts again' "0 0 0" \
    "$(ours consumer-groups --describe --group "$group" 2>/dev/null | awk -v topic="$topic" '$2 == topic { print $4 }' | xargs)"
# groups OPTION...: others have theirs on the same broker.
groups() {
    local expected
    expected=$(theirs $tools.GroupsCommand "$@" 2>/dev/null | grep -F "$prefix-" | blank)
    same "kafka-groups $*, as ours does" "${expected:-some groups}" "$(ours groups "$@" 2>/dev/null | grep -F "$prefix-" | blank)"
}
groups --list --consumer
groups --list --group-type classic --protocol consumer
same 'kafka-consumer-groups --delete' "Deletion of requested consumer groups ('$group') was successful." \
    "$(theirs $tools.consumer.group.ConsumerGroupCommand --delete --group "$group" 2>/dev/null)"

# --- share groups
shares=$group-share
check 'kafka-configs of a share group' theirs kafka.admin.ConfigCommand --alter --entity-type groups --entity-name "$shares" \
    --add-config share.auto.offset.reset=earliest
same 'kafka-console-share-consumer' 15 \
    "$(theirs $tools.consumer.ConsoleShareConsumer --topic "$topic" --group "$shares" --max-messages 15 --timeout-ms 60000 2>/dev/null | wc -l)"
lags() {
    theirs $tools.consumer.group.ShareGroupCommand --describe --group "$shares" 2>/dev/null |
        awk -v topic="$topic" '$2 == topic { lag += $5 } END { print (NR > 1 ? lag + 0 : "none") }'
}
same 'kafka-share-groups --list' "$shares" "$(theirs $tools.consumer.group.ShareGroupCommand --list | grep -Fx "$shares")"
groups --list
groups --list --share
same 'kafka-share-groups --describe' 0 "$(lags)"
both 'kafka-share-groups --describe --verbose' share-groups $tools.consumer.group.ShareGroupCommand --describe --group "$shares" --verbose
both 'kafka-share-groups --describe --state --verbose' share-groups $tools.consumer.group.ShareGroupCommand \
    --describe --group "$shares" --state --verbose
both 'kafka-share-groups --reset-offsets, dry run' share-groups $tools.consumer.group.ShareGroupCommand \
    --reset-offsets --group "$shares" --topic "$topic" --to-earliest --dry-run
check 'kafka-share-groups --reset-offsets --execute' theirs $tools.consumer.group.ShareGroupCommand \
    --reset-offsets --group "$shares" --topic "$topic" --to-earliest --execute
same 'the share group starts again' 15 "$(lags)"
same 'rdkafka-broker share-groups --reset-offsets --execute' 0 \
    "$(ours share-groups --reset-offsets --group "$shares" --topic "$topic" --to-latest --execute >/dev/null 2>&1; lags)"
same 'rdkafka-broker share-groups --list' "$shares" "$(ours share-groups --list | grep -Fx "$shares")"
check 'kafka-share-groups --delete-offsets' theirs $tools.consumer.group.ShareGroupCommand \
    --delete-offsets --group "$shares" --topic "$topic"
same 'kafka-share-groups --delete' "Deletion of requested share groups ('$shares') was successful." \
    "$(theirs $tools.consumer.group.ShareGroupCommand --delete --group "$shares" 2>/dev/null)"

# --- configs
same 'kafka-configs --alter' "Completed updating config for topic $topic." \
    "$(theirs kafka.admin.ConfigCommand --alter --entity-type topics --entity-name "$topic" --add-config segment.bytes=1048576)"
both 'kafka-configs --describe' configs kafka.admin.ConfigCommand --describe --entity-type topics --entity-name "$topic"

# --- records
echo "{\"partitions\":[{\"topic\":\"$topic\",\"partition\":0,\"offset\":-1}],\"version\":1}" >"$work/offsets.json"
check 'kafka-delete-records' theirs $tools.DeleteRecordsCommand --offset-json-file "$work/offsets.json"
same 'its partition starts at its end' "$(ours get-offsets --topic "$topic" --partitions 0)" \
    "$(ours get-offsets --topic "$topic" --partitions 0 --time earliest)"
both 'kafka-transactions list' transactions $tools.TransactionsCommand list --transactional-id-pattern "$prefix.*"
# JSON, its keys in no order
sizes() { grep -o "\"$topic-[0-9]*\"" | sort; }
same 'kafka-log-dirs names the partitions that ours does' "$(theirs $tools.LogDirsCommand --describe --topic-list "$topic" | sizes)" \
    "$(ours log-dirs --describe --topic-list "$topic" | sizes)"
same 'kafka-broker-api-versions' 1 "$(theirs $tools.BrokerApiVersionsCommand | grep -c "^$brokers (id: 1 ")"
both 'kafka-features' features $tools.FeatureCommand describe
both 'kafka-cluster cluster-id' cluster $tools.ClusterTool cluster-id
both 'kafka-cluster list-endpoints' cluster $tools.ClusterTool list-endpoints
# Its offsets grow and its times pass: only their shape is compared.
quorum_shape() { sed -e 's/[0-9]\{10,\}/TIME/g' -e 's/HighWatermark: .*/HighWatermark: N/' -e 's/^\([0-9]* [^ ]*\) [0-9]* 0 /\1 N 0 /'; }
for what in --status --replication; do
    same "kafka-metadata-quorum describe $what, as ours does" \
        "$(theirs $tools.MetadataQuorumCommand describe $what 2>/dev/null | blank | quorum_shape)" \
        "$(ours metadata-quorum describe $what 2>/dev/null | blank | quorum_shape)"
done
same 'kafka-producer-perf-test' '20000 records sent' \
    "$(theirs $tools.ProducerPerformance --topic "$prefix-perf" --num-records 20000 --record-size 200 --throughput -1 \
        2>&1 | grep -o '20000 records sent' | tail -1)"
same 'kafka-consumer-perf-test' 20000 \
    "$(theirs $tools.ConsumerPerformance --topic "$prefix-perf" --num-records 20000 --hide-header 2>/dev/null | tail -1 | cut -d, -f5 | tr -d ' ')"
same 'kafka-topics --delete' 0 \
    "$(theirs $tools.TopicCommand --delete --topic "$topic" && ours topics --list | grep -cFx "$topic")"
exit "$((failures > 0))"
