<?php
/**
 * Producers and groups at work while the nodes of the cluster are killed, stopped and frozen in turn and members of the
 * groups come, leave and die; afterwards everything is compared with what is in the log.
 *
 *   chaos.php BROKERS FOLDER SECONDS SEED
 */

declare(strict_types=1);
require __DIR__ . '/lib.php';

const PARTITIONS = 6;
const PRODUCERS = ['anna', 'ben', 'cleo'];
const GROUPS = ['eager' => 'range', 'sticky' => 'cooperative-sticky'];
const MEMBERS_MAX = 3;

[, $brokers, $folder, $seconds, $seed] = $argv;
mt_srand((int) $seed);
note("seed $seed, $seconds seconds");
$topic = 'chaos-' . bin2hex(random_bytes(4));
Nodes::createTopic($topic, PARTITIONS);

$producers = $members = $logs = [];
foreach (PRODUCERS as $name) {
    $producers[$name] = new Child(php_command('produce', $brokers, $topic, (string) PARTITIONS, $name, $folder, getenv('RATE') ?: '500'),
        "$folder/produce-$name.err");
}
$join = function (string $strategyName) use (&$members, &$logs, $brokers, $topic, $folder): void {
    $log = "$folder/$strategyName-" . count($logs) . '.log';
    $logs[$log] = $strategyName;
    $members[$strategyName][] = new Child(
        php_command('consume', $brokers, $topic, "$topic-$strategyName", GROUPS[$strategyName], $log), "$log.err");
};
foreach (array_keys(GROUPS) as $name) {
    $members[$name] = [];
    $join($name);
    $join($name);
}

// --- the chaos -------------------------------------------------------------------------------------------------------
$begin = microtime(true);
$killed = $churned = 0;
$unwell = null; // [node, what brings it back, when]
$recovering = null; // the command that does
$nextFault = $begin + 3;
$nextChurn = $begin + 5;
$died = $leaving = [];
while (microtime(true) - $begin < (int) $seconds) {
    $now = microtime(true);
    if ($recovering !== null && !$recovering->runs()) {
        $recovering = $unwell = null;
        $nextFault = $now + mt_rand(2, 4);
    } elseif ($unwell !== null && $recovering === null && $now >= $unwell[2]) {
        $recovering = Nodes::begin($unwell[1], (string) $unwell[0]);
    } elseif ($unwell === null && $now >= $nextFault) {
        $node = $killed % 3 + 1;
        [$verb, $back] = [['kill', 'start'], ['kill', 'start'], ['stop', 'start'], ['freeze', 'thaw']][$killed % 4];
        note("$verb node $node");
        Nodes::do($verb, (string) $node);
        $unwell = [$node, $back, microtime(true) + mt_rand(3, 6)];
        $killed++;
    }
    if ($now >= $nextChurn) {
        $name = array_rand(GROUPS);
        $count = count($members[$name]);
        if ($count === 0 || ($count < MEMBERS_MAX && mt_rand(0, 1) === 0)) {
            $join($name);
        } else {
            $index = array_rand($members[$name]);
            $member = $members[$name][$index];
            $member->signal(mt_rand(0, 2) === 0 ? SIGKILL : SIGTERM);
            note("tells " . basename($member->errors));
            $leaving[] = [$member, $name, $now];
            unset($members[$name][$index]);
        }
        $churned++;
        $nextChurn = $now + mt_rand(2, 6);
    }
    foreach ($members as $name => $some) {
        foreach ($some as $index => $member) {
            if (!$member->runs()) {
                $died[] = "a member of $name ended: " . trim((string) file_get_contents($member->errors));
                unset($members[$name][$index]);
            }
        }
    }
    $leaving = array_filter($leaving, function (array $who) use ($now, &$died): bool {
        [$member, $name, $since] = $who;
        if (!$member->runs()) {
            return false;
        }
        if ($now - $since > 30) {
            $died[] = "a member of $name did not leave within 30 seconds (" . basename($member->errors) . ')';
            $member->signal(SIGKILL);
            return false;
        }
        return true;
    });
    usleep(50000);
}
$recovering?->await(60);
if ($unwell !== null && $recovering === null) {
    Nodes::do($unwell[1], (string) $unwell[0]);
}
note("faults of nodes: $killed, members that came or went: $churned");

// --- the end of production -------------------------------------------------------------------------------------------
foreach ($producers as $producer) {
    $producer->signal(SIGTERM);
}
$bad = [];
foreach ($producers as $name => $producer) {
    if ($producer->await(90) !== 0) {
        $producer->signal(SIGKILL);
        $bad[] = "$name: " . trim((string) file_get_contents($producer->errors));
    }
}
check($bad === [], 'every message was acknowledged, the reports in order ' . implode('; ', array_slice($bad, 0, 3)));

// --- the log against the reports -------------------------------------------------------------------------------------
$acks = $expected = $ends = [];
$total = 0;
foreach (PRODUCERS as $name) {
    for ($partition = 0; $partition < PARTITIONS; $partition++) {
        $acks[$name][$partition] = (string) file_get_contents("$folder/acks-$name-$partition");
        $total += strlen($acks[$name][$partition]) >> 3;
        $expected[$name][$partition] = 0;
    }
}
$ends = array_fill(0, PARTITIONS, 0);
$disordered = $elsewhere = $unknown = 0;
foreach (read_to_end($brokers, $topic, PARTITIONS) as $partition => $message) {
    [$name, , $number] = explode(':', $message->payload);
    if ((int) $number !== $expected[$name][$partition]) {
        $disordered++;
    }
    $expected[$name][$partition] = (int) $number + 1;
    $offset = (int) $number * 8 < strlen($acks[$name][$partition]) ? unpack('q', $acks[$name][$partition], (int) $number * 8)[1] : -1;
    if ($offset < 0) {
        $unknown++; // a duplicate's report: written the first time, its answer lost
    } elseif ($offset !== $message->offset) {
        $elsewhere++;
    }
    $ends[$partition] = $message->offset + 1;
}
$missing = 0;
foreach (PRODUCERS as $name) {
    for ($partition = 0; $partition < PARTITIONS; $partition++) {
        $missing += abs((strlen($acks[$name][$partition]) >> 3) - $expected[$name][$partition]);
    }
}
note("$total messages acknowledged, $unknown of them without an offset");
check($missing === 0 && $total > 0, 'every acknowledged message is in the log');
check($disordered === 0, "in the order of its producer and once ($disordered are not)");
check($elsewhere === 0, 'at the offset that its report named');

// --- the groups ------------------------------------------------------------------------------------------------------
$reached = function () use ($brokers, $topic, $ends): bool {
    foreach (array_keys(GROUPS) as $name) {
        $consumer = new RdKafka\KafkaConsumer(chaos_conf($brokers, ['group.id' => "$topic-$name"]));
        $partitions = array_map(fn (int $p) => new RdKafka\TopicPartition($topic, $p), range(0, PARTITIONS - 1));
        try {
            foreach ($consumer->getCommittedOffsets($partitions, 10000) as $partition) {
                if ($partition->getOffset() !== $ends[$partition->getPartition()]) {
                    return false;
                }
            }
        } catch (RdKafka\Exception) {
            return false;
        }
    }
    return true;
};
foreach (array_keys(GROUPS) as $name) {
    $members[$name] === [] && $join($name);
}
$deadline = microtime(true) + 60;
while (!($done = $reached()) && microtime(true) < $deadline) {
    usleep(500000);
}
check($done, 'both groups came to the end of every partition and committed it');
foreach ($members as $name => $some) {
    array_map(fn (Child $member) => $member->signal(SIGTERM), $some);
    foreach ($some as $member) {
        $leaving[] = [$member, $name, microtime(true)];
    }
}
foreach ($leaving as [$member, $name]) {
    if ($member->await(30) === null) {
        $died[] = "a member of $name did not leave within 30 seconds (" . basename($member->errors) . ')';
        $member->signal(SIGKILL);
    }
}
check($died === [], 'members go on through every fault and leave when told ' . implode('; ', array_slice($died, 0, 3)));

$history = committed_history($brokers);
$backwards = $strayed = $gaps = $reread = $tenureCount = 0;
$violations = [];
$longest = 0.0;
foreach (array_keys(GROUPS) as $name) {
    $tenures = array_fill(0, PARTITIONS, []);
    foreach (array_keys($logs, $name, true) as $log) {
        foreach (is_file($log) ? file($log, FILE_IGNORE_NEW_LINES) : [] as $line) {
            if ($line[0] === '@') {
                $longest = max($longest, (float) substr($line, 2));
                continue;
            }
            if ($line[0] === '!') {
                $violations[] = $line;
                continue;
            }
            [$partition, $first, $next] = array_map(intval(...), explode(' ', $line));
            // a tenure is written down again as it grows
            $tenures[$partition]["$log $first"] = [$first, max($next, $tenures[$partition]["$log $first"][1] ?? 0)];
        }
    }
    for ($partition = 0; $partition < PARTITIONS; $partition++) {
        $commits = $history["$topic-$name"][$topic][$partition] ?? [];
        for ($i = 1; $i < count($commits); $i++) {
            $backwards += $commits[$i] < $commits[$i - 1] ? 1 : 0;
        }
        $known = array_flip($commits) + [0 => 0];
        $all = array_values($tenures[$partition]);
        usort($all, fn (array $a, array $b) => $a <=> $b);
        $read = 0;
        foreach ($all as [$first, $next]) {
            $tenureCount++;
            $strayed += isset($known[$first]) ? 0 : 1;
            $gaps += $first > $read ? 1 : 0;
            $reread += max(0, min($read, $next) - $first);
            $read = max($read, $next);
        }
        $gaps += $read === $ends[$partition] ? 0 : 1;
    }
}
note("$tenureCount tenures of partitions; $reread messages read again by the next owner (members killed, commits refused)");
note("the longest leave of a member took $longest seconds");
check($violations === [], 'within a tenure no message is missing, doubled or out of order ' . implode('; ', array_slice($violations, 0, 3)));
check($strayed === 0, "each tenure begins at a committed position ($strayed do not)");
check($gaps === 0, "the tenures cover every message ($gaps gaps)");
check($backwards === 0, "no committed position went backwards ($backwards did)");
exit($failures === 0 ? 0 : 1);
