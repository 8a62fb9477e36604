#!/usr/bin/env bash
# run.sh [PORT]: a PostgreSQL server for trying things, on loopback, until it is ended. The role `leat` needs no password and may do
# everything; its database is `shop`. Its data stays in build/postgres/local. Tests and benchmarks start servers of their own.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
home=${LEAT_SERVER_DATA:-$root/build/postgres/local}
port=${1:-5432}

if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
  echo "tools/postgres/run.sh: PORT is a number from 1 to 65535, not '$port'" >&2
  exit 2
fi
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  echo "tools/postgres/run.sh: somebody listens on 127.0.0.1:$port already; give another port" >&2
  exit 1
fi
programs=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
if [[ -z $programs ]]; then
  echo "tools/postgres/run.sh: no PostgreSQL in /usr/lib/postgresql; ./dev setup test installs it" >&2
  exit 1
fi

# The server refuses to run as root.
as_user=()
if ((EUID == 0)); then as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
mkdir -p "$home"
if ((EUID == 0)); then chown postgres:postgres "$home"; fi
cd "$home" # so that it may look where it is

# fail WHAT: with the end of the log.
fail() {
  echo "tools/postgres/run.sh: $1; the end of $home/server.log:" >&2
  tail -n 15 "$home/server.log" >&2
  exit 1
}

: >"$home/server.log"
if [[ ! -e $home/data/PG_VERSION ]]; then
  "${as_user[@]}" "$programs/initdb" --pgdata "$home/data" --username=leat --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    >>"$home/server.log" 2>&1 || fail "the folder for its data cannot be prepared"
fi
"${as_user[@]}" "$programs/postgres" -D "$home/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  >>"$home/server.log" 2>&1 &
server=$!
trap 'kill -INT "$server" 2>/dev/null; wait "$server" 2>/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
as_leat=(-h 127.0.0.1 -p "$port" -U leat)
until "$programs/pg_isready" -q "${as_leat[@]}"; do
  kill -0 "$server" 2>/dev/null || fail "the server has ended"
  sleep 0.1
done
exists=$("$programs/psql" "${as_leat[@]}" -d postgres -Atc "SELECT 1 FROM pg_database WHERE datname = 'shop'")
if [[ -z $exists ]]; then "$programs/createdb" "${as_leat[@]}" shop || fail "the database shop cannot be made"; fi
echo "a server on 127.0.0.1:$port, until Ctrl-C: postgres.connection is postgresql://leat@127.0.0.1:$port/shop" >&2
wait "$server" || fail "the server has ended"
