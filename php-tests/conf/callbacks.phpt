--TEST--
Conf: callbacks of every form are taken, and show in the dump
--FILE--
<?php
class Listener
{
    public function method(): void
    {
    }

    public static function statically(): void
    {
    }

    public function __invoke(): void
    {
    }

    public function __call($name, $arguments)
    {
    }

    private function hidden(): void
    {
    }
}
$listener = new Listener();
$forms = [fn () => 1, [$listener, 'method'], 'Listener::statically', ['Listener', 'statically'],
    $listener->method(...), $listener, [$listener, 'anything'], 'strlen'];
$setters = ['setErrorCb' => 'error_cb', 'setDrMsgCb' => 'dr_msg_cb', 'setStatsCb' => 'stats_cb',
    'setRebalanceCb' => 'rebalance_cb', 'setConsumeCb' => 'consume_cb',
    'setOffsetCommitCb' => 'offset_commit_cb', 'setLogCb' => 'log_cb',
    'setOauthbearerTokenRefreshCb' => 'oauthbearer_token_refresh_cb'];
foreach ($setters as $setter => $property) {
    $conf = new RdKafka\Conf();
    foreach ($forms as $form) {
        $conf->$setter($form);
    }
    $dump = $conf->dump();
    echo $property, ': ', isset($dump[$property]) ? 'set' : 'not set', ', log.queue: ', $dump['log.queue'], "\n";
}
foreach (['no_such_function', ['Listener', 'nope'], [$listener, 'x', 'y'], 5, null] as $bad) {
    try {
        (new RdKafka\Conf())->setErrorCb($bad);
        echo "taken\n";
    } catch (TypeError $e) {
        echo $e->getMessage(), "\n";
    }
}
--EXPECT--
error_cb: set, log.queue: false
dr_msg_cb: set, log.queue: false
stats_cb: set, log.queue: false
rebalance_cb: set, log.queue: false
consume_cb: set, log.queue: false
offset_commit_cb: set, log.queue: false
log_cb: set, log.queue: true
oauthbearer_token_refresh_cb: set, log.queue: false
RdKafka\Conf::setErrorCb(): Argument #1 ($callback) must be a valid callback, function "no_such_function" not found or invalid function name
RdKafka\Conf::setErrorCb(): Argument #1 ($callback) must be a valid callback, class Listener does not have a method "nope"
RdKafka\Conf::setErrorCb(): Argument #1 ($callback) must be a valid callback, array callback must have exactly two members
RdKafka\Conf::setErrorCb(): Argument #1 ($callback) must be a valid callback, no array or string given
RdKafka\Conf::setErrorCb(): Argument #1 ($callback) must be a valid callback, no array or string given
