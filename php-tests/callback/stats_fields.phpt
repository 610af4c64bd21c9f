--TEST--
Statistics have the fields of librdkafka's STATISTICS.md, and true numbers in them
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic(2);
// A leader that is not ready yet would have the first message sent twice, which the numbers tell.
foreach ([0, 1] as $number) {
    test_producer()->queryWatermarkOffsets($topic, $number, $low, $high, 10000);
}
$stats = [];
$conf = function (array $properties) use (&$stats): RdKafka\Conf {
    $conf = test_conf($properties + ['statistics.interval.ms' => 100]);
    $conf->setStatsCb(function ($kafka, string $json) use (&$stats): void {
        $stats = json_decode($json, true, flags: JSON_THROW_ON_ERROR);
    });
    return $conf;
};
$fields = function (string $name, array $have, string $want): void {
    $missing = array_diff(explode(' ', $want), array_keys($have));
    echo "$name: ", $missing === [] ? 'complete' : 'without ' . implode(' ', $missing), "\n";
};
$check = fn (string $name, bool $is) => print("$name: " . ($is ? 'true' : 'false') . "\n");
$partition = 'partition broker leader desired unknown msgq_cnt msgq_bytes xmit_msgq_cnt xmit_msgq_bytes fetchq_cnt fetchq_size fetch_state query_offset next_offset app_offset stored_offset stored_leader_epoch committed_offset committed_leader_epoch eof_offset lo_offset hi_offset ls_offset consumer_lag consumer_lag_stored leader_epoch txmsgs txbytes rxmsgs rxbytes msgs rx_ver_drops msgs_inflight next_ack_seq next_err_seq acked_msgid';
$broker = 'name nodeid nodename source state stateage outbuf_cnt outbuf_msg_cnt waitresp_cnt waitresp_msg_cnt tx txbytes txerrs txretries txidle req_timeouts rx rxbytes rxerrs rxcorriderrs rxpartial rxidle zbuf_grow buf_grow wakeups connects disconnects int_latency outbuf_latency rtt throttle req toppars';
$window = 'min max avg sum stddev p50 p75 p90 p95 p99 p99_99 outofrange hdrsize cnt';
$of_node = function () use (&$stats): array {
    return array_values(array_filter($stats['brokers'], fn ($b) => $b['nodeid'] >= 0))[0];
};

// An idempotent producer
$producer = new RdKafka\Producer($conf(['enable.idempotence' => 'true', 'linger.ms' => 50]));
$handle = $producer->newTopic($topic);
$handle->produce(0, 0, 'the first');
$producer->flush(10000);
for ($i = 0; $i < 20; $i++) {
    $handle->produce(0, 0, str_repeat('x', 100), 'key');
}
$seen = [];
$done = function () use (&$stats, &$seen, $topic): bool {
    foreach ($stats['brokers'] ?? [] as $b) {
        foreach (['int_latency', 'rtt'] as $name) {
            if ($b[$name]['cnt'] > 0) {
                $seen[$name] = $b[$name];
            }
        }
    }
    return ($stats['topics'][$topic]['partitions'][0]['acked_msgid'] ?? 0) === 21 && count($seen) === 2;
};
test_until($done, fn () => $producer->poll(50));
$fields('producer', $stats, 'name client_id type ts time age replyq msg_cnt msg_size msg_max msg_size_max simple_cnt metadata_cache_cnt brokers topics eos tx tx_bytes rx rx_bytes txmsgs txmsg_bytes rxmsgs rxmsg_bytes');
$fields('broker', $of_node(), $broker);
$fields('request counters', $of_node()['req'], 'Produce ListOffsets Metadata FindCoordinator SaslHandshake ApiVersion InitProducerId AddPartitionsToTxn AddOffsetsToTxn EndTxn TxnOffsetCommit SaslAuthenticate');
$fields('window', $of_node()['rtt'], $window);
$fields('topic', $stats['topics'][$topic], 'topic age metadata_age batchsize batchcnt partitions');
$fields('partition', $stats['topics'][$topic]['partitions'][0], $partition);
$fields('eos', $stats['eos'], 'idemp_state idemp_stateage txn_state txn_stateage txn_may_enq producer_id producer_epoch epoch_cnt');
$p = $stats['topics'][$topic]['partitions'][0];
$check('messages sent', [$p['txmsgs'], $p['msgs'], $stats['txmsgs'], $stats['msg_cnt'], $p['msgq_cnt'], $p['msgs_inflight']] === [21, 21, 21, 0, 0, 0]);
$check('sequence', [$p['next_ack_seq'], $p['next_err_seq'], $p['acked_msgid']] === [21, 21, 21]);
$check('bytes sent', $p['txbytes'] >= 20 * 103 && $p['txbytes'] < 20 * 300 && $stats['txmsg_bytes'] === $p['txbytes']);
$check('waited for linger.ms', $seen['int_latency']['max'] >= 40000 && $seen['int_latency']['max'] < 10000000);
$check('round trip', $seen['rtt']['min'] > 0 && $seen['rtt']['min'] <= $seen['rtt']['avg'] && $seen['rtt']['avg'] <= $seen['rtt']['max']);
$check('requests', $of_node()['req']['Produce'] >= 1 && $of_node()['req']['InitProducerId'] + $stats['eos']['epoch_cnt'] >= 1 && $of_node()['req']['EndTxn'] === 0);
$check('sums', $stats['tx'] === array_sum(array_column($stats['brokers'], 'tx')) && $stats['rx'] === array_sum(array_column($stats['brokers'], 'rx')));
$check('identity', $stats['eos']['idemp_state'] === 'Assigned' && $stats['eos']['producer_id'] >= 0 && $stats['eos']['producer_epoch'] === 0 && $stats['eos']['epoch_cnt'] === 1);
$check('time', abs($stats['time'] - time()) < 60 && $stats['age'] > 0 && $stats['age'] < 120000000);

// In a transaction
$producer = new RdKafka\Producer($conf(['transactional.id' => test_name('tx')]));
$producer->initTransactions(10000);
$producer->beginTransaction();
$stats = [];
// What was told before the transaction began may still wait to be served.
$is_told = function () use (&$stats): bool {
    return [$stats['eos']['txn_state'] ?? '', $stats['eos']['txn_may_enq'] ?? false] === ['InTransaction', true];
};
$check('in a transaction', test_until($is_told, fn () => $producer->poll(50)));
$producer->abortTransaction(10000);

// A group's consumer, all of it read and committed
$consumer = new RdKafka\KafkaConsumer($conf(['group.id' => test_name('group'), 'auto.offset.reset' => 'earliest', 'enable.auto.commit' => 'false', 'fetch.wait.max.ms' => 50]));
$consumer->subscribe([$topic]);
test_consume($consumer, 21);
$consumer->commit();
$stats = [];
test_until(function () use (&$stats, $topic): bool {
    return ($stats['topics'][$topic]['partitions'][0]['consumer_lag'] ?? -1) === 0 && ($stats['topics'][$topic]['partitions'][1]['fetch_state'] ?? '') === 'active';
}, fn () => $consumer->consume(50));
$fields('consumer', $stats, 'name type ts time age replyq brokers topics cgrp rxmsgs rxmsg_bytes');
$fields('group', $stats['cgrp'], 'state stateage join_state rebalance_age rebalance_cnt rebalance_reason assignment_size');
$fields('consumed partition', $p = $stats['topics'][$topic]['partitions'][0], $partition);
$check('offsets', [$p['app_offset'], $p['stored_offset'], $p['committed_offset'], $p['hi_offset'], $p['lo_offset'], $p['ls_offset'], $p['consumer_lag'], $p['consumer_lag_stored']] === [21, 21, 21, 21, 0, 21, 0, 0]);
$check('messages received', [$p['rxmsgs'], $p['fetchq_cnt'], $stats['rxmsgs']] === [21, 0, 21]);
$check('group at rest', [$stats['cgrp']['state'], $stats['cgrp']['join_state'], $stats['cgrp']['assignment_size'], $stats['cgrp']['rebalance_cnt']] === ['up', 'steady', 2, 1]);

// A legacy consumer tells the partitions that it does not consume, too
$legacy = new RdKafka\Consumer($conf([]));
$handle = $legacy->newTopic($topic);
$handle->consumeStart(0, 0);
$handle->consume(0, 10000);
$stats = [];
test_until(function () use (&$stats, $topic): bool { return count($stats['topics'][$topic]['partitions'] ?? []) === 3; }, fn () => $legacy->poll(50));
echo $stats['simple_cnt'], ' ', implode(' ', array_keys($stats['topics'][$topic]['partitions'])), "\n";
?>
--EXPECT--
producer: complete
broker: complete
request counters: complete
window: complete
topic: complete
partition: complete
eos: complete
messages sent: true
sequence: true
bytes sent: true
waited for linger.ms: true
round trip: true
requests: true
sums: true
identity: true
time: true
in a transaction: true
consumer: complete
group: complete
consumed partition: complete
offsets: true
messages received: true
group at rest: true
1 0 1 -1
--ENV--
ZEND_DONT_UNLOAD_MODULES=1
