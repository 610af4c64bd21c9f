<?php
/**
 * Each node in turn is killed and started again, so that the leader of every partition, the group's coordinator and the
 * controller are gone once each; then all at once. A producer and a member of a group that live through it must get on
 * with every partition within two seconds of the fault's end: of the moment when a client made after the fault does. An
 * idle pair beside them must not burn the processor meanwhile.
 *
 *   recovery.php BROKERS FOLDER
 */

declare(strict_types=1);
require __DIR__ . '/lib.php';

const PARTITIONS = 6;
const RECOVERY_SECONDS = 2.0;
/** Of one processor, in percent. */
const IDLE_PERCENT_MAX = 5.0;

[, $brokers, $folder] = $argv;
$topic = 'recovery-' . bin2hex(random_bytes(4));
Nodes::createTopic($topic, PARTITIONS);
Nodes::createTopic("$topic-idle", PARTITIONS);

/** Messages that say when they were sent, until stopped; what came through, by partition. */
final class Traffic
{
    /** @var array<int, float> partition => when the latest acknowledged message was made */
    public array $acknowledged;
    /** @var array<int, float> partition => when the latest consumed message was made */
    public array $consumed;
    /** When the latest commit was begun that succeeded. */
    public float $committed = 0;
    private RdKafka\Producer $producer;
    private RdKafka\ProducerTopic $topic;
    private RdKafka\KafkaConsumer $consumer;
    private float $sent = 0;
    private ?float $committing = null;

    public function __construct(string $brokers, string $topic, string $group, string $reset)
    {
        $this->acknowledged = $this->consumed = array_fill(0, PARTITIONS, 0.0);
        $conf = chaos_conf($brokers, ['enable.idempotence' => 'true', 'linger.ms' => '0']);
        $conf->setDrMsgCb(function ($producer, RdKafka\Message $message): void {
            if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
                $this->acknowledged[$message->partition] = (float) $message->payload;
            }
        });
        $this->producer = new RdKafka\Producer($conf);
        $this->topic = $this->producer->newTopic($topic);
        $conf = chaos_conf($brokers, ['group.id' => $group, 'auto.offset.reset' => $reset,
            'enable.auto.commit' => 'false', 'session.timeout.ms' => '10000', 'fetch.wait.max.ms' => '100']);
        $conf->setOffsetCommitCb(function ($consumer, int $error): void {
            if ($error === RD_KAFKA_RESP_ERR_NO_ERROR) {
                $this->committed = $this->committing ?? 0;
            }
            $this->committing = null;
        });
        $this->consumer = new RdKafka\KafkaConsumer($conf);
        $this->consumer->subscribe([$topic]);
    }

    public function step(): void
    {
        $now = microtime(true);
        if ($now - $this->sent > 0.05) {
            $this->sent = $now;
            for ($partition = 0; $partition < PARTITIONS; $partition++) {
                $this->topic->produce($partition, 0, sprintf('%.6f', $now));
            }
        }
        $this->producer->poll(0);
        for ($left = 200; $left > 0; $left--) {
            $message = $this->consumer->consume($left === 200 ? 10 : 0);
            if ($message->err !== RD_KAFKA_RESP_ERR_NO_ERROR) {
                break;
            }
            $this->consumed[$message->partition] = (float) $message->payload;
            if ($this->committing === null) {
                $this->committing = microtime(true);
                $this->consumer->commitAsync($message);
            }
        }
    }

    /** Whether everything goes on that was begun after a moment. */
    public function isWell(float $since): bool
    {
        return min($this->acknowledged) > $since
            && min($this->consumed) > $since && $this->committed > $since;
    }
}

/** Seconds of processor a process has used. */
function processor(int $pid): float
{
    $fields = explode(' ', substr(strrchr((string) file_get_contents("/proc/$pid/stat"), ')'), 2));
    return ((int) $fields[11] + (int) $fields[12]) / 100;
}

/** Lets the traffic flow until $done() or the time is over; whether it is done. */
function flow(Traffic $traffic, float $seconds, callable $done): bool
{
    for ($end = microtime(true) + $seconds; !($is = $done()) && microtime(true) < $end;) {
        $traffic->step();
    }
    return $is;
}

$idle = new Child(php_command('consume', $brokers, "$topic-idle", "$topic-idle", 'range', "$folder/idle.log"), "$folder/idle.err");
$traffic = new Traffic($brokers, $topic, $topic, 'earliest');
$start = microtime(true);
check(flow($traffic, 30, fn () => $traffic->isWell($start)), 'producing, consuming and committing go on before any fault');

$outages = ['node 1' => ['1'], 'node 2' => ['2'], 'node 3' => ['3'], 'all nodes' => ['1', '2', '3']];
foreach ($outages as $what => $nodes) {
    foreach ($nodes as $node) {
        Nodes::do('kill', $node);
    }
    $used = processor($idle->pid);
    $killed = microtime(true);
    flow($traffic, 6, fn () => false);
    $idlePercent = (processor($idle->pid) - $used) / (microtime(true) - $killed) * 100;
    $starting = array_map(fn (string $node) => Nodes::begin('start', $node), $nodes);
    flow($traffic, 90, fn () => array_filter($starting, fn (Child $one) => $one->runs()) === []);
    $up = microtime(true);
    $fresh = new Traffic($brokers, $topic, $topic . '-' . bin2hex(random_bytes(2)), 'latest');
    $freshWell = $oldWell = null;
    flow($traffic, 60, function () use ($fresh, $traffic, $up, &$freshWell, &$oldWell): bool {
        $fresh->step();
        $freshWell ??= $fresh->isWell($up) ? microtime(true) : null;
        $oldWell ??= $traffic->isWell($up) ? microtime(true) : null;
        return $freshWell !== null && $oldWell !== null;
    });
    $late = $oldWell === null || $freshWell === null ? INF : $oldWell - $freshWell;
    note(sprintf('%s: up again after %.1f s; a new client gets on %.2f s later, ours %.2f s; idle client: %.1f %% of a processor',
        $what, $up - $killed, ($freshWell ?? INF) - $up, ($oldWell ?? INF) - $up, $idlePercent));
    check($late <= RECOVERY_SECONDS, "$what: clients go on within two seconds of the fault's end");
    check($idlePercent < IDLE_PERCENT_MAX, "$what: an idle client does next to nothing meanwhile");
    flow($traffic, 3, fn () => false);
}
$idle->signal(SIGTERM);
check($idle->await(30) === 0, 'the idle member leaves when told');
exit($failures === 0 ? 0 : 1);
