#!/bin/sh
# Creates, once, what a secured broker needs: an authority, the broker's key (PKCS#8) and certificate for
# WORKSHOP_HOST, and passwords. KEYS is the folder; only the workshop's own containers read it.
set -eu
cd "${KEYS:-/keys}"
umask 077

if [ ! -e ca.pem ]; then
  openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 3650 -subj "/CN=Kafka Workshop" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout ca.key -out ca.new 2>/dev/null
  mv ca.new ca.pem
fi

# A class may move to another address: the certificate is created again, the authority stays.
if [ "$(cat host 2>/dev/null || true)" != "$WORKSHOP_HOST" ]; then
  case "$WORKSHOP_HOST" in
    *[!0-9.]*) san="DNS:$WORKSHOP_HOST" ;;
    *) san="IP:$WORKSHOP_HOST" ;;
  esac
  openssl req -newkey rsa:3072 -nodes -sha256 -subj "/CN=$WORKSHOP_HOST" -keyout broker.key -out broker.csr 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$san" > broker.ext
  openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 825 -sha256 -extfile broker.ext -out broker.crt 2>/dev/null
  openssl pkcs8 -topk8 -nocrypt -in broker.key -out broker.pkcs8
  cat broker.pkcs8 broker.crt > broker.new
  mv broker.new broker.pem
  rm -f broker.key broker.pkcs8 broker.csr broker.ext
  echo "$WORKSHOP_HOST" > host
fi

for name in admin-password broker-password postgres-password; do
  [ -e $name ] || openssl rand -hex 20 > $name
done

# The administrator's login, which `leaderboard provision` reads with --env.
printf 'KAFKA_BROKERS=%s:9092\nKAFKA_USERNAME=admin\nKAFKA_PASSWORD=%s\nKAFKA_SASL=SCRAM-SHA-256\nKAFKA_CA=%s/ca.pem\n' \
  "$WORKSHOP_HOST" "$(cat admin-password)" "$PWD" > admin.env
printf 'postgres:5432:workshop:workshop:%s\n' "$(cat postgres-password)" > pgpass

# Each file is readable by the one user that needs it: 1000 is the broker's, 10001 the workshop's.
if [ "$(id -u)" = 0 ]; then
  chown 1000 broker.pem admin-password broker-password
  chown 10001 admin.env pgpass
  chmod 644 ca.pem
  chmod 711 .
fi
