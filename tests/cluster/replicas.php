<?php
/**
 * One partition with a replica on each node: a consumer in the rack of a follower reads from that, from the leader while
 * it is gone, and from it again (KIP-392); another goes on through changes of the leader, each in a new epoch that it
 * validates its position against (KIP-320). Both read every message once and in order.
 *
 *   replicas.php BROKERS
 */

declare(strict_types=1);
require __DIR__ . '/lib.php';

[, $brokers] = $argv;
const LEADER = 1, FOLLOWER = 2, ROUND = 300;
$topic = 'replicas-' . bin2hex(random_bytes(4));
Nodes::do('tool', 'TopicCommand', '--create', '--topic', $topic, '--replica-assignment', '1:2:3');

/** A consumer of the partition that counts what it is given, and what it asked whom. */
final class Reader
{
    public int $next = 0;
    public int $errors = 0;
    /** @var array<string, array<string, int>> node => request => count */
    private array $asked = [];
    private RdKafka\KafkaConsumer $consumer;

    public function __construct(string $brokers, string $topic, string $rack)
    {
        $conf = chaos_conf($brokers, ['group.id' => 'g', 'enable.auto.commit' => 'false', 'client.rack' => $rack,
            'auto.offset.reset' => 'error', 'fetch.wait.max.ms' => '100', 'statistics.interval.ms' => '200']);
        $conf->setStatsCb(function ($client, string $json): void {
            foreach (json_decode($json, true)['brokers'] as $broker) {
                // the way to a group's coordinator is no node of its own
                if ($broker['source'] !== 'logical') {
                    $this->asked[$broker['nodeid']] = $broker['req'];
                }
            }
        });
        $this->consumer = new RdKafka\KafkaConsumer($conf);
        $this->consumer->assign([new RdKafka\TopicPartition($topic, 0, 0)]);
    }

    /** Reads until $end messages were given, or for 30 seconds. */
    public function readTo(int $end): bool
    {
        $until = microtime(true) + 30;
        while ($this->next < $end && microtime(true) < $until) {
            $this->take($this->consumer->consume(100));
        }
        return $this->next === $end && $this->errors === 0;
    }

    private function take(RdKafka\Message $message): void
    {
        if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            $this->errors += $message->payload === (string) $this->next ? 0 : 1;
            $this->next++;
        } elseif ($message->err !== RD_KAFKA_RESP_ERR__TIMED_OUT) {
            note("the consumer was told: {$message->errstr()}");
        }
    }

    /** How often it asked a node for this so far. */
    public function asked(int $node, string $what): int
    {
        return $this->asked[$node][$what] ?? 0;
    }

    /** Whether it comes to ask this node for messages, and no other any more, within 30 seconds. */
    public function readsFrom(int $node): bool
    {
        $until = microtime(true) + 30;
        do {
            $before = $this->asked;
            $end = microtime(true) + 1;
            while (microtime(true) < $end) {
                $this->take($this->consumer->consume(100));
            }
            $grown = array_filter([1, 2, 3], fn (int $id) => $this->asked($id, 'Fetch') > ($before[$id]['Fetch'] ?? 0));
        } while (array_values($grown) !== [$node] && microtime(true) < $until);
        return array_values($grown) === [$node];
    }
}

$producer = new RdKafka\Producer(chaos_conf($brokers, ['enable.idempotence' => 'true', 'linger.ms' => '1']));
$handle = $producer->newTopic($topic);
$sent = 0;
$near = new Reader($brokers, $topic, 'b');
$plain = new Reader($brokers, $topic, '');
/** Produces another round, and has both read it. */
$round = function () use (&$sent, $producer, $handle, $near, $plain): bool {
    for ($i = 0; $i < ROUND; $i++) {
        $handle->produce(0, RD_KAFKA_MSG_F_BLOCK, (string) $sent++);
        $producer->poll(0);
    }
    return $producer->flush(30000) === RD_KAFKA_RESP_ERR_NO_ERROR && $near->readTo($sent) && $plain->readTo($sent);
};
check($round(), 'both read what is produced');
check($near->readsFrom(FOLLOWER), 'who has a follower in its rack reads from that');
check($plain->readsFrom(LEADER), 'who has no rack reads from the leader');

Nodes::do('kill', (string) FOLLOWER);
check($round(), 'nothing is lost or doubled when the follower dies');
check($near->readsFrom(LEADER), 'and the leader is read from');
Nodes::do('start', (string) FOLLOWER);
check($round(), 'nor when it is back');
check($near->readsFrom(FOLLOWER), 'and it is read from again');

$validations = fn () => array_sum(array_map(fn (int $id) => $plain->asked($id, 'OffsetForLeaderEpoch'), [1, 2, 3]));
$before = $validations();
Nodes::do('kill', (string) LEADER);
check($round(), 'nothing is lost or doubled when the leader dies and another one leads in a new epoch');
Nodes::do('start', (string) LEADER);
check($round(), 'nor when it is back');
for ($try = 0; ; $try++) {
    try {
        Nodes::do('tool', 'LeaderElectionCommand', '--election-type', 'PREFERRED', '--topic', $topic, '--partition', '0');
        break;
    } catch (RuntimeException $e) {
        // until it has caught up
        $try < 10 || throw $e;
    }
}
check($round(), 'nor when it leads again');
check($plain->readsFrom(LEADER), 'and it is read from');
check($validations() > $before, 'positions were validated against the new epochs');
exit($failures === 0 ? 0 : 1);
