<?php
/**
 * The workloads, each in a process of its own:
 *
 *   php -d extension=rdkafka.so workloads.php NAME BROKERS TOPIC MESSAGES
 *
 * prints one JSON object: messages, seconds, CPU nanoseconds per message (user and system, all
 * threads of this process) and peak memory in KiB. Starting up and connecting are not counted.
 */

declare(strict_types=1);

[, $name, $brokers, $topic, $messages] = $argv;
$messages = (int) $messages;
echo json_encode(workload($name, $brokers, $topic, $messages)), "\n";

function workload(string $name, string $brokers, string $topic, int $messages): array
{
    return match ($name) {
        'produce-100' => produce($brokers, $topic, $messages, 100, false),
        'produce-1k' => produce($brokers, $topic, $messages, 1024, false),
        'produce-100-reports' => produce($brokers, $topic, $messages, 100, true),
        'producev-headers' => producev($brokers, $topic, $messages),
        'consume' => consume($brokers, $topic, $messages),
        'consume-batch' => consume_batch($brokers, $topic, $messages),
        'round-trip' => round_trip($brokers, $topic, $messages),
        'first-message' => first_message($brokers, $topic),
    };
}

function cpu_ns(): int
{
    $usage = getrusage();
    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1_000_000_000
        + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) * 1000;
}

/** Runs $work and reports what $messages of it cost. */
function measured(int $messages, callable $work): array
{
    $cpu = cpu_ns();
    $begin = hrtime(true);
    $work();
    $seconds = (hrtime(true) - $begin) / 1e9;
    return [
        'messages' => $messages,
        'seconds' => $seconds,
        'cpu_ns' => (cpu_ns() - $cpu) / $messages,
        'peak_kib' => getrusage()['ru_maxrss'],
    ];
}

function producer(string $brokers, bool $reports): RdKafka\Producer
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $brokers);
    $conf->set('queue.buffering.max.messages', '1000000');
    $conf->set('queue.buffering.max.kbytes', '2000000');
    if ($reports) {
        $conf->setDrMsgCb(function ($producer, $message): void {
            if ($message->err) {
                throw new RuntimeException($message->errstr());
            }
        });
    }
    $producer = new RdKafka\Producer($conf);
    $producer->getMetadata(true, null, 10000);
    return $producer;
}

function finish(RdKafka\Producer $producer): void
{
    if ($producer->flush(60000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw new RuntimeException('flush timed out');
    }
}

function produce(string $brokers, string $topicName, int $messages, int $size, bool $reports): array
{
    $producer = producer($brokers, $reports);
    $topic = $producer->newTopic($topicName);
    $payload = str_repeat('x', $size);
    $work = function (int $messages) use ($producer, $topic, $payload): void {
        for ($i = 0; $i < $messages; $i++) {
            $topic->produce(0, RD_KAFKA_MSG_F_BLOCK, $payload);
            if ($i % 10000 === 0) {
                $producer->poll(0);
            }
        }
        finish($producer);
    };
    $work(intdiv($messages, 10)); // touches the memory
    return measured($messages, fn () => $work($messages));
}

function producev(string $brokers, string $topicName, int $messages): array
{
    $producer = producer($brokers, false);
    $topic = $producer->newTopic($topicName);
    $payload = str_repeat('x', 100);
    $headers = ['trace-id' => '4bf92f3577b34da6', 'content-type' => 'application/json'];
    $work = function (int $messages) use ($producer, $topic, $payload, $headers): void {
        for ($i = 0; $i < $messages; $i++) {
            $topic->producev(0, RD_KAFKA_MSG_F_BLOCK, $payload, 'key', $headers);
            if ($i % 10000 === 0) {
                $producer->poll(0);
            }
        }
        finish($producer);
    };
    $work(intdiv($messages, 10));
    return measured($messages, fn () => $work($messages));
}

function consume(string $brokers, string $topicName, int $messages): array
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $brokers);
    $conf->set('group.id', 'bench-' . getmypid());
    $conf->set('enable.auto.commit', 'false');
    $consumer = new RdKafka\KafkaConsumer($conf);
    $consumer->assign([new RdKafka\TopicPartition($topicName, 0, 0)]);
    $work = function (int $messages) use ($consumer): void {
        for ($i = 0; $i < $messages; $i++) {
            $message = $consumer->consume(10000);
            if ($message->err) {
                throw new RuntimeException($message->errstr());
            }
        }
    };
    $work(1000);
    return measured($messages, fn () => $work($messages));
}

function consume_batch(string $brokers, string $topicName, int $messages): array
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $brokers);
    $consumer = new RdKafka\Consumer($conf);
    $topic = $consumer->newTopic($topicName);
    $topic->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
    $work = function (int $messages) use ($topic): void {
        for ($read = 0; $read < $messages;) {
            $batch = $topic->consumeBatch(0, 1000, 1000);
            $read += count($batch);
        }
    };
    $work(1000);
    $result = measured($messages, fn () => $work($messages));
    $topic->consumeStop(0);
    return $result;
}

function round_trip(string $brokers, string $topicName, int $messages): array
{
    $producer = producer($brokers, false);
    $topic = $producer->newTopic($topicName);
    $micros = [];
    $work = function (int $messages) use ($producer, $topic, &$micros): void {
        for ($i = 0; $i < $messages; $i++) {
            $begin = hrtime(true);
            $topic->produce(0, 0, 'payload');
            finish($producer);
            $micros[] = (hrtime(true) - $begin) / 1000;
        }
    };
    $work(100);
    $micros = [];
    $result = measured($messages, fn () => $work($messages));
    sort($micros);
    return $result + ['p50_us' => $micros[intdiv($messages, 2)], 'p99_us' => $micros[intdiv($messages * 99, 100)]];
}

function first_message(string $brokers, string $topicName): array
{
    return measured(1, function () use ($brokers, $topicName): void {
        $conf = new RdKafka\Conf();
        $conf->set('bootstrap.servers', $brokers);
        $conf->set('group.id', 'bench-' . getmypid());
        $conf->set('auto.offset.reset', 'earliest');
        $consumer = new RdKafka\KafkaConsumer($conf);
        $consumer->subscribe([$topicName]);
        while (($message = $consumer->consume(10000))->err) {
            throw new RuntimeException($message->errstr());
        }
    });
}
