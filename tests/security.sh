#!/usr/bin/env bash
# The broker's TLS and SASL listeners as kcat (librdkafka) and openssl meet them.
set -u
# shellcheck source=tests/tap.sh.inc
. "$(dirname "$0")/tap.sh.inc"

certs=$work/certs
mkdir "$certs"
# certificate NAME EXTENSIONS: a key and a certificate that ca.pem signed; NAME.store.pem holds both.
certificate() {
    openssl req -new -newkey rsa:2048 -nodes -keyout "$certs/$1.key" -out "$certs/$1.csr" -subj "/CN=$1"
    openssl x509 -req -in "$certs/$1.csr" -CA "$certs/ca.pem" -CAkey "$certs/ca.key" -CAcreateserial -days 2 \
        -out "$certs/$1.pem" -extfile <(printf '%s\n' "$2")
    cat "$certs/$1.key" "$certs/$1.pem" >"$certs/$1.store.pem"
}
{
    for name in ca other-ca; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$certs/$name.key" -out "$certs/$name.pem" -subj "/CN=$name"
    done
    certificate server 'subjectAltName=DNS:localhost,IP:127.0.0.1'
    certificate client 'extendedKeyUsage=clientAuth'
    openssl pkcs12 -export -in "$certs/server.pem" -inkey "$certs/server.key" -name server \
        -out "$certs/server.p12" -passout pass:store-secret
    openssl pkcs8 -topk8 -in "$certs/server.key" -out "$certs/server.encrypted.key" -passout pass:key-secret
    cat "$certs/server.encrypted.key" "$certs/server.pem" >"$certs/server.encrypted.pem"
    printf '\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x00' >"$certs/server.jks"
} >"$work/certs.log" 2>&1 || { cat "$work/certs.log"; exit 1; }

plain='org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="plain-secret";'
cat >"$work/server.properties" <<PROPERTIES
listeners=TLS://127.0.0.1:0,MUTUAL://127.0.0.1:0,NEW://127.0.0.1:0,SASL://127.0.0.1:0,BOTH://127.0.0.1:0
listener.security.protocol.map=TLS:SSL,MUTUAL:SSL,NEW:SSL,SASL:SASL_PLAINTEXT,BOTH:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=$certs/server.store.pem
listener.name.mutual.ssl.keystore.type=PKCS12
listener.name.mutual.ssl.keystore.location=$certs/server.p12
listener.name.mutual.ssl.keystore.password=store-secret
listener.name.mutual.ssl.truststore.type=PEM
listener.name.mutual.ssl.truststore.location=$certs/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.new.ssl.keystore.location=$certs/server.encrypted.pem
listener.name.new.ssl.key.password=key-secret
listener.name.new.ssl.enabled.protocols=TLSv1.3
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.sasl.plain.sasl.jaas.config=$plain
listener.name.both.plain.sasl.jaas.config=$plain
connection.failed.authentication.delay.ms=10
PROPERTIES

# --- users, before the broker runs
users() { "$RDKAFKA_BROKER_BIN" users "$@" --data-dir "$work/data"; }
same 'users add stores a user' 'User bob has a password now.' "$(users add bob --password scram-secret)"
echo gone | users add carol >/dev/null
same 'users list shows mechanisms' $'bob\tSCRAM-SHA-256\nbob\tSCRAM-SHA-512\ncarol\tSCRAM-SHA-256\ncarol\tSCRAM-SHA-512' "$(users list)"
same 'users remove removes' 'User carol is removed.' "$(users remove carol)"
check 'no password is stored as it is' bash -c "! grep -rq scram-secret '$work/data'"

"$RDKAFKA_BROKER_BIN" serve --config "$work/server.properties" --data-dir "$work/data" \
    >"$work/broker.out" 2>"$work/broker.err" &
broker_pid=$!
for _ in $(seq 200); do
    grep -q '^rdkafka-broker ready' "$work/broker.out" && break
    kill -0 "$broker_pid" 2>/dev/null || break
    sleep 0.05
done
mapfile -t addresses < <(grep -o 'addresses=.*' "$work/broker.err" | grep -o '127.0.0.1:[0-9]*')
[ "${#addresses[@]}" = 5 ] || { cat "$work/broker.err"; echo 'not ok - the broker listens five times'; exit 1; }
tls=${addresses[0]} mutual=${addresses[1]} new=${addresses[2]} sasl=${addresses[3]} both=${addresses[4]}

trust=(-X security.protocol=SSL -X ssl.ca.location="$certs/ca.pem")
key=(-X ssl.certificate.location="$certs/client.pem" -X ssl.key.location="$certs/client.key")
as() { printf -- '-X\nsasl.mechanisms=%s\n-X\nsasl.username=%s\n-X\nsasl.password=%s\n' "$@"; }

number=0
# round_trip ADDRESS OPTION...: what kcat sends is what kcat reads.
round_trip() {
    local address=$1 topic
    shift
    number=$((number + 1))
    topic=round-$number
    seq 100 | timeout 20 kcat -P -b "$address" -t "$topic" "$@" || return 1
    diff <(seq 100) <(timeout 20 kcat -C -b "$address" -t "$topic" -e -q "$@")
}
# refused WORD ADDRESS OPTION...: no metadata; kcat or the broker says why.
refused() {
    local word=$1 address=$2
    shift 2
    ! timeout 20 kcat -L -m 2 -b "$address" "$@" >"$work/refused" 2>&1 || { echo 'it was let in'; return 1; }
    grep -qi -- "$word" "$work/refused" || { cat "$work/refused"; return 1; }
}

check 'TLS: kcat produces and consumes' round_trip "$tls" "${trust[@]}"
check 'TLS: a client that does not trust the CA stays out' refused 'certificate' "$tls" -X security.protocol=SSL -X ssl.ca.location="$certs/other-ca.pem"
check 'TLS: plaintext is answered by an end, not by silence' refused '.' "$tls" -X security.protocol=PLAINTEXT
check 'mutual TLS, PKCS#12 keystore: who shows a certificate comes in' round_trip "$mutual" "${trust[@]}" "${key[@]}"
check 'mutual TLS: who shows none stays out' refused '.' "$mutual" "${trust[@]}"
check 'TLS 1.3 only, encrypted PKCS#8 key: kcat produces and consumes' round_trip "$new" "${trust[@]}"

hello() { openssl s_client -connect "$1" -CAfile "$certs/ca.pem" -verify_return_error "${@:2}" </dev/null 2>&1; }
same 'openssl speaks TLS 1.2 with it' 'TLSv1.2' "$(hello "$tls" -tls1_2 | sed -n 's/^ *Protocol *: //p' | head -1)"
check 'openssl speaks TLS 1.3 with it, and the chain is right' grep -q 'Verify return code: 0 (ok)' <(hello "$tls" -tls1_3)
check 'ssl.enabled.protocols=TLSv1.3 refuses TLS 1.2' grep -qi 'alert protocol version' <(hello "$new" -tls1_2)
check 'TLS 1.1 is refused' grep -q 'no peer certificate available' <(hello "$tls" -tls1_1 -cipher 'DEFAULT@SECLEVEL=0')

for protocol in SASL_PLAINTEXT SASL_SSL; do
    at=$sasl options=(-X security.protocol=$protocol)
    [ $protocol = SASL_PLAINTEXT ] || { at=$both; options+=(-X ssl.ca.location="$certs/ca.pem"); }
    for login in 'PLAIN alice plain-secret' 'SCRAM-SHA-256 bob scram-secret' 'SCRAM-SHA-512 bob scram-secret'; do
        read -r mechanism name password <<<"$login"
        mapfile -t good < <(as "$mechanism" "$name" "$password")
        mapfile -t bad < <(as "$mechanism" "$name" wrong)
        check "$protocol $mechanism: kcat produces and consumes" round_trip "$at" "${options[@]}" "${good[@]}"
        check "$protocol $mechanism: a wrong password is an authentication failure" \
            refused 'authentication' "$at" "${options[@]}" "${bad[@]}"
    done
    check "$protocol OAUTHBEARER: kcat produces and consumes with an unsecured token" round_trip "$at" "${options[@]}" \
        -X sasl.mechanisms=OAUTHBEARER -X enable.sasl.oauthbearer.unsecure.jwt=true -X sasl.oauthbearer.config='principal=alice'
done
check 'SASL: a client that does not say who it is stays out' refused '.' "$sasl" -X security.protocol=PLAINTEXT
mapfile -t removed < <(as SCRAM-SHA-256 carol gone)
check 'SASL: a removed user stays out' refused 'authentication' "$sasl" -X security.protocol=SASL_PLAINTEXT "${removed[@]}"
check 'the broker stops well' stop_broker

# --- settings that cannot work are said at the start
# says WORD PROPERTY...: the broker does not start, and why.
says() {
    local word=$1 property arguments=()
    shift
    for property in "$@"; do arguments+=(--set "$property"); done
    ! timeout 20 "$RDKAFKA_BROKER_BIN" serve --ephemeral --set listeners=SSL://127.0.0.1:0 "${arguments[@]}" >"$work/says" 2>&1 ||
        { echo 'it started'; return 1; }
    grep -q -- "$word" "$work/says" || { cat "$work/says"; return 1; }
}
check 'a JKS keystore is refused with the way out' says 'PKCS12' ssl.keystore.type=JKS "ssl.keystore.location=$certs/server.jks"
check 'a missing keystore is named' says "$certs/none.pem" ssl.keystore.type=PEM "ssl.keystore.location=$certs/none.pem"
check 'a wrong password of a PKCS#12 keystore is said' says 'password' ssl.keystore.type=PKCS12 \
    "ssl.keystore.location=$certs/server.p12" ssl.keystore.password=wrong
check 'a wrong password of an encrypted key is said' says 'password' ssl.keystore.type=PEM \
    "ssl.keystore.location=$certs/server.encrypted.pem" ssl.key.password=wrong
check 'a protocol that is too old is named' says 'TLSv1.1' ssl.keystore.type=PEM \
    "ssl.keystore.location=$certs/server.store.pem" ssl.enabled.protocols=TLSv1.1

exit $((failures > 0))
