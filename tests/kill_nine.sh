#!/usr/bin/env bash
# kill -9 of the broker in the middle of producing, 50 times: nothing acknowledged may be missing.
set -euo pipefail
. "$(dirname "$0")/tap.sh.inc"
run_php -d extension=posix.so "$(dirname "$0")/kill_nine/kill_nine.php" "$RDKAFKA_BROKER_BIN" "$work/data" "${ROUNDS:-50}"
