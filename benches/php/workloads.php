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

require __DIR__ . '/../support.php';

[, $name, $brokers, $topic, $messages] = $argv;
$messages = (int) $messages;
echo json_encode(workload($name, $brokers, $topic, $messages)), "\n";

function workload(string $name, string $brokers, string $topic, int $messages): array
{
    if (preg_match('/^produce-(\d+k?)(-reports)?(?:-(lz4|zstd))?$/', $name, $m)) {
        $size = str_ends_with($m[1], 'k') ? (int) $m[1] * 1024 : (int) $m[1];
        return produce($brokers, $topic, $messages, $size, ($m[2] ?? '') !== '', $m[3] ?? null);
    }
    return match ($name) {
        'producev' => producev($brokers, $topic, $messages),
        'consume-100', 'consume-1k', 'consume-headers' => consume($brokers, $topic, $messages),
        'consume-batch' => consume_batch($brokers, $topic, $messages),
        'round-trip' => round_trip($brokers, $topic, $messages),
        'first-message' => first_message($brokers, $topic),
        'fill-backlog' => fill_backlog($brokers, $topic, $messages),
        'backlog' => backlog($brokers, $topic, $messages),
    };
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

function producer(string $brokers, bool $reports, ?string $codec = null): RdKafka\Producer
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $brokers);
    $conf->set('queue.buffering.max.messages', '1000000');
    $conf->set('queue.buffering.max.kbytes', '2000000');
    if ($codec !== null) {
        $conf->set('compression.codec', $codec);
    }
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

/** Text as applications send it: names repeat, values do not. Always the same. */
function document(int $size): string
{
    mt_srand(7);
    for ($text = ''; strlen($text) < $size;) {
        $text .= sprintf('{"user_id":%d,"event":"page_view","path":"/products/%d","session":"%08x","duration_ms":%d},',
            mt_rand(), mt_rand(1, 99999), mt_rand(), mt_rand(1, 5000));
    }
    return substr($text, 0, $size);
}

function produce(string $brokers, string $topicName, int $messages, int $size, bool $reports, ?string $codec): array
{
    $producer = producer($brokers, $reports, $codec);
    $topic = $producer->newTopic($topicName);
    $payload = $codec === null ? str_repeat('x', $size) : document($size);
    $work = function (int $messages) use ($producer, $topic, $payload): void {
        for ($i = 0; $i < $messages; $i++) {
            $topic->produce(0, RD_KAFKA_MSG_F_BLOCK, $payload);
            if ($i % 10000 === 0) {
                $producer->poll(0);
            }
        }
        finish($producer);
    };
    $work(intdiv($messages, 5)); // touches the memory
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
    $work(intdiv($messages, 5));
    return measured($messages, fn () => $work($messages));
}

function consumer(string $brokers, array $settings = []): RdKafka\KafkaConsumer
{
    $conf = new RdKafka\Conf();
    $settings += ['bootstrap.servers' => $brokers, 'group.id' => 'bench-' . getmypid(), 'enable.auto.commit' => 'false'];
    foreach ($settings as $property => $value) {
        $conf->set($property, $value);
    }
    return new RdKafka\KafkaConsumer($conf);
}

/** Reads $messages messages one by one. */
function read(RdKafka\KafkaConsumer $consumer, int $messages): void
{
    for ($i = 0; $i < $messages; $i++) {
        $message = $consumer->consume(10000);
        if ($message->err) {
            throw new RuntimeException($message->errstr());
        }
    }
}

function consume(string $brokers, string $topicName, int $messages): array
{
    $consumer = consumer($brokers);
    $consumer->assign([new RdKafka\TopicPartition($topicName, 0, 0)]);
    read($consumer, 1000);
    return measured($messages - 1000, fn () => read($consumer, $messages - 1000));
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
            $batch = $topic->consumeBatch(0, 10000, 1000);
            if ($batch === []) {
                throw new RuntimeException('nothing came');
            }
            $read += count($batch);
        }
    };
    $work(1000);
    $result = measured($messages - 1000, fn () => $work($messages - 1000));
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
        $consumer = consumer($brokers, ['auto.offset.reset' => 'earliest']);
        $consumer->subscribe([$topicName]);
        read($consumer, 1);
    });
}

/** $messages of 1 KB in each of 100 partitions. */
function fill_backlog(string $brokers, string $topicName, int $messages): array
{
    $producer = producer($brokers, false);
    $topic = $producer->newTopic($topicName);
    $payload = str_repeat('x', 1024);
    return measured($messages, function () use ($producer, $topic, $payload, $messages): void {
        for ($i = 0; $i < $messages; $i++) {
            $topic->produce(intdiv($i, 100) % 100, RD_KAFKA_MSG_F_BLOCK, $payload);
        }
        finish($producer);
    });
}

/** Works off 100 full partitions with 16 MB to queue them in; what counts is the peak memory. */
function backlog(string $brokers, string $topicName, int $messages): array
{
    $consumer = consumer($brokers, ['queued.max.messages.kbytes' => '16384']);
    $partition = fn (int $number): RdKafka\TopicPartition => new RdKafka\TopicPartition($topicName, $number, 0);
    $consumer->assign(array_map($partition, range(0, 99)));
    return measured($messages, fn () => read($consumer, $messages));
}
