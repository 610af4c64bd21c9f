<?php
/** One run of the demo: produce everything, consume everything, compare. */

declare(strict_types=1);

/**
 * @param callable(): array{string, callable} $start starts a broker: its address and what stops it
 * @return bool whether everything came back exactly once and in order
 */
function run(string $title, callable $start, array $records, int $rounds): bool
{
    echo "\n$title\n";
    [$brokers, $stop] = $start();
    try {
        return (new Run($brokers, $records, $rounds))->go();
    } finally {
        $stop();
    }
}

final class Run
{
    private const GROUP = 'demo';

    private int $total;
    private int $bytes = 0;
    private int $sent = 0;
    private int $delivered = 0;
    private int $received = 0;
    /** @var array<string, int> what went wrong => how often */
    private array $faults = [];
    /** sequence => crc32 of the payload sent, -1 once it came back */
    private SplFixedArray $expected;
    /** sequence => partition and offset of its delivery report */
    private SplFixedArray $reported;
    /** @var array<int, int> crc32 of a key => last sequence received */
    private array $lastOfKey = [];
    private Progress $progress;

    public function __construct(private string $brokers, private array $records, private int $rounds)
    {
        $this->total = count($records) * $rounds;
        $this->expected = new SplFixedArray($this->total);
        $this->reported = new SplFixedArray($this->total);
        $this->progress = new Progress($this->total);
    }

    public function go(): bool
    {
        $this->checkTopic();
        $consumers = new Consumers(CONSUMERS, $this->brokers, TOPIC, self::GROUP, $this->onMessage(...));
        $this->wait($consumers, fn () => $consumers->share(PARTITIONS, CONSUMERS), 'the group did not settle');
        $begin = microtime(true);
        $this->produce($consumers);
        $produced = microtime(true);
        $this->wait($consumers, fn () => $this->received >= $this->total, 'messages are missing');
        $end = microtime(true);
        // whatever was doubled would arrive now
        $consumers->listen(0.2);
        if ($consumers->stop() > 0) {
            $this->fault('a consumer did not end well');
        }
        $this->progress->clear();
        $this->compareCommitted();
        return $this->report($begin, $produced, $end);
    }

    /** Asking for a topic's metadata creates it; it must have the partitions the demo counts on. */
    private function checkTopic(): void
    {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', $this->brokers);
        $producer = new RdKafka\Producer($conf);
        $metadata = $producer->getMetadata(false, $producer->newTopic(TOPIC), 5000);
        foreach ($metadata->getTopics() as $topic) {
            if (count($topic->getPartitions()) !== PARTITIONS) {
                throw new RuntimeException(TOPIC . ' has not ' . PARTITIONS . ' partitions');
            }
        }
    }

    private function produce(Consumers $consumers): void
    {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', $this->brokers);
        $conf->set('acks', 'all');
        $conf->setDrMsgCb($this->onDelivery(...));
        $producer = new RdKafka\Producer($conf);
        $topic = $producer->newTopic(TOPIC);
        for ($round = 0; $round < $this->rounds; $round++) {
            foreach ($this->records as $record) {
                $payload = message_of($record, $this->sent);
                $this->expected[$this->sent] = crc32($payload);
                $this->bytes += strlen($payload);
                $topic->producev(RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_BLOCK, $payload, $record['key'],
                    null, null, (string) $this->sent++);
                if ($this->sent % 500 === 0) {
                    $producer->poll(0);
                    $consumers->listen(0);
                    $this->progress->show($this->sent, $this->received);
                }
            }
        }
        if ($producer->flush(PATIENCE_SECONDS * 1000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
            $this->fault('flush() timed out');
        }
        if ($this->delivered !== $this->total) {
            $this->fault('delivery reports missing', $this->total - $this->delivered);
        }
    }

    private function onDelivery(RdKafka\Producer $producer, RdKafka\Message $message): void
    {
        if ($message->err !== RD_KAFKA_RESP_ERR_NO_ERROR) {
            $this->fault('not delivered: ' . $message->errstr());
            return;
        }
        $this->delivered++;
        $this->reported[(int) $message->opaque] = [$message->partition, $message->offset];
    }

    private function onMessage(int $consumer, int $sequence, int $partition, int $offset, int $key, int $payload): void
    {
        if ($this->expected[$sequence] === -1) {
            $this->fault('received twice');
            return;
        }
        if ($this->expected[$sequence] !== $payload) {
            $this->fault('payload changed on the way');
        }
        if (($this->lastOfKey[$key] ?? -1) > $sequence) {
            $this->fault('reordered within its key');
        }
        $reported = $this->reported[$sequence];
        if ($reported !== null && $reported !== [$partition, $offset]) {
            $this->fault('not where its delivery report said');
        }
        $this->lastOfKey[$key] = $sequence;
        $this->expected[$sequence] = -1;
        $this->received++;
    }

    private function wait(Consumers $consumers, callable $done, string $complaint): void
    {
        $until = microtime(true) + PATIENCE_SECONDS;
        while (!$done()) {
            if (microtime(true) > $until) {
                $this->fault($complaint);
                return;
            }
            $consumers->listen(0.05);
            $this->progress->show($this->sent, $this->received);
        }
    }

    /** The group's committed offsets must stand at the end of every partition. */
    private function compareCommitted(): void
    {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', $this->brokers);
        $conf->set('group.id', self::GROUP);
        $consumer = new RdKafka\KafkaConsumer($conf);
        $partitions = array_map(fn ($p) => new RdKafka\TopicPartition(TOPIC, $p), range(0, PARTITIONS - 1));
        foreach ($consumer->getCommittedOffsets($partitions, 10000) as $committed) {
            $low = $high = 0;
            $consumer->queryWatermarkOffsets(TOPIC, $committed->getPartition(), $low, $high, 10000);
            // a partition that got nothing has nothing to commit
            if ($committed->getOffset() !== $high && $high !== 0) {
                $this->fault('committed offset is not the end of its partition');
            }
        }
        $consumer->close();
    }

    private function fault(string $what, int $count = 1): void
    {
        $this->faults[$what] = ($this->faults[$what] ?? 0) + $count;
    }

    private function report(float $begin, float $produced, float $end): bool
    {
        $rate = fn (float $seconds): string => sprintf('%s msg/s, %.1f MB/s',
            number_format($this->total / max($seconds, 1e-9)), $this->bytes / max($seconds, 1e-9) / 1e6);
        printf("  messages   %s (%.1f MB)\n", number_format($this->total), $this->bytes / 1e6);
        printf("  produced   %.2f s  %s\n", $produced - $begin, $rate($produced - $begin));
        printf("  all back   %.2f s  %s\n", $end - $begin, $rate($end - $begin));
        printf("  delivery reports %s, received %s\n", number_format($this->delivered), number_format($this->received));
        if ($this->received !== $this->total) {
            $this->fault('lost', $this->total - $this->received);
        }
        foreach ($this->faults as $what => $count) {
            printf("  FAULT      %s (%d)\n", $what, $count);
        }
        if ($this->faults === []) {
            echo "  verdict    nothing lost, doubled or reordered\n";
        }
        return $this->faults === [];
    }
}
