<?php
/** A page that consumes for a while. Arguments: brokers, topic, ms; `count` of messages to stop at. */
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $_GET['brokers']);
$conf->set('group.id', 'page-' . getmypid());
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->assign([new RdKafka\TopicPartition($_GET['topic'], 0, RD_KAFKA_OFFSET_BEGINNING)]);
$until = microtime(true) + $_GET['ms'] / 1000;
$count = 0;
while ($count < ($_GET['count'] ?? PHP_INT_MAX) && ($left = $until - microtime(true)) > 0) {
    $count += $consumer->consume((int) ceil($left * 1000))->err === RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0;
}
echo "consumed $count";
