--TEST--
Reflection, constants, error table and configuration defaults are php-rdkafka's
--FILE--
<?php
require __DIR__ . '/../_reflect.php';
$expected = file(__DIR__ . '/api.txt', FILE_IGNORE_NEW_LINES);
$actual = reflect_extension();
foreach (array_diff($expected, $actual) as $line) {
    echo "missing: $line\n";
}
foreach (array_diff($actual, $expected) as $line) {
    echo "unexpected: $line\n";
}
echo $actual === $expected ? "equal\n" : "different\n";
--EXPECT--
equal
