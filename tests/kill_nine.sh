#!/usr/bin/env bash
# kill -9 of the broker in the middle of producing, 50 times, and in the middle of transactions, 20 times: nothing
# acknowledged may be missing, no transaction half there. ROUNDS and TXN_ROUNDS say otherwise; SEED=number is another life.
set -euo pipefail
. "$(dirname "$0")/tap.sh.inc"
here=$(dirname "$0")/kill_nine
run_php -d extension=posix.so "$here/kill_nine.php" "$RDKAFKA_BROKER_BIN" "$work/data" "${ROUNDS:-50}"
run_php -d extension=posix.so "$here/transactions.php" "$RDKAFKA_BROKER_BIN" "$work/transactions" "${TXN_ROUNDS:-20}"
