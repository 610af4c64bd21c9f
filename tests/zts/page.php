<?php
/** What each request of each thread does: produce (flushed, or left to the end of the request) and read back. */
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', getenv('RDKAFKA_TEST_BROKERS'));
$conf->set('group.id', "thread-$thread");
$reports = 0;
$conf->setDrMsgCb(function ($producer, $message) use (&$reports): void {
    $reports += $message->err === RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0;
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic("thread-$thread");
for ($i = 0; $i < 100; $i++) {
    $topic->producev(0, 0, "$thread $round $i", null, ['thread' => (string) $thread]);
}
if ($round % 2 === 0) {
    $producer->flush(10000);
    $reports === 100 or exit(1);
}
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->assign([new RdKafka\TopicPartition("thread-$thread", 0, $round * 100)]);
for ($i = 0; $i < 100; $i++) {
    $message = $consumer->consume(20000);
    if ($message->payload !== "$thread $round $i" || $message->headers !== ['thread' => (string) $thread]) {
        fwrite(STDERR, "# thread $thread round $round: found " . var_export($message->payload, true) . ", error $message->err\n");
        exit(1);
    }
}
