#!/usr/bin/env bash
# Delegation tokens by Apache Kafka's own tool and by ours: they print the same of the same tokens, and Java's client comes
# in with one.
#
#   kafka-delegation-tokens.sh BROKERS PREFIX      PROTOCOL and PASSWORD are for alice, CA_FILE for TLS
set -uo pipefail
client='Delegation tokens'
# shellcheck source=tests/clients/lib.sh.inc
. "$(dirname "$0")/lib.sh.inc"
# shellcheck source=tests/clients/kafka-tools.sh.inc
. "$(dirname "$0")/kafka-tools.sh.inc"
export TZ=UTC
login() {
    printf 'security.protocol=%s\nsasl.mechanism=%s\n' "$PROTOCOL" "$1"
    printf 'sasl.jaas.config=org.apache.kafka.common.security.%s required username="%s" password="%s"%s;\n' "$2" "$3" "$4" "${5:-}"
    [ -z "${CA_FILE:-}" ] || printf 'ssl.truststore.type=PEM\nssl.truststore.location=%s\n' "$CA_FILE"
}
login PLAIN plain.PlainLoginModule alice "$PASSWORD" >"$work/alice"
their_tokens() { theirs $tools.DelegationTokenCommand --command-config "${config:-$work/alice}" "$@"; }
our_tokens() { ours delegation-tokens --command-config "$work/alice" "$@" 2>"$work/ours.err"; }
# Ids and HMACs are random, times pass.
shape() { sed -E 's/[A-Za-z0-9_-]{22} +[A-Za-z0-9+/]{86}==/ID HMAC/; s/tokenId : .*/tokenId : ID/; s/hmac :[^ ]*/hmac :HMAC/; s/[0-9-]{10}T[0-9:]{5}/TIME/g'; echo; }
column() { awk -v column="$1" '$2 ~ /==$/ { print $column }' "$2"; }

wanted=(--create --max-life-time-period 3600000 --renewer-principal "User:$prefix" --renewer-principal User:carol)
our_tokens "${wanted[@]}" >"$work/ours"
their_tokens "${wanted[@]}" >"$work/theirs"
same '--create prints the same' "$(shape <"$work/theirs")" "$(shape <"$work/ours")"
id=$(column 1 "$work/ours") hmac=$(column 2 "$work/ours")
same 'a token has an id and an HMAC' '22 88' "${#id} ${#hmac}"
described=(--describe --owner-principal "User:$prefix")
same '--describe prints the same' "$(their_tokens "${described[@]}" | sort)" "$(our_tokens "${described[@]}" | sort)"
for words in '--renew --renew-time-period 60000' '--expire --expiry-time-period 1800000'; do
    # shellcheck disable=SC2086
    same "$words prints the same" "$(their_tokens $words --hmac "$hmac" | shape)" "$(our_tokens $words --hmac "$hmac" | shape)"
done
same '--create for somebody else' 'User:dora User:alice' \
    "$(their_tokens --create --max-life-time-period -1 --owner-principal User:dora | awk '$2 ~ /==$/ { print $3, $4 }')"
check '--create with a renewer that is no user fails' bash -c '! "$@"' - "$RDKAFKA_BROKER_BIN" delegation-tokens \
    --bootstrap-server "$brokers" --command-config "$work/alice" --create --max-life-time-period -1 --renewer-principal Group:g

# --- the login
for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    login $mechanism scram.ScramLoginModule "$id" "$hmac" ' tokenauth="true"' >"$work/token"
    check "$mechanism: who has a token comes in" theirs $tools.TopicCommand --command-config "$work/token" --list
done
config=$work/token their_tokens --describe >"$work/refused" 2>&1
check 'and may not ask for tokens' grep -q 'Delegation Token requests are not allowed' "$work/refused"
check '--expire at once' our_tokens --expire --expiry-time-period -1 --hmac "$hmac"
# Apache Kafka forgets the token a moment later.
refused() {
    local tries
    for tries in 1 2 3 4 5; do
        theirs $tools.TopicCommand --command-config "$work/token" --list >"$work/refused" 2>&1 || break
    done
    grep -q 'SaslAuthenticationException' "$work/refused" || { echo "$tries tries"; tail -3 "$work/refused"; return 1; }
}
check 'afterwards nobody comes in with it' refused
exit "$((failures > 0))"
