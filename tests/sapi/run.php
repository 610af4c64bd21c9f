<?php
/**
 * The extension inside web servers: php-fpm, the built-in server, php-cgi. Prints TAP.
 *
 * Environment: RDKAFKA_SO and RDKAFKA_BROKER_BIN under test, PHP_FPM and PHP_CGI binaries.
 */

declare(strict_types=1);

require __DIR__ . '/../tap.php';
require __DIR__ . '/../process.php';
require __DIR__ . '/fastcgi.php';

const PAGES = __DIR__ . '/pages';

/** Where nobody answers: connections are refused. */
const NOWHERE = '127.0.0.1:1';

$work = sys_get_temp_dir() . '/rdkafka-sapi-' . getmypid();
mkdir($work);
register_shutdown_function(fn () => exec('rm -rf ' . escapeshellarg($work)));

$broker = Process::start(
    [getenv('RDKAFKA_BROKER_BIN'), 'serve', '--listen', '127.0.0.1:0', '--ephemeral', '--log-level', 'warn'],
    "$work/broker.log"
);
$address = null;
until(function () use ($broker, &$address): bool {
    $address = preg_match('/ready on (\S+)/', $broker->output(), $match) ? $match[1] : null;
    return $address !== null;
}) || throw new RuntimeException('the broker does not start: ' . $broker->output());
define('BROKERS', $address);

/** The payloads of a topic, sorted. */
function payloads(string $topic, int $count): array
{
    $conf = new RdKafka\Conf();
    $conf->set('bootstrap.servers', BROKERS);
    $conf->set('group.id', 'check');
    $consumer = new RdKafka\KafkaConsumer($conf);
    $consumer->assign([new RdKafka\TopicPartition($topic, 0, RD_KAFKA_OFFSET_BEGINNING)]);
    $found = [];
    for ($until = microtime(true) + 10; count($found) < $count && microtime(true) < $until;) {
        $message = $consumer->consume(200);
        if ($message->err === RD_KAFKA_RESP_ERR_NO_ERROR) {
            $found[] = $message->payload;
        }
    }
    sort($found);
    return $found;
}

/** Settings that all servers get: nothing of the machine's php.ini, our extension, errors into the log. */
function settings(array $more = []): array
{
    $settings = $more + ['extension' => getenv('RDKAFKA_SO'), 'display_errors' => '0', 'log_errors' => '1', 'error_log' => ''];
    $options = ['-n'];
    foreach ($settings as $name => $value) {
        array_push($options, '-d', "$name=$value");
    }
    return $options;
}

foreach ($argc > 1 ? array_slice($argv, 1) : ['fpm', 'builtin', 'cgi'] as $part) {
    require __DIR__ . "/$part.php";
}
