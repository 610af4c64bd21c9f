--TEST--
debug raises log_level to 7; setLogLevel() lowers it again
--FILE--
<?php
require __DIR__ . '/../_harness.php';
foreach (['no debug' => null, 'debug' => null, 'debug, then setLogLevel' => LOG_EMERG] as $case => $level) {
    $lines = 0;
    $conf = test_conf(['log_level' => '0'] + ($case === 'no debug' ? [] : ['debug' => 'all']));
    $conf->setLogCb(function () use (&$lines): void {
        $lines++;
    });
    $producer = new RdKafka\Producer($conf);
    if ($level !== null) {
        @$producer->setLogLevel($level);
        test_until(function () use (&$before, &$lines) {
            [$before, $now] = [$lines, $before];
            return $before === $now;
        }, fn () => $producer->poll(50));
        $lines = 0;
    }
    $producer->getMetadata(true, null, 5000);
    for ($i = 0; $i < 3; $i++) {
        $producer->poll(20);
    }
    echo "$case: ", $lines > 0 ? 'lines' : 'nothing', "\n";
}
?>
--EXPECT--
no debug: nothing
debug: lines
debug, then setLogLevel: nothing
