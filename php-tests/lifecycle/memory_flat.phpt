--TEST--
A million messages with headers, opaques and delivery reports leave no memory behind
--FILE--
<?php
require __DIR__ . '/../_harness.php';
if (!getenv('RDKAFKA_TEST_BROKERS')) {
    // the embedded broker would keep the messages in this very process
    $broker = proc_open(
        ['sh', '-c', 'exec "$RDKAFKA_BROKER_BIN" serve --listen 127.0.0.1:0 --ephemeral --log-level warn'],
        [['file', '/dev/null', 'r'], ['pipe', 'w'], ['file', '/dev/null', 'w']],
        $pipes
    );
    putenv('RDKAFKA_TEST_BROKERS=' . preg_replace('/.* /', '', trim(fgets($pipes[1]))));
    register_shutdown_function(fn () => proc_terminate($broker, 9));
}
$resident = fn (): int => preg_match('/^VmRSS:\s+(\d+)/m', file_get_contents('/proc/self/status'), $m) ? (int) $m[1] : 0;
$name = test_topic();
$reports = 0;
$producer = test_producer([], function (RdKafka\Message $message) use (&$reports): void {
    $reports += $message->err === 0 && $message->opaque === 'opaque' ? 1 : 0;
});
$topic = $producer->newTopic($name);
$consumer = test_consumer();
$consumer->assign([new RdKafka\TopicPartition($name, 0, 0)]);
$consumed = 0;
const ROUNDS = 100;
const MESSAGES = 10000;
for ($round = 0; $round < ROUNDS; $round++) {
    for ($i = 0; $i < MESSAGES; $i++) {
        $topic->producev(0, 0, "payload $i", "key $i", ['first' => "value $i", 'second' => "\0"], null, 'opaque');
    }
    $producer->flush(60000);
    for ($i = 0; $i < MESSAGES; $i++) {
        $message = $consumer->consume(60000);
        $consumed += $message->headers === ['first' => "value $i", 'second' => "\0"] ? 1 : 0;
    }
    if ($round === 19) {
        $before = $resident();
        $used = memory_get_usage();
    }
}
$grown = $resident() - $before;
var_dump($reports, $consumed);
echo $grown < 10000 ? "flat\n" : "grown by $grown kB\n";
echo abs(memory_get_usage() - $used) < 4096 ? "flat\n" : 'grown by ' . memory_get_usage() - $used . " bytes\n";
--EXPECT--
int(1000000)
int(1000000)
flat
flat
