#include "kafka_fixture.hpp"

#include <leat/connectors/discarding_sink.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

TEST_CASE("a sink that discards takes all of every batch, and everything it took counts as delivered") {
  discarding_sink sink;
  const auto writer = sink.make_writer(0, 1, [] {});
  const auto in = lines_batch({"one", "two", "three"});
  CHECK(writer->write(*in, 0) == 3);
  CHECK(writer->write(*in, 2) == 1);
  CHECK(writer->mark() == 1);
  CHECK(writer->mark() == 2);
  CHECK(writer->delivered() == 2);
  CHECK(writer->rejected() == 0); // they were counted where they were rejected
}
