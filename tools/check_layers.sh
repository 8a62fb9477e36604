#!/usr/bin/env bash
# Refuses an include that points up the list of layers, or sideways between layers of one rank:
#   base < messages < operators, persistence, connectors < actors < pipeline < leat.hpp < testing.hpp < apps
# and a third-party header where it does not belong: CAF comes in through actors/caf.hpp only, librdkafka stays in
# connectors/kafka/, libpqxx in connectors/postgres/, LMDB in persistence/, simdjson in connectors/formats/ and .cpp files, other parsers and the logger in .cpp files. What
# users include (leat.hpp, testing.hpp and connectors/*.hpp) may not even reach one of these by way of other headers, and nobody outside
# connectors/kafka/ may reach librdkafka.
# tests/ and bench/ may include everything.
#
# Usage: tools/check_layers.sh [ROOT]      prints file:line: what is wrong; exit code 1 when there is anything
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

layers=()
for folder in base messages operators persistence connectors actors pipeline apps; do
  if [[ -d $folder ]]; then layers+=("$folder"); fi
done
for header in leat.hpp testing.hpp; do
  if [[ -f $header ]]; then layers+=("$header"); fi
done

# shellcheck disable=SC2016 # the program in quotes is for awk
find "${layers[@]}" -type f \( -name '*.hpp' -o -name '*.cpp' \) -print0 | sort -z | xargs -0 awk '
  BEGIN {
    rank["base"] = 0; rank["messages"] = 1
    rank["operators"] = rank["persistence"] = rank["connectors"] = 2
    rank["actors"] = 3; rank["pipeline"] = 4; rank["leat.hpp"] = 5; rank["testing.hpp"] = 6; rank["apps"] = 7
  }

  function layer_of(path) { sub(/\/.*/, "", path); return path }

  function fault(why) { print FILENAME ":" FNR ": " why; faults++ }

  # The third-party library a header belongs to, if this script has a rule about it.
  function library_of(header) {
    if (header ~ /^caf\//) return "CAF"
    if (header ~ /^librdkafka\//) return "librdkafka"
    if (header ~ /^pqxx\//) return "libpqxx"
    if (header ~ /^curl\//) return "libcurl"
    if (header ~ /^lmdb\.h/) return "LMDB"
    if (header ~ /^boost\/(asio|beast)/) return "Asio"
    if (header ~ /^yaml-cpp\//) return "yaml-cpp"
    if (header ~ /^CLI\//) return "CLI11"
    if (header ~ /^spdlog\//) return "spdlog"
    if (header ~ /^simdjson/) return "simdjson"
    return ""
  }

  function check_layer(path,    from, to) {
    from = layer_of(FILENAME); to = layer_of(path)
    if (!(to in rank)) fault("includes <leat/" path ">, but " to " is no layer that others may depend on")
    else if (rank[to] > rank[from]) fault("includes <leat/" path ">: " from " lies below " to " and may not depend on it")
    else if (rank[to] == rank[from] && to != from) fault("includes <leat/" path ">: " from " and " to " may not depend on each other")
    else if (FILENAME ~ /^connectors\/formats\// && path ~ /^connectors\/[^\/]+\// && path !~ /^connectors\/formats\//)
      fault("includes <leat/" path ">: formats serve every connector and may depend on none")
  }

  function check_library(library, header) {
    if (library == "CAF" && FILENAME != "actors/caf.hpp") fault("includes <" header ">: include <leat/actors/caf.hpp>, the only place that knows the version of CAF")
    else if (library == "librdkafka" && FILENAME !~ /^connectors\/kafka\//) fault("includes <" header ">: librdkafka belongs in connectors/kafka/")
    else if (library == "libpqxx" && FILENAME !~ /^connectors\/postgres\//) fault("includes <" header ">: libpqxx belongs in connectors/postgres/")
    else if (library == "LMDB" && FILENAME !~ /^persistence\//) fault("includes <" header ">: LMDB belongs in persistence/")
    else if (library == "simdjson" && FILENAME ~ /\.hpp$/ && FILENAME !~ /^connectors\/formats\//) fault("includes <" header ">: simdjson belongs in connectors/formats/")
    else if (FILENAME ~ /\.hpp$/ && library !~ /^(CAF|librdkafka|libpqxx|LMDB|simdjson)$/) fault("includes <" header ">: " library " belongs in .cpp files")
  }

  /^[ \t]*#[ \t]*include[ \t]*"/ { fault("write #include <leat/folder/file.hpp> instead of an include in quotes"); next }

  /^[ \t]*#[ \t]*include[ \t]*</ {
    header = $0
    sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
    library = library_of(header)
    if (header ~ /^leat\//) {
      path = substr(header, 6)
      includes[FILENAME] = includes[FILENAME] " " path
      check_layer(path)
    } else if (library != "") {
      check_library(library, header)
      if (!(FILENAME in hidden)) hidden[FILENAME] = library
      if (library == "librdkafka") kafka[FILENAME] = library
    }
  }

  FNR == 1 && FILENAME !~ /^connectors\/kafka\// { outside_kafka[FILENAME] }

  FNR == 1 && FILENAME ~ /^(leat|testing|connectors\/[^\/]+)\.hpp$/ { public_headers[FILENAME] }

  # Follows the includes of one file, breadth first, to the first header that includes one of the libraries in `by_file`.
  function check_reach(start, by_file, why,    queue, head, tail, seen, came_by, file, next_files, n, i, way) {
    queue[tail++] = start; seen[start]; came_by[start] = ""
    while (head < tail) {
      file = queue[head++]
      if (file in by_file) {
        way = file
        for (i = came_by[file]; i != ""; i = came_by[i]) way = i " > " way
        print start ": reaches " by_file[file] " (" way "): " why
        faults++
        return
      }
      n = split(includes[file], next_files, " ")
      for (i = 1; i <= n; i++)
        if (!(next_files[i] in seen)) { seen[next_files[i]]; came_by[next_files[i]] = file; queue[tail++] = next_files[i] }
    }
  }

  END {
    for (file in outside_kafka)
      if (file in public_headers) check_reach(file, hidden, "what users include may not")
      else check_reach(file, kafka, "only connectors/kafka/ may")
    exit faults > 0
  }
' || exit 1
