#!/usr/bin/env bash
# The commands of the tutorials people learn Kafka with, as they are typed there; only ports and folders differ.
set -u
# shellcheck source=tests/tap.sh.inc
. "$(dirname "$0")/tap.sh.inc"

root=$(cd "$(dirname "$0")/.." && pwd)
export RDKAFKA_BROKER_BIN
cd "$work" || exit 1
ln -s "$root/bin" bin
mkdir config
export LOG_DIR=$work/logs

# The tools ask the broker beside ZooKeeper at Kafka's own port, so this is the one test that needs it.
port=9092
cat >config/server.properties <<CONF
broker.id=0
listeners=PLAINTEXT://127.0.0.1:$port
log.dirs=$work/kafka-logs
num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=6000
group.initial.rebalance.delay.ms=0
CONF
: >config/zookeeper.properties

stop_server() { bin/kafka-server-stop.sh ./config/server.properties >/dev/null 2>&1; }
trap 'stop_server; finish' EXIT

started() { bin/kafka-server-start.sh -daemon ./config/server.properties; }
created() { bin/kafka-topics.sh --create --zookeeper localhost:2181 --replication-factor 1 --partitions 2 --topic test; }

check 'zookeeper-server-start.sh says that it is not needed' bin/zookeeper-server-start.sh -daemon ./config/zookeeper.properties
check 'kafka-server-start.sh -daemon starts the broker' started
same 'kafka-topics.sh --create --zookeeper creates the topic' 'Created topic test.' "$(created 2>/dev/null)"
same 'kafka-topics.sh --list --zookeeper lists it, whatever else is typed' test \
    "$(bin/kafka-topics.sh --list --zookeeper localhost:2181 test 2>/dev/null)"
described=$(bin/kafka-topics.sh --describe --zookeeper localhost:2181 --topic test 2>/dev/null | sed 's/TopicId: [^\t]*/TopicId: ID/')
same 'kafka-topics.sh --describe shows the partitions' "$(printf '%s\n' \
    $'Topic: test\tTopicId: ID\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: ' \
    $'\tTopic: test\tPartition: 0\tLeader: 0\tReplicas: 0\tIsr: 0\tElr: \tLastKnownElr: ' \
    $'\tTopic: test\tPartition: 1\tLeader: 0\tReplicas: 0\tIsr: 0\tElr: \tLastKnownElr: ')" "$described"
same 'kafka-console-producer.sh --broker-list sends what is typed' '' \
    "$(printf 'i am a new msg !\ni am a good msg ?\n' | bin/kafka-console-producer.sh --broker-list localhost:9092 --topic test 2>/dev/null)"
same 'kafka-console-consumer.sh --from-beginning prints it' $'i am a good msg ?\ni am a new msg !' \
    "$(bin/kafka-console-consumer.sh --bootstrap-server localhost:9092 --topic test --from-beginning --max-messages 2 2>/dev/null | sort)"
same 'kafka-topics.sh --bootstrap-server lists, Kafka'"'"'s own topic too' $'__consumer_offsets\ntest' \
    "$(bin/kafka-topics.sh --bootstrap-server localhost:9092 --list)"
check 'kafka-server-stop.sh stops it' bin/kafka-server-stop.sh ./config/server.properties

gone() {
    local tries
    for tries in $(seq 100); do
        ! bin/kafka-run.sh health --bootstrap-server localhost:9092 --timeout 200 >/dev/null 2>&1 && return
        sleep 0.05
    done
    return 1
}
check 'and it is gone' gone
[ "$failures" = 0 ]
