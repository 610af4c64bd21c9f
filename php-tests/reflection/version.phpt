--TEST--
The version satisfies Composer's ext-rdkafka ^6.0, and librdkafka's level is 2.x
--FILE--
<?php
var_dump(version_compare(phpversion('rdkafka'), '6.0.0', '>='), version_compare(phpversion('rdkafka'), '7.0', '<'));
var_dump(RD_KAFKA_VERSION >> 24, RD_KAFKA_VERSION === RD_KAFKA_BUILD_VERSION);
--EXPECT--
bool(true)
bool(true)
int(2)
bool(true)
