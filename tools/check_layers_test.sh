#!/usr/bin/env bash
# Seeds one violation at a time into a small tree and looks whether check_layers.sh finds it and says why.
# shellcheck source=tools/check_test_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_test_frame.sh"

# A tree in which every include is as it should be.
plant_clean_tree() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/{base,messages,operators,persistence,connectors/formats,connectors/kafka,actors,pipeline,apps,tests}
  seed base/time.hpp '<chrono>'
  seed messages/batch.hpp '<leat/base/time.hpp>'
  seed operators/filter.hpp '<leat/messages/batch.hpp>'
  seed connectors/kafka.hpp '<leat/messages/batch.hpp>'
  seed connectors/kafka/client.hpp '<librdkafka/rdkafka.h>'
  seed connectors/formats/json.cpp '<simdjson.h>'
  seed connectors/formats/parser.hpp '<simdjson.h>'
  seed actors/caf.hpp '<caf/all.hpp>'
  seed actors/shard.hpp '<leat/actors/caf.hpp>'
  seed pipeline/job.hpp '<leat/actors/graph.hpp>'
  seed actors/graph.hpp '<leat/operators/filter.hpp>'
  seed leat.hpp '<leat/pipeline/job.hpp>'
  seed testing.hpp '<leat/leat.hpp>'
  seed apps/main.cpp '<leat/leat.hpp>'
  seed tests/anything.cpp '<leat/actors/caf.hpp>'
}

# seed FILE HEADER: FILE includes HEADER, given with its brackets or quotes.
seed() {
  printf '#include %s\n' "$2" >>"$tree/$1"
}

# expect_fault NAME TEXT FILE HEADER: the include is refused in words that contain TEXT.
expect_fault() {
  plant_clean_tree
  seed "$3" "$4"
  expect_refusal check_layers.sh "$1" "$2"
}

plant_clean_tree
expect_clean check_layers.sh "includes that point down pass"
expect_fault "an include that points up is refused" "base lies below actors" base/time.hpp '<leat/actors/shard.hpp>'
expect_fault "indented includes count" "base lies below actors" base/time.hpp '  <leat/actors/shard.hpp>'
expect_fault "sources are looked at too" "connectors lies below pipeline" connectors/formats/json.cpp '<leat/pipeline/job.hpp>'
expect_fault "layers of one rank keep apart" "operators and persistence may not depend" operators/filter.hpp '<leat/persistence/store.hpp>'
expect_fault "a format knows no connector" "formats serve every connector" connectors/formats/json.cpp '<leat/connectors/kafka/client.hpp>'
expect_fault "no layer depends on tests" "tests is no layer" pipeline/job.hpp '<leat/tests/support/fake.hpp>'
expect_fault "only the applications include all of Leat" "pipeline lies below leat.hpp" pipeline/job.hpp '<leat/leat.hpp>'
expect_fault "quotes do not hide an include" "instead of an include in quotes" operators/filter.hpp '"../actors/shard.hpp"'
expect_fault "CAF has one door" "include <leat/actors/caf.hpp>" actors/shard.hpp '<caf/event_based_actor.hpp>'
expect_fault "libpqxx stays with its connector" "belongs in connectors/postgres/" pipeline/job.hpp '<pqxx/pqxx>'
expect_fault "librdkafka stays with its connector" "belongs in connectors/kafka/" pipeline/job.hpp '<librdkafka/rdkafka.h>'
expect_fault "no program calls librdkafka by way of the connector" \
  "apps/main.cpp: reaches librdkafka (apps/main.cpp > connectors/kafka/client.hpp): only connectors/kafka/ may" \
  apps/main.cpp '<leat/connectors/kafka/client.hpp>'
expect_fault "LMDB stays in persistence" "belongs in persistence/" operators/filter.hpp '<lmdb.h>'
expect_fault "simdjson stays with the formats" "belongs in connectors/formats/" connectors/kafka/client.hpp '<simdjson.h>'
expect_fault "a parser is no matter of a header" "yaml-cpp belongs in .cpp files" pipeline/job.hpp '<yaml-cpp/yaml.h>'
expect_fault "a logger is no matter of a header" "spdlog belongs in .cpp files" actors/shard.hpp '<spdlog/spdlog.h>'
expect_fault "users never compile CAF" "leat.hpp: reaches CAF (leat.hpp > pipeline/job.hpp > actors/graph.hpp > actors/caf.hpp)" \
  actors/graph.hpp '<leat/actors/caf.hpp>'
expect_fault "users never compile librdkafka" "connectors/kafka.hpp: reaches librdkafka" \
  connectors/kafka.hpp '<leat/connectors/kafka/client.hpp>'
expect_fault "users never compile a parser" "leat.hpp: reaches simdjson" leat.hpp '<leat/connectors/formats/parser.hpp>'
expect_fault "tests of users compile no parser either" "testing.hpp: reaches simdjson" testing.hpp '<leat/connectors/formats/parser.hpp>'

finish_test "check_layers.sh finds all seeded violations"
