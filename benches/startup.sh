#!/usr/bin/env bash
# How long things take to start and stop: the broker until it is ready, PHP with the extension
# loaded, an idle connected producer until it is gone. Medians of several runs.
#
#   startup.sh RDKAFKA.SO RDKAFKA-BROKER
set -euo pipefail
exec php -n "$(dirname "$0")/startup.php" "$@"
