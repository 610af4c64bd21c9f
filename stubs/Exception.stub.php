<?php
/** Thrown by the extension; the code is an RD_KAFKA_RESP_ERR_* or RD_KAFKA_CONF_* constant. */

namespace RdKafka;

class Exception extends \Exception
{
}
