#!/bin/bash
# Starts the broker of Kafka's official image with the same server.properties as deploy/kafka: the
# templates are in /etc/workshop, the keys in /keys.
set -euo pipefail

export BROKER_ID=1 BROKER_DATA=/var/lib/kafka/data BROKER_KEYSTORE=/keys/broker.pem
export BROKER_LISTEN=0.0.0.0:9092 BROKER_ADVERTISED=$WORKSHOP_HOST:9092
export BROKER_INTERNAL=127.0.0.1:19092 BROKER_CONTROLLER=127.0.0.1:19093 BROKER_VOTERS=1@127.0.0.1:19093
BROKER_PASSWORD=$(cat /keys/broker-password)
export BROKER_PASSWORD KAFKA_HEAP_OPTS="${KAFKA_HEAP_OPTS:--Xms256m -Xmx512m}"

config=$(mktemp)
cat /etc/workshop/{common,one,secure}.properties > "$config"

if [ ! -e "$BROKER_DATA/meta.properties" ]; then
  id=$(/opt/kafka/bin/kafka-storage.sh random-uuid)
  # Java reads its arguments from a file, so that the password is in no process list.
  arguments=$(mktemp)
  printf '%s\n' -cp '"/opt/kafka/libs/*"' kafka.tools.StorageTool format --cluster-id "$id" --config "$config" \
    --add-scram "\"SCRAM-SHA-256=[name=admin,password=$(cat /keys/admin-password)]\"" > "$arguments"
  java "@$arguments"
  rm -f "$arguments"
fi
exec /opt/kafka/bin/kafka-server-start.sh "$config"
