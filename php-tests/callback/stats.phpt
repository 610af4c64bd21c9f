--TEST--
The statistics callback gets JSON and its length
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
// A leader that is not ready yet would have the message sent twice, which the numbers tell.
test_producer()->queryWatermarkOffsets($topic, 0, $low, $high, 10000);
$calls = [];
$conf = test_conf(['statistics.interval.ms' => 50, 'client.id' => 'stats-test']);
$conf->setStatsCb(function (...$arguments) use (&$producer, &$calls): void {
    [$kafka, $json, $length] = $arguments;
    $calls[] = [count($arguments), $kafka === $producer, strlen($json) === $length, json_decode($json, true)];
});
$producer = new RdKafka\Producer($conf);
$producer->newTopic($topic)->produce(0, 0, 'x');
$producer->flush(10000);
$calls = [];
test_until(function () use (&$calls, $topic) {
    return isset(end($calls)[3]['topics'][$topic]);
}, fn () => $producer->poll(50));
[$count, $same, $length, $stats] = end($calls);
var_dump($count, $same, $length);
echo implode(' ', array_keys($stats)), "\n";
echo json_encode([$stats['client_id'], $stats['type'], $stats['msg_cnt'], $stats['msg_size'], $stats['txmsgs'], str_contains($stats['name'], 'stats-test#producer-')]), "\n";
$broker = array_values(array_filter($stats['brokers'], fn ($b) => $b['nodeid'] >= 0))[0];
echo implode(' ', array_keys($broker)), "\n";
echo $broker['state'], ' ', $broker['source'], ' ', $broker['tx'] > 0 ? 'sent' : 'nothing sent', "\n";
$t = $stats['topics'][$topic];
echo implode(' ', array_keys($t)), "\n";
echo implode(' ', array_keys($t['partitions'])), "\n";
echo implode(' ', array_keys($t['partitions'][0])), "\n";
echo $t['partitions'][0]['txmsgs'], ' ', implode(' ', array_keys($t['batchsize'])), "\n";
?>
--EXPECT--
int(3)
bool(true)
bool(true)
name client_id type ts time age replyq msg_cnt msg_size msg_max msg_size_max simple_cnt metadata_cache_cnt brokers topics tx tx_bytes rx rx_bytes txmsgs txmsg_bytes rxmsgs rxmsg_bytes
["stats-test","producer",0,0,1,true]
name nodeid nodename source state stateage outbuf_cnt outbuf_msg_cnt waitresp_cnt waitresp_msg_cnt tx txbytes txerrs txretries txidle req_timeouts rx rxbytes rxerrs rxcorriderrs rxpartial rxidle zbuf_grow buf_grow wakeups connects disconnects int_latency outbuf_latency rtt throttle req toppars
UP learned sent
topic age metadata_age batchsize batchcnt partitions
0 -1
partition broker leader desired unknown msgq_cnt msgq_bytes xmit_msgq_cnt xmit_msgq_bytes fetchq_cnt fetchq_size fetch_state query_offset next_offset app_offset stored_offset stored_leader_epoch commited_offset committed_offset committed_leader_epoch eof_offset lo_offset hi_offset ls_offset consumer_lag consumer_lag_stored leader_epoch txmsgs txbytes rxmsgs rxbytes msgs rx_ver_drops msgs_inflight next_ack_seq next_err_seq acked_msgid
1 min max avg sum stddev p50 p75 p90 p95 p99 p99_99 outofrange hdrsize cnt
