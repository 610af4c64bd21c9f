<?php
PreloadedProducer::send($_GET['brokers'], $_GET['topic'], $_GET['payload']);
echo 'preloaded';
