<?php
/**
 * Transactions over two topics while the broker is killed with SIGKILL and started again, once per round, always on the
 * same data folder. Every transaction writes its number to both topics. What was told to be committed must be visible in
 * both, what was aborted in none, and what was left undecided in both or none.
 *
 *   transactions.php BROKER-BINARY DATA-FOLDER ROUNDS
 */

declare(strict_types=1);

require __DIR__ . '/broker_process.php';

[, $binary, $folder, $rounds] = $argv;
$rounds = (int) $rounds;
mt_srand((int) (getenv('SEED') ?: 20261122));
$broker = new BrokerProcess($binary, $folder, ['--topic', 'left:1', '--topic', 'right:1']);

function newProducer(string $address): RdKafka\Producer
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $address);
    $conf->set('transactional.id', 'kill-nine');
    $conf->set('linger.ms', '0');
    $conf->set('reconnect.backoff.ms', '10');
    $conf->set('reconnect.backoff.max.ms', '100');
    $conf->set('retry.backoff.ms', '20');
    $conf->set('log_level', '0');
    $conf->setErrorCb(function (): void {
        // broken connections are the point of this test
    });
    $producer = new RdKafka\Producer($conf);
    $producer->initTransactions(20000);
    return $producer;
}

/** Numbers that a reader of committed records sees, in order. */
function visible(string $address, string $name): array
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $address);
    $conf->set('isolation.level', 'read_committed');
    $conf->set('enable.partition.eof', 'true');
    $conf->set('log_level', '0');
    $consumer = new RdKafka\Consumer($conf);
    $topic = $consumer->newTopic($name);
    $topic->consumeStart(0, RD_KAFKA_OFFSET_BEGINNING);
    $numbers = [];
    while (($message = $topic->consume(0, 20000)) !== null && $message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
        $numbers[] = (int) $message->payload;
    }
    $topic->consumeStop(0);
    return $numbers;
}

$producer = newProducer($broker->address);
$number = 0;
/** @var array<int, bool> number => whether it was committed; undecided ones are missing */
$told = [];
$failures = [];
for ($round = 1; $round <= $rounds && $failures === []; $round++) {
    $count = mt_rand(5, 30);
    $killAt = mt_rand(1, $count);
    for ($i = 1; $i <= $count; $i++) {
        $number++;
        $commits = mt_rand(0, 3) > 0;
        try {
            $producer->beginTransaction();
            foreach (['left', 'right'] as $name) {
                $producer->newTopic($name)->produce(0, 0, (string) $number);
                $producer->poll(0);
            }
            if ($i === $killAt) {
                usleep(mt_rand(0, 3000));
                $broker->kill();
                $broker->start();
            }
            if ($commits) {
                $producer->commitTransaction(20000);
            } else {
                $producer->abortTransaction(20000);
            }
            $told[$number] = $commits;
        } catch (RdKafka\Exception $error) {
            // undecided: a new producer fences the old one, which ends its transaction one way or the other
            $producer = newProducer($broker->address);
        }
    }
    if ($round % 20 !== 0 && $round !== $rounds) {
        continue;
    }
    // ends what was left open
    $producer = newProducer($broker->address);
    [$left, $right] = [visible($broker->address, 'left'), visible($broker->address, 'right')];
    if ($left !== $right) {
        $failures[] = 'half visible: ' . json_encode([array_diff($left, $right), array_diff($right, $left)]);
    }
    if ($left !== array_values(array_unique($left))) {
        $failures[] = 'something is doubled';
    }
    foreach ($told as $it => $committed) {
        if (in_array($it, $left, true) !== $committed) {
            $failures[] = "transaction $it was " . ($committed ? 'committed' : 'aborted') . ', and is not so';
        }
    }
}
$broker->kill();
$undecided = $number - count($told);
foreach ($failures as $failure) {
    fwrite(STDERR, "# $failure\n");
}
echo $failures === [] ? 'ok' : 'not ok', " - $rounds times kill -9: $number transactions are whole ($undecided had no answer)\n";
exit($failures === [] ? 0 : 1);
