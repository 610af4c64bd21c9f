<?php
/** Preloaded by the master: classes over the extension's, and a client that its workers inherit. */
class PreloadedProducer extends RdKafka\Producer
{
    public static function send(string $brokers, string $topic, string $payload): void
    {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', $brokers);
        (new self($conf))->newTopic($topic)->produce(RD_KAFKA_PARTITION_UA, 0, $payload);
    }
}

$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', '127.0.0.1:1');
$inherited = new PreloadedProducer($conf);
