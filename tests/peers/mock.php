<?php
/**
 * Our client against librdkafka's mock cluster with injected errors: what is retried, what moves, what is told.
 *
 *   mock.php PYTHON
 */

declare(strict_types=1);
require __DIR__ . '/../cluster/lib.php';

/** tests/peers/mock.py in a process of its own. */
final class Mock
{
    private $process;
    private array $pipes = [];
    public readonly string $brokers;

    public function __construct(string $python)
    {
        $this->process = proc_open([$python, __DIR__ . '/mock.py'], [['pipe', 'r'], ['pipe', 'w'], STDERR], $this->pipes);
        $this->brokers = trim(substr((string) fgets($this->pipes[1]), strlen('ready on ')));
        if ($this->brokers === '') {
            throw new RuntimeException('the mock cluster did not start');
        }
    }

    public function do(string $command): void
    {
        fwrite($this->pipes[0], "$command\n");
        $answer = trim((string) fgets($this->pipes[1]));
        if ($answer !== 'done') {
            throw new RuntimeException("$command: $answer");
        }
    }

    public function end(): void
    {
        fclose($this->pipes[0]);
        proc_close($this->process);
    }
}

const PRODUCE = 0, METADATA = 3, SYNC_GROUP = 14, OFFSET_COMMIT = 8, FIND_COORDINATOR = 10, JOIN_GROUP = 11, INIT_PRODUCER_ID = 22,
    ADD_PARTITIONS = 24, END_TXN = 26, FETCH = 1;
const NOT_LEADER = 6, REQUEST_TIMED_OUT = 7, TOO_LARGE = 10, LOADING = 14, NO_COORDINATOR = 15, NOT_COORDINATOR = 16,
    NOT_ENOUGH_REPLICAS = 19, NOT_ENOUGH_AFTER_APPEND = 20, TOPIC_UNAUTHORIZED = 29, STORAGE = 56, CONCURRENT = 51,
    INVALID_RECORD = 87, FENCED = 90;

/** Produces $count messages and gives the distinct errors of their reports and their number. */
function produce(Mock $mock, string $topic, int $count, array $settings = []): array
{
    $errors = [];
    $reports = 0;
    $conf = chaos_conf($mock->brokers, $settings + ['message.timeout.ms' => '20000', 'linger.ms' => '1',
        'batch.num.messages' => '5', 'retry.backoff.ms' => '10']);
    $conf->setDrMsgCb(function ($producer, $message) use (&$errors, &$reports): void {
        $errors[$message->err] = true;
        $reports++;
    });
    $producer = new RdKafka\Producer($conf);
    $handle = $producer->newTopic($topic);
    for ($i = 0; $i < $count; $i++) {
        $handle->produce(0, 0, (string) $i);
    }
    $producer->flush(25000);
    return [array_keys($errors), $reports];
}

/** The payloads of partition 0. */
function payloads(Mock $mock, string $topic): array
{
    $payloads = [];
    foreach (read_to_end($mock->brokers, $topic, 1) as $message) {
        $payloads[] = $message->payload;
    }
    return $payloads;
}

$mock = new Mock($argv[1]);
$numbers = array_map(strval(...), range(0, 49));
$round = 0;
$topic = function () use ($mock, &$round): string {
    $mock->do('topic t' . ++$round . ' 1');
    return "t$round";
};

foreach (['NOT_LEADER' => NOT_LEADER, 'REQUEST_TIMED_OUT' => REQUEST_TIMED_OUT, 'NOT_ENOUGH_REPLICAS' => NOT_ENOUGH_REPLICAS,
    'KAFKA_STORAGE_ERROR' => STORAGE] as $name => $code) {
    foreach (['false', 'true'] as $idempotent) {
        $name2 = $topic();
        $mock->do('errors ' . PRODUCE . " $code $code $code");
        // It takes a batch behind a refused one, where a broker sees the gap in the sequence: one at a time.
        $result = produce($mock, $name2, 50, ['enable.idempotence' => $idempotent, 'max.in.flight' => '1']);
        check($result === [[0], 50] && payloads($mock, $name2) === $numbers,
            "$name is retried, each message is there once and in order (idempotence: $idempotent)");
    }
}
foreach (['MSG_SIZE_TOO_LARGE' => TOO_LARGE, 'TOPIC_AUTHORIZATION_FAILED' => TOPIC_UNAUTHORIZED, 'INVALID_RECORD' => INVALID_RECORD] as $name => $code) {
    $name2 = $topic();
    $mock->do('errors ' . PRODUCE . " $code");
    [$errors, $reports] = produce($mock, $name2, 1);
    check($errors === [$code] && $reports === 1, "$name is told and not retried");
}

$name2 = $topic();
$mock->do('errors ' . METADATA . ' ' . implode(' ', array_fill(0, 3, 5)));
check(produce($mock, $name2, 50) === [[0], 50], 'metadata without a leader is asked for again');

$name2 = $topic();
$mock->do('errors ' . INIT_PRODUCER_ID . ' ' . LOADING . ' ' . NO_COORDINATOR);
check(produce($mock, $name2, 50, ['enable.idempotence' => 'true']) === [[0], 50], 'a producer id is asked for again');

for ($node = 1; $node <= 3; $node++) {
    $mock->do("rtt $node 150");
}
check(produce($mock, $topic(), 50, ['enable.idempotence' => 'true']) === [[0], 50], 'a round trip of 150 ms is waited for');
for ($node = 1; $node <= 3; $node++) {
    $mock->do("rtt $node 0");
}

// --- a leader that moves, and a node that is down --------------------------------------------------------------------
$name2 = $topic();
$mock->do("leader $name2 0 1");
$reports = 0;
$conf = chaos_conf($mock->brokers, ['linger.ms' => '0', 'enable.idempotence' => 'true', 'retry.backoff.ms' => '10']);
$conf->setDrMsgCb(function ($producer, $message) use (&$reports): void {
    $reports += $message->err === RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 1000;
});
$producer = new RdKafka\Producer($conf);
$handle = $producer->newTopic($name2);
$sent = 0;
$send = function (int $count) use ($handle, $producer, &$sent): void {
    for ($i = 0; $i < $count; $i++) {
        $handle->produce(0, 0, (string) $sent++);
        $producer->poll(0);
    }
};
$send(10);
$producer->flush(10000);
$mock->do("leader $name2 0 2");
$send(10);
$producer->flush(10000);
$mock->do('down 2');
$send(10);
$producer->poll(500);
$mock->do("leader $name2 0 3");
$send(10);
$producer->flush(10000);
$mock->do('up 2');
$mock->do("leader $name2 0 2");
$send(10);
$producer->flush(10000);
check($reports === 50 && payloads($mock, $name2) === $numbers, 'records follow a leader that moves and survive a node that is down');

// --- groups ----------------------------------------------------------------------------------------------------------
// It hangs up on the flexible versions of these two.
$mock->do('versions ' . JOIN_GROUP . ' 0 5');
$mock->do('versions ' . SYNC_GROUP . ' 0 3');
$mock->do("coordinator group g 1");
$mock->do('errors ' . FIND_COORDINATOR . ' ' . NO_COORDINATOR . ' ' . NO_COORDINATOR);
$mock->do('errors ' . JOIN_GROUP . ' ' . LOADING . ' ' . NOT_COORDINATOR);
$conf = chaos_conf($mock->brokers, ['group.id' => 'g', 'auto.offset.reset' => 'earliest', 'enable.auto.commit' => 'false',
    'session.timeout.ms' => '6000', 'heartbeat.interval.ms' => '200']);
$consumer = new RdKafka\KafkaConsumer($conf);
$consumer->subscribe([$name2]);
$seen = [];
$read = function (int $count) use ($consumer, &$seen): void {
    $end = microtime(true) + 20;
    while ($count > 0 && microtime(true) < $end) {
        $message = $consumer->consume(200);
        if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            $seen[] = $message->payload;
            $count--;
        }
    }
};
$mock->do('errors ' . FETCH . ' ' . NOT_LEADER . ' ' . STORAGE);
$read(25);
check($seen === array_slice($numbers, 0, 25), 'a group is joined and read although lookups, joins and fetches fail at first');
$mock->do('coordinator group g 3');
$mock->do('errors ' . OFFSET_COMMIT . ' ' . LOADING . ' ' . NOT_COORDINATOR);
$partition = new RdKafka\TopicPartition($name2, 0, 25);
$consumer->commit([$partition]);
$committed = $consumer->getCommittedOffsets([new RdKafka\TopicPartition($name2, 0)], 10000)[0]->getOffset();
check($committed === 25, "a commit follows the coordinator that moved (committed $committed)");
$read(25);
check($seen === $numbers, 'and reading goes on');
$consumer->close();

// --- transactions ----------------------------------------------------------------------------------------------------
$transaction = function (string $id, array $errors) use ($mock, $topic): string {
    $name = $topic();
    $producer = new RdKafka\Producer(chaos_conf($mock->brokers, ['transactional.id' => $id, 'retry.backoff.ms' => '10']));
    try {
        $producer->initTransactions(10000);
        $producer->beginTransaction();
        foreach ($errors as $key => $codes) {
            $mock->do("errors $key " . implode(' ', $codes));
        }
        $producer->newTopic($name)->produce(0, 0, 'x');
        $producer->commitTransaction(10000);
        return 'committed';
    } catch (RdKafka\KafkaErrorException $e) {
        return ($e->isFatal() ? 'fatal ' : '') . ($e->transactionRequiresAbort() ? 'abort ' : '') . rd_kafka_err2str($e->getCode());
    }
};
$retried = [NOT_COORDINATOR, LOADING, CONCURRENT];
check($transaction('a', [ADD_PARTITIONS => $retried, END_TXN => $retried]) === 'committed',
    'a transaction is committed although its coordinator moves, loads, and is busy');
check($transaction('b', [END_TXN => [FENCED]]) === 'fatal Local: This instance has been fenced by a newer instance',
    'a fenced producer is told so');
check(str_starts_with($transaction('c', [ADD_PARTITIONS => [TOPIC_UNAUTHORIZED]]), 'abort '),
    'an authorization that is missing asks for an abort');
$mock->end();
exit($failures === 0 ? 0 : 1);
