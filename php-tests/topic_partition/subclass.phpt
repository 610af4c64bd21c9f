--TEST--
A subclass of TopicPartition is taken where one is wanted
--FILE--
<?php
require __DIR__ . '/../_harness.php';
final class Mine extends RdKafka\TopicPartition
{
    public function __construct(string $topic, public readonly string $extra)
    {
        parent::__construct($topic, 0, 0);
    }

    public function getTopic(): string
    {
        return 'overridden, and not asked by the extension';
    }
}
$topic = test_topic();
test_produce($topic, ['a']);
$consumer = test_consumer();
$consumer->assign([new Mine($topic, 'extra')]);
echo test_consume($consumer, 1)[0]->payload, "\n";
test_partitions($consumer->getOffsetPositions([new Mine($topic, 'x')]));
?>
--EXPECT--
a
topic[0] 1 0
