<?php
/**
 * A producer, a consumer that subscribed and one that was assigned, in one process; the broker is absent when they
 * start and restarts again and again, killed or stopped. Prints TAP.
 *
 * Usage: restarts.php BROKER FOLDER ROUNDS
 */

declare(strict_types=1);

require __DIR__ . '/../tap.php';
require __DIR__ . '/../process.php';

[, $binary, $folder, $rounds] = $argv;
$rounds = (int) $rounds;
$address = '127.0.0.1:' . free_port();
$start = function () use ($binary, $folder, $address): Process {
    $log = "$folder/restarts.log";
    file_put_contents($log, '');
    $broker = Process::start([$binary, 'serve', '--listen', $address, '--data-dir', "$folder/restarts", '--topic', 'restarts:1', '--log-level', 'warn'], $log);
    until(fn () => str_contains($broker->output(), 'ready on')) || throw new RuntimeException($broker->output());
    return $broker;
};

$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $address);
$conf->set('log_level', '0');
$conf->set('enable.idempotence', 'true');
$acknowledged = $failed = 0;
$conf->setDrMsgCb(function ($producer, $message) use (&$acknowledged, &$failed): void {
    $message->err === RD_KAFKA_RESP_ERR_NO_ERROR ? $acknowledged++ : $failed++;
});
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic('restarts');

/** @var array<string, RdKafka\KafkaConsumer> $consumers */
$consumers = [];
foreach (['subscribed', 'assigned'] as $kind) {
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', $address);
    $conf->set('log_level', '0');
    $conf->set('group.id', $kind);
    $conf->set('auto.offset.reset', 'earliest');
    $conf->set('heartbeat.interval.ms', '200');
    $consumers[$kind] = new RdKafka\KafkaConsumer($conf);
}
$consumers['subscribed']->subscribe(['restarts']);
$consumers['assigned']->assign([new RdKafka\TopicPartition('restarts', 0, RD_KAFKA_OFFSET_BEGINNING)]);

$produced = 0;
$produce = function () use ($topic, &$produced): void {
    for ($i = 0; $i < 100; $i++) {
        $topic->produce(0, 0, (string) $produced++);
    }
};
/** What each consumer saw, by payload: how often. */
$seen = ['subscribed' => [], 'assigned' => []];
$errors = [];
/** Takes what there is for each consumer and the producer; the kinds that saw the newest message. */
$serve = function () use ($consumers, $producer, &$seen, &$errors, &$produced): array {
    $complete = [];
    foreach ($consumers as $kind => $consumer) {
        for ($message = $consumer->consume(5); $message->err !== RD_KAFKA_RESP_ERR__TIMED_OUT; $message = $consumer->consume(0)) {
            if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
                $seen[$kind][$message->payload] = ($seen[$kind][$message->payload] ?? 0) + 1;
            } else {
                $errors[$message->errstr()] = true;
            }
        }
        isset($seen[$kind][$produced - 1]) and $complete[] = $kind;
    }
    $producer->poll(0);
    return $complete;
};

$resumed = ['subscribed' => [], 'assigned' => []];
$produce(); // nobody is there yet
for ($round = 0; $round < $rounds; $round++) {
    $broker = $start();
    $ready = microtime(true);
    $produce();
    $took = [];
    until(function () use ($serve, $ready, &$took): bool {
        foreach ($serve() as $kind) {
            $took[$kind] ??= microtime(true) - $ready;
        }
        return count($took) === 2;
    }, 30);
    foreach (array_keys($resumed) as $kind) {
        $resumed[$kind][] = $took[$kind] ?? INF;
    }
    $broker->stop($round % 2 === 0 ? SIGKILL : SIGTERM);
    $produce(); // while it is away
    until(fn () => $serve() && false, 0.2 + $round % 4 * 0.2);
}
$before = getrusage();
$consumers['assigned']->consume(3000);
$after = getrusage();
$used = fn (array $usage): float => $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec'] + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
$outage = $used($after) - $used($before);
$broker = $start();
$flushed = $producer->flush(20000);
until(fn () => count($serve()) === 2, 20);

same("$rounds restarts: every message is acknowledged", [$produced, 0, 0], [$acknowledged, $failed, $flushed]);
same('the subscribed consumer saw every message', $produced, count($seen['subscribed']));
same('the assigned consumer saw every message once', [$produced, $produced], [count($seen['assigned']), array_sum($seen['assigned'])]);
foreach ($resumed as $kind => $times) {
    sort($times);
    printf("# %s: back after %.0f ms in the middle, %.0f ms at worst\n", $kind, $times[intdiv(count($times), 2)] * 1000, end($times) * 1000);
    at_most("the $kind consumer is back within two seconds of the broker", 2.0, end($times));
}
printf("# processor time in 3 s without a broker: %.0f ms\n", $outage * 1000);
at_most('three seconds without a broker use less than 5 % of a processor', 0.15, $outage);
same('errors are said only about the connection', [], array_diff(array_keys($errors), ['Local: Broker transport failure', 'Local: All broker connections are down']));
