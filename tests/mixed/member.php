<?php
// A member of the group in PHP. Arguments: brokers group topic assignor. Prints what it owns, as a line of JSON, whenever
// that changes, and every record it gets. Ends when its standard input does.
[, $brokers, $group, $topic, $assignor] = $argv;
$owned = [];
$tell = function () use (&$owned) {
    sort($owned);
    echo json_encode(['owned' => $owned]), "\n";
};
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $brokers);
$conf->set('group.id', $group);
$conf->set('auto.offset.reset', 'earliest');
$conf->set('auto.commit.interval.ms', '200');
$conf->set('topic.metadata.refresh.interval.ms', '1000');
$conf->set('partition.assignment.strategy', $assignor);
$conf->set('heartbeat.interval.ms', '300');
$conf->set('session.timeout.ms', '6000');
$conf->setRebalanceCb(function ($consumer, $code, $partitions) use (&$owned, $tell, $assignor) {
    $numbers = array_map(fn ($one) => $one->getPartition(), $partitions);
    $isOffer = $code === RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    if ($assignor === 'cooperative-sticky') {
        $isOffer ? $consumer->incrementalAssign($partitions) : $consumer->incrementalUnassign($partitions);
        $owned = $isOffer ? array_merge($owned, $numbers) : array_diff($owned, $numbers);
    } else {
        $consumer->assign($isOffer ? $partitions : null);
        $owned = $isOffer ? $numbers : [];
    }
    $owned = array_values($owned);
    $tell();
});
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$topic]);
stream_set_blocking(STDIN, false);
while (!feof(STDIN)) {
    $message = $consumer->consume(100);
    if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        echo json_encode(['read' => $message->payload]), "\n";
    }
    fread(STDIN, 1);
}
$consumer->close();
