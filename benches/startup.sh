#!/usr/bin/env bash
# How long things take to start and stop: the broker until it is ready, also after kill -9 with a log of BENCH_KILLED_MB
# (1024) or with BENCH_KILLED_PARTITIONS (10000), PHP with the extension loaded, an idle connected producer until it is
# gone. Medians of several runs. And what the idle broker has in memory.
#
#   startup.sh RDKAFKA.SO RDKAFKA-BROKER
set -euo pipefail
exec php -n "$(dirname "$0")/startup.php" "$@"
