<?php
/** A handle for one topic; see newTopic(). */

namespace RdKafka;

abstract class Topic
{
    public function getName(): string {}
}
