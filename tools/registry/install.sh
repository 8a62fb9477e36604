#!/bin/sh
# Fetches what tests with a schema registry need into build/registry: Apicurio Registry from Maven Central (server/), and Confluent's
# client for Python in an environment of its own (python/). Does nothing when they are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
home=$root/build/registry
version=2.5.11.Final
sha256=f894a17f650ec427de72cfb68edfc30f8020743269293e58372e22f67fd4fd15

for program in java mvn sha256sum python3; do
  if ! command -v "$program" >/dev/null; then
    echo "tools/registry/install.sh: needs $program: ./dev setup test installs it and then comes here" >&2
    exit 1
  fi
done
mkdir -p "$home"

if [ "$(cat "$home/server/.sha256" 2>/dev/null)" != "$sha256" ]; then
  echo "fetching Apicurio Registry $version into build/registry/server" >&2
  rm -rf "$home/server.new"
  mkdir "$home/server.new"
  mvn -q -B -C dependency:get -Dartifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all -Dtransitive=false
  mvn -q -B dependency:copy -Dartifact=io.apicurio:apicurio-registry-app:$version:tar.gz:all -DoutputDirectory="$home/server.new"
  archive=$home/server.new/apicurio-registry-app-$version-all.tar.gz
  echo "$sha256  $archive" | sha256sum --check --quiet
  tar -xzf "$archive" -C "$home/server.new"
  rm "$archive"
  mv "$home/server.new/apicurio-registry-app-$version-runner.jar" "$home/server.new/registry.jar"
  echo "$sha256" >"$home/server.new/.sha256"
  rm -rf "$home/server"
  mv "$home/server.new" "$home/server"
fi

if ! cmp -s "$here/requirements.txt" "$home/python/.requirements"; then
  echo "fetching Confluent's client for Python into build/registry/python" >&2
  rm -rf "$home/python"
  python3 -m venv "$home/python"
  "$home/python/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$home/python/.requirements"
fi
