<?php
/** A handle for one topic; see newTopic(). */

namespace RdKafka;

abstract class Topic
{
    /** The topic's name. */
    public function getName(): string {}
}
