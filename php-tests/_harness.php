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
    return $name;
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
