--TEST--
What a child inherited says so at once, call by call, and sends nothing
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$conf = test_conf(['bootstrap.servers' => '127.0.0.1:1', 'group.id' => 'g']);
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic('x');
$topic->produce(0, 0, 'a');
$consumer = new RdKafka\KafkaConsumer($conf);
$partition = [new RdKafka\TopicPartition('x', 0)];
$pid = pcntl_fork();
if ($pid === 0) {
    $calls = [
        'produce' => fn () => $topic->produce(0, 0, 'b'),
        'producev' => fn () => $topic->producev(0, RD_KAFKA_MSG_F_BLOCK, 'b'),
        'newTopic' => fn () => $producer->newTopic('y'),
        'flush' => fn () => $producer->flush(60000),
        'poll' => fn () => $producer->poll(60000),
        'purge' => fn () => $producer->purge(RD_KAFKA_PURGE_F_QUEUE),
        'getOutQLen' => fn () => $producer->getOutQLen(),
        'getMetadata' => fn () => $producer->getMetadata(true, null, 60000),
        'getControllerId' => fn () => $producer->getControllerId(60000),
        'consume' => fn () => $consumer->consume(60000),
        'subscribe' => fn () => $consumer->subscribe(['x']),
        'assign' => fn () => $consumer->assign($partition),
        'commit' => fn () => $consumer->commit(),
        'getAssignment' => fn () => $consumer->getAssignment(),
        'getCommittedOffsets' => fn () => $consumer->getCommittedOffsets($partition, 60000),
        'close' => fn () => $consumer->close(),
    ];
    foreach ($calls as $name => $call) {
        $started = microtime(true);
        echo $name, ': ';
        test_try($call);
        microtime(true) - $started < 1 or print("late\n");
    }
    exit;
}
pcntl_waitpid($pid, $status);
var_dump($producer->getOutQLen());
$producer->purge(RD_KAFKA_PURGE_F_QUEUE);
--EXPECT--
produce: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
producev: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
newTopic: RdKafka\Exception(-197): The client was made in another process, or is closed
flush: returned 0
poll: returned 0
purge: returned -197
getOutQLen: returned 0
getMetadata: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
getControllerId: returned -1
consume: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
subscribe: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
assign: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
commit: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
getAssignment: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
getCommittedOffsets: RdKafka\Exception(-197): Local: Broker handle destroyed for termination
close: returned null
int(1)
