<?php
/**
 * Several processes copy a topic to another, each batch with its offsets in one transaction (the example
 * copy_in_transactions). Transactions are aborted at random, processes killed, replaced by others with their
 * transactional ids while they live, and, when asked for, nodes of the cluster killed. A reader of committed records
 * must find each record once and in order.
 *
 *   transactions.php BROKERS FOLDER SECONDS SEED [KILL-NODES]
 *
 * COPIER names the program.
 */

declare(strict_types=1);
require __DIR__ . '/lib.php';

const PARTITIONS = 4;
const COPIERS = 3;
const FENCED = 3;

[, $brokers, $folder, $seconds, $seed] = $argv;
$killsNodes = ($argv[5] ?? '') !== '';
mt_srand((int) $seed);
note("seed $seed, $seconds seconds" . ($killsNodes ? ', nodes are killed' : ''));
$suffix = bin2hex(random_bytes(4));
[$from, $to, $group] = ["from-$suffix", "to-$suffix", "copiers-$suffix"];
Nodes::createTopic($from, PARTITIONS);
Nodes::createTopic($to, PARTITIONS);

$started = 0;
$outputs = [];
$start = function (int $slot) use (&$started, &$outputs, $brokers, $from, $to, $group, $folder, $suffix): Child {
    $output = "$folder/copier-" . $started++;
    $outputs[] = $output;
    return new Child([getenv('COPIER'), $brokers, $from, $to, $group, "copier-$suffix-$slot", '25'], $output);
};
/** Whether a copier ended as one does whose transactional id was taken. */
$was_fenced = function (Child $child): bool {
    // While it fences, the coordinator may say instead that the transaction is over: as fatal, another word.
    return $child->await(0) === FENCED || str_contains((string) file_get_contents($child->errors), 'INVALID_TXN_STATE: Failed to end');
};
/** @var array<int, Child> $copiers by slot; each slot is a transactional id */
$copiers = array_map($start, range(0, COPIERS - 1));
/** @var list<array{Child, float}> $replaced those whose id was taken over, and when */
$replaced = [];
$killed = $fenced = $faults = 0;
$bad = [];

$producer = new RdKafka\Producer(chaos_conf($brokers, ['enable.idempotence' => 'true', 'linger.ms' => '5']));
$topic = $producer->newTopic($from);
$next = array_fill(0, PARTITIONS, 0);
$unwell = $recovering = null;
$begin = microtime(true);
$nextKill = $begin + 3;
$nextFault = $begin + 5;
$sent = 0;
while (microtime(true) - $begin < (int) $seconds) {
    $now = microtime(true);
    for (; $sent < ($now - $begin) * 800; $sent++) {
        $partition = mt_rand(0, PARTITIONS - 1);
        $topic->produce($partition, RD_KAFKA_MSG_F_BLOCK, (string) $next[$partition]++);
    }
    $producer->poll(0);
    if ($now >= $nextKill) {
        $slot = array_rand($copiers);
        if (mt_rand(0, 1) === 0) {
            $copiers[$slot]->signal(SIGKILL);
            $killed++;
        } else {
            // lives on until it learns that another has its id
            $replaced[] = [$copiers[$slot], $now];
        }
        $copiers[$slot] = $start($slot);
        $nextKill = $now + mt_rand(2, 4);
    }
    if ($recovering !== null && !$recovering->runs()) {
        $recovering = $unwell = null;
        $nextFault = $now + 3;
    } elseif ($unwell !== null && $recovering === null && $now >= $unwell[2]) {
        $recovering = Nodes::begin($unwell[1], (string) $unwell[0]);
    } elseif ($killsNodes && $unwell === null && $now >= $nextFault) {
        $node = $faults % 3 + 1;
        [$verb, $back] = $faults % 4 === 3 ? ['freeze', 'thaw'] : ['kill', 'start'];
        note("$verb node $node");
        Nodes::do($verb, (string) $node);
        $unwell = [$node, $back, microtime(true) + mt_rand(3, 6)];
        $faults++;
    }
    foreach ($replaced as $index => [$child, $since]) {
        if (!$child->runs()) {
            $was_fenced($child) ? $fenced++ : $bad[] = 'a replaced copier ended otherwise, see ' . $child->errors;
            unset($replaced[$index]);
        }
    }
    foreach ($copiers as $slot => $child) {
        if (!$child->runs()) {
            // the one it replaced may have been the later of the two to ask for the id
            $was_fenced($child) ? $fenced++ : $bad[] = "a copier ended with {$child->await(0)}, see $child->errors";
            $copiers[$slot] = $start($slot);
        }
    }
    usleep(20000);
}
$recovering?->await(60);
if ($unwell !== null && $recovering === null) {
    Nodes::do($unwell[1], (string) $unwell[0]);
}
check($producer->flush(60000) === RD_KAFKA_RESP_ERR_NO_ERROR, 'the records to copy were produced');

// --- until everything is copied --------------------------------------------------------------------------------------
$partitions = array_map(fn (int $p) => new RdKafka\TopicPartition($from, $p), range(0, PARTITIONS - 1));
$watcher = new RdKafka\KafkaConsumer(chaos_conf($brokers, ['group.id' => $group]));
$behind = [];
// on a slow machine they may be far behind: a minute without a step forward is the bound
$deadline = microtime(true) + 60;
$copied = 0;
do {
    usleep(300000);
    try {
        $committed = $watcher->getCommittedOffsets($partitions, 10000);
        $behind = array_filter($committed, fn ($p) => $p->getOffset() !== $next[$p->getPartition()]);
        $sum = array_sum(array_map(fn ($p) => $p->getOffset(), $committed));
        $deadline = $sum > $copied ? microtime(true) + 60 : $deadline;
        $copied = max($copied, $sum);
    } catch (RdKafka\Exception $e) {
        $behind = [$e->getMessage()];
    }
} while ($behind !== [] && microtime(true) < $deadline);
check($behind === [], 'the copiers came to the end of every partition and committed it');
$end = microtime(true) + 5;
foreach ($replaced as [$child]) {
    // one that has nothing to copy does nothing that could be refused
    if ($child->await(max(0, $end - microtime(true))) !== null) {
        $was_fenced($child) ? $fenced++ : $bad[] = 'a replaced copier ended otherwise, see ' . $child->errors;
    }
}
foreach ([...$copiers, ...array_column($replaced, 0)] as $child) {
    $child->signal(SIGKILL);
}

// --- what readers see ------------------------------------------------------------------------------------------------
$expected = array_fill(0, PARTITIONS, 0);
$wrong = [];
foreach (read_to_end($brokers, $to, PARTITIONS, ['isolation.level' => 'read_committed']) as $partition => $message) {
    if ((int) $message->payload !== $expected[$partition] && count($wrong) < 5) {
        $wrong[] = "partition $partition offset $message->offset: $message->payload instead of {$expected[$partition]}";
    }
    $expected[$partition] = (int) $message->payload + 1;
}
$everything = 0;
foreach (read_to_end($brokers, $to, PARTITIONS, ['isolation.level' => 'read_uncommitted']) as $message) {
    $everything++;
}
$words = ['committed' => 0, 'aborted' => 0];
foreach ($outputs as $output) {
    foreach (file($output, FILE_IGNORE_NEW_LINES) as $line) {
        $word = strtok($line, ' ');
        isset($words[$word]) && $words[$word]++;
    }
}
$total = array_sum($next);
note("$total records; transactions: {$words['committed']} committed, {$words['aborted']} aborted; "
    . "$killed copiers killed, $fenced fenced, $faults faults of nodes; $everything records copied in vain or not");
check($wrong === [], 'a reader of committed records sees each once and in order ' . implode('; ', $wrong));
check($expected === $next, 'and all of them');
check($everything > $total && $words['aborted'] > 0, 'records of aborted transactions are there for who wants them');
check($bad === [], 'no copier ended but those whose id was taken ' . implode('; ', array_slice($bad, 0, 4)));
check($fenced > 0, "those were told so ($fenced)");
exit($failures === 0 ? 0 : 1);
