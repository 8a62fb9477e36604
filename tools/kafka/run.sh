#!/usr/bin/env bash
# run.sh [PORT [TOPIC...]]: a Kafka broker for trying things, on loopback, until it is ended. The topics are created, with four
# partitions; its data stays in build/kafka/local. Tests and benchmarks start brokers of their own.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
home=${LEAT_SERVER_DATA:-$root/build/kafka/local}
libs=$root/build/kafka/libs
port=${1:-9092}
shift $(($# > 0 ? 1 : 0))

if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65534)); then
  echo "tools/kafka/run.sh: PORT is a number from 1 to 65534, the next port is the broker's too; not '$port'" >&2
  exit 2
fi
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
for taken in "$port" $((port + 1)); do
  if answers "$taken"; then
    echo "tools/kafka/run.sh: somebody listens on 127.0.0.1:$taken already; give another port" >&2
    exit 1
  fi
done

"$here/install.sh"
mkdir -p "$home"
cat >"$home/server.properties" <<TEXT
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
log.dirs=$home/data
num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
TEXT

kafka() { java -cp "$libs/*" "$@" >>"$home/broker.log" 2>&1; }

# fail WHAT: with the end of the log.
fail() {
  echo "tools/kafka/run.sh: $1; the end of $home/broker.log:" >&2
  tail -n 15 "$home/broker.log" >&2
  exit 1
}

: >"$home/broker.log"
if [[ ! -e $home/data/meta.properties ]]; then
  kafka kafka.tools.StorageTool format -t TGVhdExvY2FsQ2x1c3RlMQ -c "$home/server.properties" ||
    fail "the folder for its data cannot be prepared"
fi
java -Xmx1g -cp "$libs/*" kafka.Kafka "$home/server.properties" >>"$home/broker.log" 2>&1 &
broker=$!
trap 'kill "$broker" 2>/dev/null; wait "$broker" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
until answers "$port"; do
  kill -0 "$broker" 2>/dev/null || fail "the broker has ended"
  sleep 0.2
done
for topic in "$@"; do
  kafka org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" --create --if-not-exists \
    --topic "$topic" --partitions 4 || fail "topic $topic cannot be created"
done
cat >&2 <<TEXT
a broker on 127.0.0.1:$port, until Ctrl-C${*:+; topics: $*}. To write records, a line each, and to read them:
  build/release/apps/leat produce ${1:-TOPIC} --brokers 127.0.0.1:$port
  build/release/apps/leat consume ${1:-TOPIC} --follow --brokers 127.0.0.1:$port
(./dev build leat makes that program; docs/tools.md has what else it does)
TEXT
wait "$broker" || fail "the broker has ended"
