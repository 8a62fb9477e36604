#!/bin/sh
# Fetches the jars of Apache Kafka, for tests and benchmarks, into build/kafka/libs. Does nothing when they are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
libs=$root/build/kafka/libs

# The stamp holds the POM the jars were copied for, so that a changed version fetches again.
if [ -f "$libs/.pom" ] && cmp -s "$here/pom.xml" "$libs/.pom" && command -v java >/dev/null; then
  exit 0
fi

if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
  echo "tools/kafka/install.sh: needs java and mvn: ./dev setup test installs them and then comes here" >&2
  exit 1
fi

echo "fetching the jars of Apache Kafka into build/kafka/libs" >&2
mkdir -p "$root/build/kafka"
rm -rf "$libs.new"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$libs.new"
cp "$here/pom.xml" "$libs.new/.pom"
rm -rf "$libs"
mv "$libs.new" "$libs"
