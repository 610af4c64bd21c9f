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
# --- access rules, on a broker that has an authorizer and lets everybody do everything
fails 'acls --list without an authorizer' 'No Authorizer is configured' acls $tools.AclCommand --list
plain_brokers=$brokers
printf '%s\n' 'listeners=PLAINTEXT://127.0.0.1:0' 'super.users=User:ANONYMOUS' \
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer' >"$work/guarded.properties"
"$RDKAFKA_BROKER_BIN" serve --config "$work/guarded.properties" --ephemeral >"$work/guarded.out" 2>&1 &
guarded=$!
for _ in $(seq 200); do
    grep -q '^rdkafka-broker ready' "$work/guarded.out" && break
    sleep 0.05
done
brokers=$(sed -n 's/^rdkafka-broker ready on //p' "$work/guarded.out")
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
kill "$guarded"
brokers=$plain_brokers

twins 'topics --delete' topics $tools.TopicCommand --delete --topic NAME
exit "$((failures > 0))"
