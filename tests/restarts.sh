#!/usr/bin/env bash
# The broker is restarted 20 times under a producer and two consumers: all go on by themselves.
set -euo pipefail
. "$(dirname "$0")/tap.sh.inc"
run_php -d extension=posix.so "$(dirname "$0")/restarts/restarts.php" "$RDKAFKA_BROKER_BIN" "$work" "${ROUNDS:-20}"
