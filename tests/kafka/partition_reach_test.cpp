#include <leat/connectors/kafka/partition_reach.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace leat;

namespace {

/// Statistics of two brokers, the first of which leads t/0, the second t/1; ages in milliseconds.
std::string statistics(std::string_view state, int age, int silence) {
  return fmt::format(
    R"({{"brokers": {{
      "a:1/1": {{"nodeid": 1, "state": "{}", "stateage": {}, "rxidle": {}}},
      "b:1/2": {{"nodeid": 2, "state": "UP", "stateage": 9000000, "rxidle": 1000}},
      "b:1/bootstrap": {{"nodeid": -1, "state": "INIT", "stateage": 0, "rxidle": -1}}}},
    "topics": {{"t": {{"partitions": {{
      "0": {{"partition": 0, "broker": 1}}, "1": {{"partition": 1, "broker": 2}},
      "-1": {{"partition": -1, "broker": -1}}}}}}}}}})",
    state, age * 1000, silence * 1000);
}

constexpr partition_reach::clock::time_point start{std::chrono::hours{1}};

bool first_in_reach(const std::string& told) {
  partition_reach reach;
  reach.update(told, start);
  CHECK(reach.in_reach({"t", 1}, start)); // one broker does not speak for another
  return reach.in_reach({"t", 0}, start);
}

} // namespace

TEST_CASE("a partition is in reach when the broker that serves it answers") {
  CHECK(first_in_reach(statistics("UP", 5000, 10)));
  CHECK_FALSE(first_in_reach(statistics("TRY_CONNECT", 5000, 10)));
}

TEST_CASE("a broker that has just come back has not been asked for records yet") {
  CHECK_FALSE(first_in_reach(statistics("UP", 999, 10)));
  CHECK(first_in_reach(statistics("UP", 1000, 10)));
}

TEST_CASE("a broker that holds its connections but says nothing is out of reach") {
  CHECK(first_in_reach(statistics("UP", 60'000, 1500)));
  CHECK_FALSE(first_in_reach(statistics("UP", 60'000, 1501)));
}

TEST_CASE("a broker's silence goes on between two statistics") {
  partition_reach reach;
  reach.update(statistics("UP", 60'000, 400), start);
  CHECK(reach.in_reach({"t", 0}, start + std::chrono::milliseconds{1100}));
  CHECK_FALSE(reach.in_reach({"t", 0}, start + std::chrono::milliseconds{1101}));
}

TEST_CASE("brokers are connected however long they have been silent, and whoever was never asked does not count") {
  partition_reach reach;
  CHECK_FALSE(reach.all_connected()); // nothing is known
  reach.update(statistics("DOWN", 5000, 10), start);
  CHECK_FALSE(reach.all_connected());
  reach.update(statistics("UP", 1, 60'000), start); // nothing was fetched: a broker says nothing then
  CHECK(reach.all_connected());
  reach.update(statistics("INIT", 5000, -1), start);
  CHECK(reach.all_connected());
}

TEST_CASE("nothing is in reach before statistics have told so, and broken ones tell nothing") {
  partition_reach reach;
  CHECK_FALSE(reach.in_reach({"t", 0}, start));
  reach.update(statistics("UP", 5000, 10), start);
  reach.update("{\"brokers\": 7}", start);
  reach.update("no JSON", start);
  CHECK(reach.in_reach({"t", 0}, start));
  CHECK_FALSE(reach.in_reach({"t", 2}, start));
}
