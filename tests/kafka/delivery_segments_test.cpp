#include <leat/connectors/kafka/delivery_segments.hpp>

#include <catch2/catch.hpp>

using namespace leat;

TEST_CASE("nothing is delivered before the first mark") {
  delivery_segments segments;
  segments.arrived(segments.sent());
  CHECK(segments.delivered() == 0);
}

TEST_CASE("a later segment does not count as delivered before an earlier one is") {
  delivery_segments segments;
  const auto first = segments.sent();
  segments.mark();
  const auto second = segments.sent();
  segments.mark();
  segments.arrived(second);
  CHECK(segments.delivered() == 0);
  segments.arrived(first);
  CHECK(segments.delivered() == 2);
}

TEST_CASE("a segment is delivered only with its last record") {
  delivery_segments segments;
  segments.arrived(segments.sent());
  const auto missing = segments.sent();
  segments.mark();
  CHECK(segments.delivered() == 0);
  segments.arrived(missing);
  CHECK(segments.delivered() == 1);
}

TEST_CASE("segments are numbered from one without gaps") {
  delivery_segments segments;
  CHECK(segments.mark() == 1);
  CHECK(segments.mark() == 2);
  CHECK(segments.sent() == 3);
  CHECK(segments.delivered() == 2);
}
