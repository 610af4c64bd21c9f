<?php
/**
 * What other clients write in each compression is read by ours, and what ours writes by them: keys and values (null,
 * empty, binary, large), headers, timestamps.
 *
 *   interop.php BROKERS PYTHON FRANZ-BINARY KAFKA-SCRIPT
 *
 * KAFKA-SCRIPT runs the console tools of the Java client, which know keys, values and headers of text only.
 */

declare(strict_types=1);
require __DIR__ . '/records.php';

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

[, $brokers, $python, $franz, $kafka] = $argv;
$peers = [
    'librdkafka' => [$python, __DIR__ . '/python.py', 'confluent'],
    'kafka-python' => [$python, __DIR__ . '/python.py', 'kafka'],
    'franz-go' => [$franz],
];
$records = records();
foreach ($peers as $peer => $command) {
    foreach (COMPRESSIONS as $compression) {
        $topic = new_topic($brokers, 'interop');
        try {
            run([...$command, 'write', $brokers, $topic, $compression], to_lines($records));
            $wrong = difference(as_php_has_it($records), read_ours($brokers, $topic));
        } catch (Throwable $e) {
            $wrong = $e->getMessage();
        }
        check($wrong === '', "$peer writes ($compression), we read $wrong");
    }
}
foreach (COMPRESSIONS as $compression) {
    $topic = new_topic($brokers, 'interop');
    $ours = array_map(fn (array $r) => [$r[0], $r[1], $r[2], array_values(array_filter($r[3], fn (array $h) => $h[0] !== 'h'))], $records);
    write_ours($brokers, $topic, $ours, ['compression.type' => $compression]);
    foreach ($peers as $peer => $command) {
        try {
            $read = from_lines(run([...$command, 'read', $brokers, $topic, (string) count($ours)], ''));
            $wrong = difference($ours, $read);
        } catch (Throwable $e) {
            $wrong = $e->getMessage();
        }
        check($wrong === '', "we write ($compression), $peer reads $wrong");
    }
}

// --- the Java client -------------------------------------------------------------------------------------------------
$texts = array_map(fn (int $i) => ["h:$i", "key-$i", "value-$i " . str_repeat('x', $i)], range(0, 99));
$lines = implode('', array_map(fn (array $t) => implode("\t", $t) . "\n", $texts));
foreach (COMPRESSIONS as $compression) {
    $topic = new_topic($brokers, 'interop');
    $server = ['--bootstrap-server', $brokers, '--topic', $topic];
    try {
        run([$kafka, 'tool', 'ConsoleProducer', ...$server, '--compression-codec', $compression,
            '--reader-property', 'parse.key=true', '--reader-property', 'parse.headers=true'], $lines);
        $read = array_map(fn (array $r) => ['h:' . ($r[3]['h'] ?? ''), $r[0], $r[1]], read_ours($brokers, $topic));
        $wrong = difference($texts, $read);
    } catch (Throwable $e) {
        $wrong = $e->getMessage();
    }
    check($wrong === '', "Java writes ($compression), we read $wrong");
    $topic = new_topic($brokers, 'interop');
    $producer = new RdKafka\Producer(chaos_conf($brokers, ['compression.type' => $compression, 'linger.ms' => '50']));
    $handle = $producer->newTopic($topic);
    foreach ($texts as [$header, $key, $value]) {
        $handle->producev(0, 0, $value, $key, ['h' => substr($header, 2)]);
    }
    $producer->flush(30000);
    try {
        $read = run([$kafka, 'tool', 'consumer.ConsoleConsumer', '--bootstrap-server', $brokers, '--topic', $topic, '--from-beginning',
            '--max-messages', '100', '--formatter-property', 'print.key=true', '--formatter-property', 'print.headers=true'], '');
        $wrong = $read === $lines ? '' : substr($read, 0, 200);
    } catch (Throwable $e) {
        $wrong = $e->getMessage();
    }
    check($wrong === '', "we write ($compression), Java reads $wrong");
}
exit($failures === 0 ? 0 : 1);
