#!/bin/sh
# Fetches what the tests need of Apache Kafka: a Java runtime, Maven and the broker's jars in build/kafka/libs.
# Does nothing when they are there. Needs root or sudo only when a package is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
libs=$root/build/kafka/libs

# The stamp holds the POM the jars were copied for, so that a changed version fetches again.
if [ -f "$libs/.pom" ] && cmp -s "$here/pom.xml" "$libs/.pom" && command -v java >/dev/null; then
  exit 0
fi

missing=
command -v java >/dev/null || missing="$missing default-jdk-headless"
command -v mvn >/dev/null || missing="$missing maven"
if [ -n "$missing" ]; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  echo "installing$missing" >&2
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  # shellcheck disable=SC2086 # a list of packages
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

echo "fetching the jars of Apache Kafka into build/kafka/libs" >&2
mkdir -p "$root/build/kafka"
rm -rf "$libs.new"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$libs.new"
cp "$here/pom.xml" "$libs.new/.pom"
rm -rf "$libs"
mv "$libs.new" "$libs"
