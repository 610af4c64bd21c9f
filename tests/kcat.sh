#!/usr/bin/env bash
# kcat (librdkafka's command line) against rdkafka-broker, and kcat and PHP reading each other.
set -euo pipefail
. "$(dirname "$0")/tap.sh.inc"
start_broker --data-dir "$work/data" --topic plain:1 --topic spread:4 --topic mixed:1

# -- lists
same 'kcat lists the topics and their partitions' \
    'topic "mixed" with 1 partitions: topic "plain" with 1 partitions: topic "spread" with 4 partitions:' \
    "$(kcat -b "$address" -L | sed -n 's/^ *\(topic ".*\)$/\1/p' | grep -v __ | sort | xargs -d '\n')"
same 'kcat lists one broker, at the address it connected to' \
    "1 $address" "$(kcat -b "$address" -J -L | php -n -r '$m = json_decode(stream_get_contents(STDIN)); echo count($m->brokers), " ", $m->brokers[0]->name;')"

# -- produces and consumes, without a group
seq 1 1000 | kcat -b "$address" -P -t plain -X acks=all
same 'what kcat produced it consumes in order' "$(seq 1 1000)" \
    "$(kcat -b "$address" -C -t plain -o beginning -e -q)"
same 'kcat consumes from an offset' "$(seq 901 1000)" "$(kcat -b "$address" -C -t plain -o 900 -e -q)"
same 'kcat consumes the last messages' "$(seq 998 1000)" "$(kcat -b "$address" -C -t plain -o -3 -e -q)"
seq 1 50 | kcat -b "$address" -P -t plain -X enable.idempotence=true
same 'an idempotent kcat adds its messages once' 1050 "$(kcat -b "$address" -C -t plain -o beginning -e -q | wc -l)"
same 'kcat queries offsets by timestamp' 'plain [0] offset 1050' "$(kcat -b "$address" -Q -t plain:0:-1)"

for codec in gzip snappy lz4 zstd; do
    seq 1 500 | kcat -b "$address" -P -t "codec-$codec" -z "$codec"
    same "$codec batches of kcat come back" "$(seq 1 500)" "$(kcat -b "$address" -C -t "codec-$codec" -o beginning -e -q)"
done

# -- with a group
seq 1 400 | sed 's/.*/key&:value&/' | kcat -b "$address" -P -t spread -K :
same 'a kcat group reads every partition' "$(seq 1 400 | sed 's/.*/value&/' | sort)" \
    "$(timeout 20 kcat -b "$address" -G kcat-group -X auto.offset.reset=earliest -e -q spread | sort)"
same 'the group goes on where it stopped' '' \
    "$(timeout 20 kcat -b "$address" -G kcat-group -X auto.offset.reset=earliest -e -q spread)"

# -- kcat to PHP and back: keys, headers and timestamps
cat >"$work/read.php" <<'PHP'
<?php
[, $brokers, $topic, $count] = $argv;
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $brokers);
$conf->set('group.id', 'php');
$conf->set('auto.offset.reset', 'earliest');
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
while ($count > 0) {
    $m = $consumer->consume(10000);
    if ($m->err) { fwrite(STDERR, $m->errstr() . "\n"); exit(1); }
    echo json_encode([$m->key, $m->payload, $m->headers, $m->partition, $m->offset, $m->timestamp > 1.6e12]), "\n";
    $count--;
}
$consumer->close();
PHP
printf 'k1|hello\n|no key\nk3|good bye\n' | kcat -b "$address" -P -t mixed -K '|' -Z -H one=1 -H 'two=zwei drei'
same 'what kcat produced comes out of PHP, keys, headers and timestamps intact' \
    '["k1","hello",{"one":"1","two":"zwei drei"},0,0,true]
[null,"no key",{"one":"1","two":"zwei drei"},0,1,true]
["k3","good bye",{"one":"1","two":"zwei drei"},0,2,true]' \
    "$(run_php "$work/read.php" "$address" mixed 3)"

cat >"$work/write.php" <<'PHP'
<?php
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $argv[1]);
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic('from-php');
$topic->producev(0, 0, 'payload', 'key', ['h' => 'v', 'empty' => ''], 1600000000123);
$topic->producev(0, 0, null, 'tombstone');
$topic->produce(0, 0, '');
exit($producer->flush(10000) === RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : 1);
PHP
check 'PHP produces to a topic that did not exist' run_php "$work/write.php" "$address"
same 'what PHP produced comes out of kcat, keys and headers intact, null apart from empty' \
    'key|7|payload|h=v,empty=
tombstone|-1||
|0||' \
    "$(kcat -b "$address" -C -t from-php -o beginning -e -q -f '%k|%S|%s|%h\n')"
same 'and its timestamp' 1600000000123 "$(kcat -b "$address" -C -t from-php -o beginning -c 1 -q -f '%T\n')"

check 'the broker stops cleanly on SIGTERM' stop_broker
exit "$((failures > 0))"
