<?php
/**
 * A page that produces and never flushes. Arguments: brokers, topic, payload; `count` messages; `finish` to end the
 * response by hand; `keep` to keep the producer in a static property; `session` to have a session.
 */
final class Kept
{
    public static ?RdKafka\Producer $producer = null;
}

if (isset($_GET['session'])) {
    session_start();
    $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
}
$conf = new RdKafka\Conf();
$conf->set('bootstrap.servers', $_GET['brokers']);
$conf->set('message.timeout.ms', '300000');
$producer = new RdKafka\Producer($conf);
$topic = $producer->newTopic($_GET['topic']);
for ($i = 0; $i < ($_GET['count'] ?? 1); $i++) {
    $topic->producev(RD_KAFKA_PARTITION_UA, 0, "$_GET[payload] $i", null, ['from' => PHP_SAPI]);
}
if (isset($_GET['keep'])) {
    Kept::$producer = $producer;
}
echo 'produced';
if (isset($_GET['session'])) {
    echo ' ', $_SESSION['visits'], ' ', session_id();
}
if (isset($_GET['finish'])) {
    fastcgi_finish_request();
}
