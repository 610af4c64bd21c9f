--TEST--
phpinfo() tells versions and settings
--FILE--
<?php
ob_start();
(new ReflectionExtension('rdkafka'))->info();
$info = ob_get_clean();
preg_match_all('/^(.+?) => (.+)$/m', $info, $rows, PREG_SET_ORDER);
foreach ($rows as [, $name, $value]) {
    echo $name, ': ', in_array($name, ['version', 'build'], true) ? 'something' : $value, "\n";
}
--EXPECT--
rdkafka support: enabled
version: something
compatible with php-rdkafka: 6.0.4
compatible with librdkafka: 2.15.0
build: something
embedded broker: test.mock.num.brokers
Directive: Local Value => Master Value
rdkafka.shutdown_flush_ms: 3000 => 3000
rdkafka.log_stderr: auto => auto
rdkafka.finish_request: auto => auto
