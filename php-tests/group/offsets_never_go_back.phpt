--TEST--
Committed offsets never go back while members come and go
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
$count = 60;
test_produce($topic, array_map(strval(...), range(0, $count - 1)));
$group = test_name('group');
$conf = ['group.id' => $group, 'enable.auto.commit' => 'false', 'fetch.wait.max.ms' => 20];
$committed = fn (RdKafka\KafkaConsumer $consumer): int
    => $consumer->getCommittedOffsets([new RdKafka\TopicPartition($topic, 0)], 10000)[0]->getOffset();
$highest = -1;
$handled = array_fill(0, $count, 0);
$refused = [];
$went_back = 0;
$read = function (RdKafka\KafkaConsumer $consumer) use (&$handled, &$refused): void {
    $message = $consumer->consume(20);
    if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        $handled[$message->offset]++;
        try {
            $consumer->commit($message);
        } catch (RdKafka\Exception $e) {
            $refused[$e->getCode()] = true;
        }
    }
};
$members = [test_consumer($conf)];
$members[0]->subscribe([$topic]);
$watch = test_consumer($conf); // never subscribes: asks only
for ($round = 0, $until = microtime(true) + 60; min($handled) === 0 && microtime(true) < $until; $round++) {
    for ($i = 0; $i < 6; $i++) {
        array_map($read, $members);
    }
    $now = $committed($watch);
    $went_back += $now < $highest && $now >= 0 ? 1 : 0;
    $highest = max($highest, $now);
    // Another member in every second round, which the partition goes back and forth between.
    if ($round % 2 === 0 && count($members) === 1) {
        $members[] = test_consumer($conf);
        end($members)->subscribe([$topic]);
    } elseif (count($members) === 2) {
        array_shift($members)->close();
    }
}
for ($i = 0; $i < 10; $i++) {
    array_map($read, $members);
}
echo min($handled) >= 1 ? 'all handled' : 'some are missing', ', ', $committed($watch) === $count ? 'all committed' : 'not all committed',
    ", went back $went_back times\n";
// A commit may be refused because the group is rebalancing, or moved on; for nothing else.
$allowed = [RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID];
echo json_encode(array_values(array_diff(array_keys($refused), $allowed))), "\n";
?>
--EXPECT--
all handled, all committed, went back 0 times
[]
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
