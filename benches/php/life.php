<?php
/**
 * What a worker of php-fpm does in a request that tells one event, timed from outside, from its start to its end. A
 * script of its own: PHP would take its time to compile the other workloads, too.
 *
 *   php -d extension=rdkafka.so life.php BROKERS TOPIC
 */

declare(strict_types=1);

[, $brokers, $topic] = $argv;
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $brokers);
$producer = new RdKafka\Producer($conf);
$producer->newTopic($topic)->produce(RD_KAFKA_PARTITION_UA, 0, 'payload');
if ($producer->flush(60000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw new RuntimeException('flush timed out');
}
