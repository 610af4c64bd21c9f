<?php
/**
 * Our client against franz-go's fake cluster posing as each release of Kafka from 0.10 on: producing, idempotent and
 * transactional producing where the release has it, a group, offsets, times.
 *
 *   kfake.php KFAKE-BINARY
 */

declare(strict_types=1);
require __DIR__ . '/../cluster/lib.php';

// kfake takes record batches only (0.11 and later): older releases of it refuse to be produced to.
const RELEASES = ['0.10.0', '0.10.2', '0.11.0', '1.0', '1.1', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '2.7',
    '2.8', '3.0', '3.3', '3.5', '3.6', '3.7', '3.9', '4.0', '4.1', '4.2'];

/** What a release cannot do is left out of its round. */
function round_trip(string $brokers, string $release): string
{
    $settings = ['message.timeout.ms' => '15000'];
    $isOld = version_compare($release, '0.11', '<');
    $reports = [];
    $make = function (array $more) use ($brokers, $settings, &$reports): RdKafka\Producer {
        $conf = chaos_conf($brokers, $more + $settings);
        $conf->setDrMsgCb(function ($producer, $message) use (&$reports): void {
            $reports[] = $message->err;
        });
        return new RdKafka\Producer($conf);
    };
    $plain = $make([]);
    $topic = $plain->newTopic('t');
    for ($i = 0; $i < 20; $i++) {
        $topic->producev(0, 0, "plain-$i", "key-$i", ['h' => "v$i"]);
    }
    if ($plain->flush(20000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        return 'flush timed out';
    }
    if ($isOld) {
        // An error that says so, no silence.
        return array_unique($reports) === [RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE] ? '' : 'reports: ' . implode(',', array_unique($reports));
    }
    $idempotent = $make(['enable.idempotence' => 'true', 'compression.type' => 'lz4']);
    $topic = $idempotent->newTopic('t');
    for ($i = 0; $i < 20; $i++) {
        $topic->produce(0, 0, "idempotent-$i");
    }
    if ($idempotent->flush(20000) !== RD_KAFKA_RESP_ERR_NO_ERROR) {
        return 'idempotent flush timed out';
    }
    $transactional = $make(['transactional.id' => 'x']);
    $transactional->initTransactions(20000);
    foreach (['aborted', 'committed'] as $fate) {
        $transactional->beginTransaction();
        $topic = $transactional->newTopic('t');
        for ($i = 0; $i < 20; $i++) {
            $topic->produce(0, 0, "$fate-$i");
        }
        $transactional->flush(20000);
        $fate === 'committed' ? $transactional->commitTransaction(20000) : $transactional->abortTransaction(20000);
    }
    if (array_unique($reports) !== [RD_KAFKA_RESP_ERR_NO_ERROR] || count($reports) !== 80) {
        return count($reports) . ' reports: ' . implode(',', array_unique($reports));
    }
    return read_as_group($brokers);
}

function read_as_group(string $brokers): string
{
    $conf = chaos_conf($brokers, ['group.id' => 'g', 'auto.offset.reset' => 'earliest', 'isolation.level' => 'read_committed',
        'enable.auto.commit' => 'false']);
    $consumer = new RdKafka\KafkaConsumer($conf);
    $consumer->subscribe(['t']);
    $expected = [];
    foreach (['plain', 'idempotent', 'committed'] as $kind) {
        for ($i = 0; $i < 20; $i++) {
            $expected[] = "$kind-$i";
        }
    }
    $seen = [];
    $end = microtime(true) + 30;
    while (count($seen) < count($expected) && microtime(true) < $end) {
        $message = $consumer->consume(500);
        if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            $seen[] = $message->payload;
            $last = $message;
        }
    }
    if ($seen !== $expected) {
        return 'read ' . count($seen) . ': ' . implode(',', array_slice(array_diff($expected, $seen), 0, 3));
    }
    $consumer->commit($last);
    $partition = new RdKafka\TopicPartition('t', 0);
    $committed = $consumer->getCommittedOffsets([$partition], 10000)[0]->getOffset();
    if ($committed !== $last->offset + 1) {
        return "committed $committed after $last->offset";
    }
    $found = $consumer->offsetsForTimes([new RdKafka\TopicPartition('t', 0, 0)], 10000)[0]->getOffset();
    $low = $high = -1;
    $consumer->queryWatermarkOffsets('t', 0, $low, $high, 10000);
    $consumer->close();
    return $found === 0 && $low === 0 && $high >= 60 ? '' : "time 0 is offset $found, watermarks $low, $high";
}

if (isset($argv[3])) {
    // one release, in a process of its own
    $wrong = round_trip($argv[3], $argv[2]);
    echo $wrong === '' ? '' : "$wrong\n";
    exit($wrong === '' ? 0 : 1);
}
foreach (RELEASES as $release) {
    $process = proc_open([$argv[1], $release, '3', 't'], [0 => ['pipe', 'r'], 1 => ['pipe', 'w'], 2 => STDERR], $pipes);
    $line = (string) fgets($pipes[1]);
    $output = tempnam(sys_get_temp_dir(), 'kfake');
    $child = new Child(php_command('../peers/kfake', $argv[1], $release, trim(substr($line, strlen('ready on ')))), $output);
    $status = $child->await(90);
    $status ?? $child->signal(SIGKILL);
    check($status === 0, "kfake as Kafka $release " . ($status === 0 ? '' : var_export($status, true) . ' ' . trim((string) file_get_contents($output))));
    unlink($output);
    fclose($pipes[0]);
    proc_close($process);
}
exit($failures === 0 ? 0 : 1);
