<?php
/**
 * What the phpt files share: a broker to talk to and topics of their own.
 *
 * With RDKAFKA_TEST_BROKERS=host:port the tests run against that cluster; without it they start the
 * embedded broker inside the test's own process. Nothing is ever skipped.
 */

declare(strict_types=1);

/** The bootstrap list of the broker under test. */
function test_brokers(): string
{
    static $address = null;
    static $host = null; // owns the embedded broker
    if ($address !== null) {
        return $address;
    }
    $given = getenv('RDKAFKA_TEST_BROKERS');
    if ($given !== false && $given !== '') {
        return $address = $given;
    }
    $conf = new RdKafka\Conf();
    $conf->set('test.mock.num.brokers', '1');
    $conf->set('log_level', '0');
    $host = new RdKafka\Producer($conf);
    foreach ($host->getMetadata(true, null, 5000)->getBrokers() as $broker) {
        return $address = $broker->getHost() . ':' . $broker->getPort();
    }
    throw new RuntimeException('the embedded broker did not answer');
}

/** A name nobody else uses. */
function test_name(string $prefix = 'test'): string
{
    return $prefix . '-' . getmypid() . '-' . bin2hex(random_bytes(4));
}

/** Creates a topic with its own name and returns the name. */
function test_topic(int $partitions = 1, string $prefix = 'test', array $configs = []): string
{
    $name = test_name($prefix);
    $string = fn (string $s): string => pack('n', strlen($s)) . $s;
    $entries = '';
    foreach ($configs as $key => $value) {
        $entries .= $string((string) $key) . $string((string) $value);
    }
    $topic = $string($name) . pack('N', $partitions) . pack('n', 1) . pack('N', 0)
        . pack('N', count($configs)) . $entries;
    $reply = test_request(19, 2, pack('N', 1) . $topic . pack('N', 10000) . "\0");
    // throttle time, one result: name, error code
    $code = unpack('n', substr($reply, 4 + 4 + 2 + strlen($name), 2))[1];
    if ($code !== 0) {
        throw new RuntimeException("creating topic $name failed with error $code");
    }
    test_await_topic($name, $partitions);
    return $name;
}

/** Waits until the broker's metadata knows every partition of a topic (a cluster learns of new topics a moment later). */
function test_await_topic(string $name, int $partitions): void
{
    $request = pack('N', 1) . pack('n', strlen($name)) . $name . "\0"; // do not create it
    for ($until = microtime(true) + 10; microtime(true) < $until; usleep(5000)) {
        $reply = test_request(3, 4, $request);
        $at = strrpos($reply, pack('n', strlen($name)) . $name);
        ['error' => $error, 'count' => $count] = unpack('nerror', $reply, $at - 2)
            + unpack('Ncount', $reply, $at + 2 + strlen($name) + 1);
        if ($error === 0 && $count === $partitions) {
            return;
        }
    }
    throw new RuntimeException("topic $name did not appear");
}

/** Sends one raw Kafka request (header version 1) to the broker under test and returns the body of its answer. */
function test_request(int $apiKey, int $version, string $body): string
{
    $address = explode(',', test_brokers())[0];
    $socket = stream_socket_client("tcp://$address", $code, $reason, 5)
        ?: throw new RuntimeException("$address: $reason");
    stream_set_timeout($socket, 15);
    $request = pack('nnN', $apiKey, $version, 1) . pack('n', 4) . 'phpt' . $body;
    fwrite($socket, pack('N', strlen($request)) . $request);
    $size = unpack('N', test_read($socket, 4))[1];
    return substr(test_read($socket, $size), 4);
}

/** @internal */
function test_read($socket, int $length): string
{
    $data = '';
    while (strlen($data) < $length) {
        $more = fread($socket, $length - strlen($data));
        if ($more === '' || $more === false) {
            throw new RuntimeException('the broker closed the connection');
        }
        $data .= $more;
    }
    return $data;
}

/**
 * Produces messages and waits until they are there.
 *
 * @param list<array{payload?: ?string, key?: ?string, headers?: ?array, partition?: int, timestamp_ms?: int}|string> $messages
 */
function test_produce(string $topic, array $messages): void
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', test_brokers());
    $producer = new RdKafka\Producer($conf);
    $handle = $producer->newTopic($topic);
    foreach ($messages as $message) {
        $m = is_string($message) ? ['payload' => $message] : $message;
        $handle->producev($m['partition'] ?? 0, 0, $m['payload'] ?? null, $m['key'] ?? null,
            $m['headers'] ?? null, $m['timestamp_ms'] ?? null);
    }
    if ($producer->flush(10000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw new RuntimeException("producing to $topic timed out");
    }
}

/** A temporary folder that goes away with the test. */
function test_folder(): string
{
    $folder = sys_get_temp_dir() . '/' . test_name('rdkafka-phpt');
    mkdir($folder);
    register_shutdown_function(function () use ($folder): void {
        array_map(unlink(...), glob("$folder/*"));
        rmdir($folder);
    });
    return $folder;
}

/** A configuration for the broker under test, with nothing logged. */
function test_conf(array $properties = []): RdKafka\Conf
{
    $conf = new RdKafka\Conf();
    foreach ($properties + ['bootstrap.servers' => test_brokers(), 'log_level' => '0'] as $name => $value) {
        $conf->set($name, (string) $value);
    }
    return $conf;
}

/** A producer of the broker under test; the callback gets the delivery reports' messages. */
function test_producer(array $properties = [], ?callable $report = null): RdKafka\Producer
{
    $conf = test_conf($properties);
    if ($report !== null) {
        $conf->setDrMsgCb(fn (RdKafka\Producer $producer, RdKafka\Message $message) => $report($message));
    }
    return new RdKafka\Producer($conf);
}

/** A consumer of a group of its own (unless `group.id` is given) that starts at the beginning and notices rebalances soon. */
function test_consumer(array $properties = []): RdKafka\KafkaConsumer
{
    return new RdKafka\KafkaConsumer(test_conf(
        $properties + ['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest', 'heartbeat.interval.ms' => 200]
    ));
}

/**
 * Consumes until there are so many messages (errors and ends of partitions are passed over).
 *
 * @return list<RdKafka\Message>
 */
function test_consume(RdKafka\KafkaConsumer $consumer, int $count, float $seconds = 20): array
{
    $messages = [];
    for ($until = microtime(true) + $seconds; count($messages) < $count && microtime(true) < $until;) {
        $message = $consumer->consume(200);
        if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            $messages[] = $message;
        }
    }
    return $messages;
}

/** The first thing a consumer says that is not "timed out". */
function test_next(RdKafka\KafkaConsumer $consumer, float $seconds = 20): RdKafka\Message
{
    $until = microtime(true) + $seconds;
    do {
        $message = $consumer->consume(200);
    } while ($message->err === RD_KAFKA_RESP_ERR__TIMED_OUT && microtime(true) < $until);
    return $message;
}

/**
 * Every message of a topic, read with an assignment from the beginning, ordered by partition and offset.
 *
 * @return list<RdKafka\Message>
 */
function test_messages(string $topic, int $count, int $partitions = 1): array
{
    $consumer = test_consumer();
    $consumer->assign(array_map(
        fn (int $partition) => new RdKafka\TopicPartition($topic, $partition, RD_KAFKA_OFFSET_BEGINNING),
        range(0, $partitions - 1)
    ));
    $messages = test_consume($consumer, $count);
    usort($messages, fn ($a, $b) => [$a->partition, $a->offset] <=> [$b->partition, $b->offset]);
    return $messages;
}

/** Runs a step over and over until the condition holds; says whether it came to hold in time. */
function test_until(callable $condition, callable $step, float $seconds = 20): bool
{
    for ($until = microtime(true) + $seconds; !$condition() && microtime(true) < $until;) {
        $step();
    }
    return $condition();
}

/** Prints what a call throws, or what it returns. */
function test_try(callable $call): void
{
    try {
        $result = $call();
        echo 'returned ', is_object($result) ? $result::class : json_encode($result), "\n";
    } catch (Throwable $e) {
        echo $e::class, '(', $e->getCode(), '): ', $e->getMessage(), "\n";
    }
}

/**
 * Appends records as no PHP client can write them: header names may repeat, header values may be null.
 *
 * @param list<array{payload?: ?string, key?: ?string, headers?: list<array{string, ?string}>}> $records
 */
function test_append(string $topic, int $partition, array $records): void
{
    $varint = function (int $n): string {
        $n = ($n << 1) ^ ($n >> 63);
        for ($out = ''; $n > 0x7f || $n < 0; $n = ($n >> 7) & 0x01ffffffffffffff) {
            $out .= chr(($n & 0x7f) | 0x80);
        }
        return $out . chr($n);
    };
    $bytes = fn (?string $s): string => $s === null ? $varint(-1) : $varint(strlen($s)) . $s;
    $data = '';
    foreach ($records as $i => $record) {
        $headers = $record['headers'] ?? [];
        $body = "\0" . $varint(0) . $varint($i) . $bytes($record['key'] ?? null) . $bytes($record['payload'] ?? null)
            . $varint(count($headers));
        foreach ($headers as [$name, $value]) {
            $body .= $bytes($name) . $bytes($value);
        }
        $data .= $varint(strlen($body)) . $body;
    }
    $now = (int) (microtime(true) * 1000);
    $checked = pack('nNJJJnNN', 0, count($records) - 1, $now, $now, -1, 0xffff, 0xffffffff, count($records)) . $data;
    $batch = pack('JNNC', 0, 4 + 1 + 4 + strlen($checked), 0xffffffff, 2) . hash('crc32c', $checked, true) . $checked;
    $string = fn (string $s): string => pack('n', strlen($s)) . $s;
    $reply = test_request(0, 3, pack('nnN', 0xffff, 0xffff, 10000) . pack('N', 1) . $string($topic)
        . pack('NN', 1, $partition) . pack('N', strlen($batch)) . $batch);
    $error = unpack('n', $reply, 4 + 2 + strlen($topic) + 4 + 4)[1];
    if ($error !== 0) {
        throw new RuntimeException("appending to $topic failed with error $error");
    }
}

/** Prints partitions as `topic[partition] offset error`, with the names given in place of the topics' real ones. */
function test_partitions(array $partitions, array $names = []): void
{
    $lines = array_map(fn ($p) => sprintf(
        "%s[%d] %d %d\n",
        $names[$p->getTopic()] ?? 'topic',
        $p->getPartition(),
        $p->getOffset(),
        $p->getErr()
    ), $partitions);
    natsort($lines);
    echo $lines === [] ? "none\n" : implode('', $lines);
}

/**
 * Prints what each method of an object says to too few and too many arguments, and to each argument being of a wrong type.
 *
 * @param list<string> $countOnly methods of which only the number of arguments is tried
 */
function test_wrong_arguments(object $object, array $countOnly = []): void
{
    $right = ['int' => 0, 'string' => 'x', 'array' => [], 'bool' => true, 'callable' => 'strlen'];
    $wrong = ['int' => [], 'string' => [], 'array' => 'x', 'bool' => [], 'callable' => 'no such function'];
    $methods = (new ReflectionObject($object))->getMethods(ReflectionMethod::IS_PUBLIC);
    usort($methods, fn ($a, $b) => $a->name <=> $b->name);
    foreach ($methods as $method) {
        if ($method->isDeprecated() || $method->isConstructor()) {
            continue;
        }
        if ($method->name === 'close' || $method->name === 'beginTransaction') {
            continue; // take whatever they are given
        }
        $call = fn (array $arguments) => $method->invokeArgs($object, $arguments);
        $valid = array_map(fn ($p) => $right[ltrim((string) $p->getType(), '?')] ?? null, $method->getParameters());
        foreach ($method->getParameters() as $i => $parameter) {
            if ($parameter->isPassedByReference()) {
                $out[$i] = null;
                $valid[$i] = &$out[$i];
            }
        }
        if ($method->getNumberOfRequiredParameters() > 0) {
            test_try(fn () => $call(array_slice($valid, 0, $method->getNumberOfRequiredParameters() - 1)));
        }
        test_try(fn () => $call([...$valid, 1]));
        foreach ($method->getParameters() as $i => $parameter) {
            if (!in_array($method->name, $countOnly, true) && !$parameter->isPassedByReference()) {
                $type = ltrim((string) $parameter->getType(), '?');
                test_try(fn () => $call(array_replace($valid, [$i => $wrong[$type] ?? new stdClass()])));
            }
        }
    }
}
