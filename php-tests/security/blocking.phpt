--TEST--
Calls that wait for a broker end with the cause when every broker refuses, long before their timeout
--FILE--
<?php
require __DIR__ . '/_security.php';
$refused = [
    'wrong password' => ['SASL', secure_sasl('PLAIN', ['sasl.password' => 'wrong'])],
    'unknown CA' => ['TLS', secure_tls(['ssl.ca.location' => secure_file('other-ca.pem')])],
];
$partition = new RdKafka\TopicPartition('topic', 0, 1);
$calls = [
    'getMetadata' => ['KafkaConsumer', fn ($consumer) => $consumer->getMetadata(true, null, 60000)],
    'getCommittedOffsets' => ['KafkaConsumer', fn ($consumer) => $consumer->getCommittedOffsets([$partition], 60000)],
    'queryWatermarkOffsets' => ['KafkaConsumer', function ($consumer) {
        $consumer->queryWatermarkOffsets('topic', 0, $low, $high, 60000);
    }],
    'offsetsForTimes' => ['KafkaConsumer', fn ($consumer) => $consumer->offsetsForTimes([$partition], 60000)],
    'commit' => ['KafkaConsumer', fn ($consumer) => $consumer->commit([$partition])],
    'initTransactions' => ['Producer', fn ($producer) => $producer->initTransactions(60000)],
];
foreach ($refused as $why => [$listener, $settings]) {
    echo "$why\n";
    foreach ($calls as $name => [$class, $call]) {
        $own = $class === 'Producer' ? ['transactional.id' => test_name()] : ['group.id' => test_name()];
        $class = "RdKafka\\$class";
        $client = new $class(test_conf(['bootstrap.servers' => secure($listener)] + $settings + $own));
        $start = microtime(true);
        try {
            $call($client);
            echo "  $name: done\n";
        } catch (RdKafka\Exception $exception) {
            // A second, and what a busy machine needs.
            $soon = microtime(true) - $start < 5 ? 'soon' : 'late';
            printf("  %s: %s %d %s\n", $name, $soon, $exception->getCode(), $exception->getMessage());
        }
    }
}
?>
--EXPECT--
wrong password
  getMetadata: soon -169 Local: Authentication failure
  getCommittedOffsets: soon -169 Local: Authentication failure
  queryWatermarkOffsets: soon -169 Local: Authentication failure
  offsetsForTimes: soon -169 Local: Authentication failure
  commit: soon -169 Local: Authentication failure
  initTransactions: soon -169 No broker lets this client in (Local: Authentication failure): see its errors (RD_KAFKA_RESP_ERR__AUTHENTICATION)
unknown CA
  getMetadata: soon -181 Local: SSL error
  getCommittedOffsets: soon -181 Local: SSL error
  queryWatermarkOffsets: soon -181 Local: SSL error
  offsetsForTimes: soon -181 Local: SSL error
  commit: soon -181 Local: SSL error
  initTransactions: soon -181 No broker lets this client in (Local: SSL error): see its errors (RD_KAFKA_RESP_ERR__SSL)
