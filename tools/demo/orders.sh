#!/usr/bin/env bash
# orders.sh [--brokers HOST:PORT] [--postgres CONNECTION] [--events N] [--invalid PERCENT]: orders-pipeline on a broker and a database of
# its own, or on those that are named; killed once in the middle, and what it has written at the end. On servers that were named, topics
# and tables stay, whose names begin with orders-demo; all else is in build/orders-demo-PID and goes at the end, unless it fails.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
program=$root/build/release/apps/orders-pipeline
brokers="" connection="" events=100000 invalid=5
while (($#)); do
  case $1 in
    --brokers) brokers=${2:?--brokers wants HOST:PORT} ;;
    --postgres) connection=${2:?--postgres wants a connection, such as postgresql://me@localhost/shop} ;;
    --events) events=${2:?--events wants a number} ;;
    --invalid) invalid=${2:?--invalid wants percent} ;;
    *)
      echo "./dev demo orders knows --brokers HOST:PORT, --postgres CONNECTION, --events N and --invalid PERCENT, not $1" >&2
      exit 2
      ;;
  esac
  shift 2
done

work=$root/build/orders-demo-$$
mkdir -p "$work"
children=()
end() {
  local code=$?
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if ((code == 0)); then rm -rf "$work"; fi
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '\n== %s\n' "$*"; }
free_port() { # two in a row
  local port
  while port=$((20000 + RANDOM)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; do :; done
  echo "$port"
}

# begin NAME LINE COMMAND...: in the background, until its log has the line.
begin() {
  local name=$1 line=$2 log=$work/$1.log
  shift 2
  "$@" >"$log" 2>&1 &
  children+=($!)
  until grep -qs "$line" "$log"; do
    if ! kill -0 "${children[-1]}" 2>/dev/null; then
      echo "./dev demo orders: the $name did not start:" >&2
      tail -n 15 "$log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

prefix=orders-demo-$(date +%s)
table=${prefix//-/_}
if [[ -z $brokers ]]; then
  port=$(free_port)
  LEAT_SERVER_DATA=$work/kafka begin broker "a broker on" "$root/tools/kafka/run.sh" "$port"
  brokers=127.0.0.1:$port
fi
if [[ -z $connection ]]; then
  port=$(free_port)
  LEAT_SERVER_DATA=$work/postgres begin database "a server on" "$root/tools/postgres/run.sh" "$port"
  connection=postgresql://leat@127.0.0.1:$port/shop
fi
sql() { psql "$connection" -v ON_ERROR_STOP=1 "$@"; }
sed "s/\borders\b/$table/g; s/orders_by_customer/${table}_by_customer/" \
  "$root/apps/orders_pipeline/orders.sql" | sql -q
begin customers "customers at" "$program" customers --port 0
service=$(sed -n 's|^customers at \(.*\)/customers/ID.*|\1|p' "$work/customers.log")

settings=(--brokers "$brokers" --set "topics.input=$prefix" --set "topics.metrics=$prefix-metrics"
  --set "topics.aggregates=$prefix-aggregates" --set "topics.alerts=$prefix-alerts" --set "orders.table=$table"
  --set "postgres.connection=$connection" --set "customers.url=$service" --set "checkpoints.directory=$work/state")
rows() { sql -Atc "SELECT count(*) FROM $table"; }

say "$events events, $invalid % of them wrong"
"$program" generate "${settings[@]}" --events "$events" --invalid "$invalid" --set generate.create-topics=true | tee "$work/generated"
orders=$(sed -n 's/.* of \([0-9]*\) orders.*/\1/p' "$work/generated")

say "orders-pipeline, killed with kill -9 when it has written a quarter"
"$program" "${settings[@]}" >"$work/killed.log" 2>&1 &
killed=$!
children+=("$killed")
while written=$(rows) && ((written < orders / 4)); do
  if ! kill -0 "$killed" 2>/dev/null; then
    echo "./dev demo orders: the pipeline has ended by itself:" >&2
    tail -n 15 "$work/killed.log" >&2
    exit 1
  fi
  sleep 0.05
done
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
unset 'children[-1]'
echo "killed with $(rows) rows in table $table"

say "orders-pipeline again, to the end of the topic"
"$program" "${settings[@]}" --bounded &
children+=($!)
wait "${children[-1]}"
unset 'children[-1]'

say "what it has written"
sql -P pager=off -c "SELECT status, count(*) AS orders, sum(total_amount) AS total, count(customer_name) AS enriched FROM $table GROUP BY status ORDER BY 2 DESC"
"$program" report "${settings[@]}"
written=$(rows)
if ((written == orders)); then
  printf '\nall %s orders are in table %s, each once\n' "$orders" "$table"
else
  printf '\n%s rows in table %s, but there are %s orders\n' "$written" "$table" "$orders" >&2
  exit 1
fi
