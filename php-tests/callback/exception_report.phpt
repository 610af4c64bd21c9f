--TEST--
An exception in a delivery callback leaves poll() and flush() once
--FILE--
<?php
require __DIR__ . '/../_harness.php';
$topic = test_topic();
foreach (['poll', 'flush'] as $method) {
    $throw = true;
    $producer = test_producer([], function (RdKafka\Message $m) use (&$throw): void {
        if ($throw) {
            $throw = false;
            throw new DomainException("from the callback, about $m->payload", 7);
        }
        echo "delivered $m->payload\n";
    });
    $handle = $producer->newTopic($topic);
    $handle->produce(0, 0, 'first');
    try {
        test_until(fn () => $producer->getOutQLen() === 0, fn () => $producer->$method(1000));
    } catch (DomainException $e) {
        echo $e->getCode(), ' ', $e->getMessage(), "\n";
    }
    var_dump($producer->flush(10000));
    $handle->produce(0, 0, 'second');
    var_dump($producer->flush(10000), $producer->getOutQLen());
}
?>
--EXPECT--
7 from the callback, about first
int(0)
delivered second
int(0)
int(0)
7 from the callback, about first
int(0)
delivered second
int(0)
int(0)
